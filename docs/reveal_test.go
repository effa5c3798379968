package docs

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// revealers are the files that may take a claim or a secret out of its mask, each
// with the reason why it must. Everything else handles people without seeing them.
// A new line here is a question of privacy: think of what could print it.
func revealers() map[string]string {
	return map[string]string{
		"engine/idv/sensitive.go":                  "defines it, and makes masks",
		"engine/idv/part.go":                       "compares vendors' references with what they must not hold",
		"engine/idempotency.go":                    "hashes the canonical claims, keyed",
		"engine/idv/subject.go":                    "names what identifies a person, for keyed hashes",
		"engine/identity/subject.go":               "checks card numbers",
		"engine/identity/mobile.go":                "checks mobile numbers",
		"engine/identity/name.go":                  "checks names",
		"engine/identity/number.go":                "checks document numbers",
		"providers/encoding.go":                    "encodes query, form and JSON as they are sent",
		"providers/exchange/request.go":            "writes the request to the vendor",
		"providers/exchange/network.go":            "checks the proxy's user and password",
		"providers/exchange/dial.go":               "authenticates to an HTTP proxy",
		"providers/exchange/socks.go":              "authenticates to a SOCKS5 proxy",
		"providers/auth/recipe.go":                 "adds keys and ids to the call",
		"providers/auth/field.go":                  "adds members to a JSON body",
		"providers/auth/text.go":                   "builds the text that is signed",
		"providers/auth/digest.go":                 "keys the HMAC of a signature",
		"providers/auth/token.go":                  "adds the access token to the call",
		"providers/auth/oauth2.go":                 "authenticates the token call",
		"providers/auth/select.go":                 "passes on the key's name, which is sent in clear",
		"providers/transform/transform.go":         "hashes and rewrites claims as a vendor requires",
		"providers/declared/value.go":              "joins claims as a vendor requires",
		"providers/declared/tree.go":               "writes the JSON body to the vendor",
		"providers/declared/request.go":            "writes the multipart body to the vendor",
		"providers/declared/token.go":              "passes on the address and the ids of the token call",
		"providers/auth/internal/secret/secret.go": "refuses secrets that cannot stand in a header",
		"providers/auth/aliyun/xca.go":             "signs the request to the vendor",
		"providers/auth/aliyun/acs3.go":            "signs the request to the vendor",
		"providers/auth/aliyun/canonical.go":       "keys the HMAC of the gateway's signature",
		"providers/auth/tencent/tc3.go":            "signs the request to the vendor",
		"providers/auth/huawei/sdkhmac.go":         "signs the request to the vendor",
		"providers/auth/esign/esign.go":            "signs the request to the vendor",
		"providers/sandbox/idcert.go":              "is the vendor: steers by the name and the number's last digit",
		"providers/sandbox/vendor.go":              "prints the fake vendors' keys for whoever starts them",
		"cmd/internal/demo/demo.go":                "passes the fake vendors' keys to the configuration",
		"cmd/heyan/sandbox.go":                     "prints the fake vendors' keys for whoever starts them",
		"cmd/internal/webhook/reveal.go":           "takes a hook's address apart and signs its messages",
		"cmd/internal/trial/mask.go":               "compares the claims and their parts with what a reply would show",
		"cmd/internal/trial/request.go":            "compares requests about several people, to show what is the same",
		"config/assemble/rehearse.go":              "makes placeholders as long as the secrets",
		"config/assemble/check.go":                 "looks whether the DSN names a server without TLS",
		"config/assemble/network.go":               "parses the private key of a client certificate",
		"config/assemble/store.go":                 "opens the database and keys the fingerprints",
		"config/assemble/honeytokens.go":           "reads the list of honeytokens",
		"config/assemble/credentials.go":           "makes the keyed hash by which nodes tell whether they have the same secrets",
		"config/assemble/keys.go":                  "passes on the key that lies beside the database",
		"docs/clients/go/heyan/heyan.go":           "checks that the key can stand in a header",
		"docs/clients/go/heyan/call.go":            "sends the key to heyan",
		"docs/clients/go/heyan/verification.go":    "sends the claims to heyan",
		"cmd/heyan/consent_reveal.go":              "prints the notice that the person reads",
		"cmd/internal/api/text.go":                 "shows the person the text of the notice, and a new API key once",
		"cmd/internal/daemon/reveal.go":            "passes the private key of the certificate to package tls",
		"cmd/internal/doctor/form.go":              "looks at the form of a secret, and shows none of it",
		"cmd/internal/setup/sandbox.go":            "writes the fake vendors' keys to the file of them and to the environment file",
		"engine/consents/proof.go":                 "makes keyed marks of session, address and program",
		"policy/access/secret.go":                  "writes and reads API keys",
		"policy/keyring/keyring.go":                "makes the keyed tokens of people and of API keys",
		"policy/keyring/datakey.go":                "seals what must be read again with the person's own key",
		"policy/abuse/claims.go":                   "makes keyed marks of what is tried",
		"policy/consent/notice/reveal.go":          "writes the notice that the person reads",
		"policy/consent/receipt/key.go":            "signs receipts",
		"plugins/internal/wire/reveal.go":          "writes what a plugin must be told, over the private socket",

		"providers/sandbox/internal/replica/reveal.go": "is the vendor: reads requests and answers about fictitious people",
	}
}

func TestRevealIsRare(t *testing.T) {
	out, err := exec.Command("git", "-C", "..", "grep", "-lF", ".Reveal()", "--", "*.go").Output()
	if err != nil {
		t.Skipf("no git checkout to look through: %v", err)
	}
	var seen []string
	for file := range strings.Lines(string(out)) {
		file = strings.TrimSpace(file)
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "test/") {
			continue
		}
		seen = append(seen, file)
		if revealers()[file] == "" {
			t.Errorf("%s reveals a claim or a secret; if it must, say why in the list", file)
		}
	}
	for file := range revealers() {
		if !slices.Contains(seen, file) {
			t.Errorf("%s no longer reveals anything; take it off the list", file)
		}
	}
}
