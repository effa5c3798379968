// Package canonical builds the texts that several vendors' schemes sign. [Request] is the
// canonical request of the clouds' HMAC-SHA256 schemes: ACS3 of Aliyun, TC3 of Tencent and
// the SDK scheme of Huawei. They agree on its lines and differ in what they put into them.
// [GatewayText] is the text of Aliyun's API gateway, which e签宝 signs too.
package canonical

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Request is what is signed of a request. The text holds claims where the query does.
type Request struct {
	Method  string
	Path    string
	Query   string            // as the scheme orders it
	Header  map[string]string // the signed headers by name in lower case
	Payload string            // the body; its hash is signed
}

// Text returns the canonical request.
func (r Request) Text() string {
	var b strings.Builder
	for _, line := range []string{r.Method, r.Path, r.Query} {
		b.WriteString(line + "\n")
	}
	for _, name := range r.names() {
		b.WriteString(name + ":" + strings.TrimSpace(r.Header[name]) + "\n")
	}
	b.WriteString("\n" + r.SignedHeaders() + "\n" + Hash(r.Payload))
	return b.String()
}

// SignedHeaders returns the names of the signed headers, sorted and joined by ";".
func (r Request) SignedHeaders() string { return strings.Join(r.names(), ";") }

func (r Request) names() []string { return slices.Sorted(maps.Keys(r.Header)) }

// Hash returns the SHA-256 of a text in lower-case hexadecimal digits.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// HMAC returns the HMAC-SHA256 of a text.
func HMAC(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
