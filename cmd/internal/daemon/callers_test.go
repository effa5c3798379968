package daemon_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// clientCertificate writes an authority to a file and returns a certificate of it.
func clientCertificate(t *testing.T, path, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	root, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: name}, NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, leaf, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// TestTokensAndCertificates drives a daemon with all three kinds of callers over TLS: each gets
// its own tenant and scopes, and nothing of a token is logged.
func TestTokensAndCertificates(t *testing.T) {
	t.Parallel()
	files, pool := t.TempDir(), x509.NewCertPool()
	certified(t, files, 1, pool)
	at := func(name string) string { return filepath.Join(files, name) }
	shop := clientCertificate(t, at("clients.pem"), "shop")
	signing, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: signing.Public(), KeyID: "k", Algorithm: "ES256"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("jwks.json"), set, 0o600); err != nil {
		t.Fatal(err)
	}
	h, _, key := guarded(t, func(c *config.Config) {
		c.TLS = config.TLS{Mode: "files", Cert: at("tls.crt"), Key: at("tls.key"), ClientCA: at("clients.pem")}
		c.Auth.JWT = []config.JWT{{Issuer: "https://id.example", JWKSFile: at("jwks.json"), Audience: "heyan", Tenant: "acme", Scopes: []string{"verify", "read"}, Claims: config.Claims{Scopes: "scope"}}}
		c.Auth.MTLS = []config.MTLS{{Name: "shop", Subject: "CN=shop", Tenant: "mall", Scopes: []string{"verify", "read"}}}
	})
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: signing, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(`{"iss":"https://id.example","aud":"heyan","sub":"张三","exp":9999999999,"scope":"verify read admin"}`))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	client := func(certs ...tls.Certificate) *http.Client {
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, Certificates: certs}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	ask := func(c *http.Client, header, method, path, body string) (int, string) {
		r, err := http.NewRequest(method, "https://"+h.at.Listen+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if header != "" {
			r.Header.Set("Authorization", "Bearer "+header)
		}
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	plain, withCert := client(), client(shop)
	callers := []struct {
		name, header string
		client       *http.Client
	}{{"a key", key, plain}, {"a token", token, plain}, {"a certificate", "", withCert}, {"a key beside a certificate", key, withCert}}
	ids := make([]string, len(callers))
	for i, c := range callers {
		status, body := ask(c.client, c.header, "POST", "/v1/verifications", question)
		var v struct{ ID string }
		if err := json.Unmarshal([]byte(body), &v); err != nil || status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", c.name, status, body)
		}
		ids[i] = v.ID
	}
	for i, c := range callers {
		for j, id := range ids {
			want := http.StatusNotFound
			if i == j || i%3 == 0 && j%3 == 0 { // the first and the last are the same key
				want = http.StatusOK
			}
			if status, body := ask(c.client, c.header, "GET", "/v1/verifications/"+id, ""); status != want {
				t.Errorf("%s reads what %s asked: status %d, want %d: %s", c.name, callers[j].name, status, want, body)
			}
		}
	}
	if status, _ := ask(plain, token, "GET", "/v1/keys", ""); status != http.StatusForbidden {
		t.Errorf("a scope beyond those of the issuer: status %d", status)
	}
	if status, _ := ask(plain, token+"x", "GET", "/v1/providers", ""); status != http.StatusUnauthorized {
		t.Errorf("a broken token: status %d", status)
	}
	clientCertificate(t, at("clients.pem"), "shop") // another authority
	h.reload <- os.Interrupt
	h.waitForLog(`"msg":"certificate reloaded"`)
	if status, _ := ask(withCert, "", "GET", "/v1/verifications/"+ids[2], ""); status != http.StatusUnauthorized {
		t.Errorf("a certificate of an authority that was removed, on an open connection: status %d", status)
	}
	_, metrics := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
	for _, reason := range access.Refusals() {
		if !strings.Contains(metrics, `heyan_requests_refused_total{reason="`+string(reason)+`"}`) {
			t.Errorf("there is no counter of %s", reason)
		}
	}
	for _, line := range []string{`{reason="missing_scope"} 1`, `{reason="wrong_signature"} 2`, `{reason="revoked"} 0`} {
		if !strings.Contains(metrics, "heyan_requests_refused_total"+line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	for _, part := range append(strings.Split(token, ".")[1:], "张三") {
		if strings.Contains(h.logged(), part) {
			t.Error("the log has a part of the token")
		}
	}
}

// TestTenants: each tenant has its own controller, purposes, limits and the rest of the
// policy, and a key of any other is refused.
func TestTenants(t *testing.T) {
	t.Parallel()
	h, _, stranger := guarded(t, func(c *config.Config) {
		c.Policy.Consent.Controller = config.Party{Name: "平台有限公司", Contact: "400-000-0001"}
		c.Policy.Limits = []config.Limit{{Per: "tenant", Window: "day", Most: 100}}
		c.Tenants = []config.Tenant{
			{
				Name: "acme", Controller: config.Party{Name: "某某商城有限公司", Contact: "400-000-0003"}, Limits: []config.Limit{{Per: "tenant", Window: "day", Most: 2}},
				Purposes: []config.Purpose{{Name: "开立账户", Basis: "consent", Minors: "guardian"}},
			},
			{Name: "other"},
		}
		for i := range c.Providers {
			c.Providers[i].RecipientContact = "400-000-0002"
		}
	})
	keyOf := func(tenant string) string {
		_, text, err := h.keys.Issue(t.Context(), access.Key{Name: "k", Tenant: idv.Tenant(tenant), Scopes: access.Scopes()})
		if err != nil {
			t.Fatal(err)
		}
		return text.Reveal()
	}
	acme, other := keyOf("acme"), keyOf("other")
	base := "http://" + h.at.Listen
	if status, body := h.call("POST", base+"/v1/verifications", question, "Authorization", "Bearer "+stranger); status != http.StatusUnauthorized {
		t.Errorf("a key of another tenant: status %d: %s", status, body)
	}
	h.waitForLog(`"reason":"unknown_tenant"`)
	asking := func(purpose string) string {
		return `{"check":"id_name","purpose":"` + purpose + `","subject":` + subject + `}`
	}
	for i, tt := range []struct {
		key, purpose string
		want         int
	}{
		{acme, "开立账户", 200}, {acme, "其他", 403}, {other, "其他", 200}, {acme, "开立账户", 200}, {acme, "开立账户", 429}, {other, "开立账户", 200},
	} {
		if status, body := h.call("POST", base+"/v1/verifications", asking(tt.purpose), "Authorization", "Bearer "+tt.key); status != tt.want {
			t.Errorf("request %d: status %d, want %d: %s", i, status, tt.want, body)
		}
	}
	drafts := map[string]string{}
	for key, controller := range map[string]string{acme: "某某商城有限公司", other: "平台有限公司"} {
		status, body := h.call("POST", base+"/v1/consents", `{"purpose":"开立账户","subject":`+subject+`}`, "Authorization", "Bearer "+key)
		var drafted struct{ ID, Text string }
		if err := json.Unmarshal([]byte(body), &drafted); err != nil || status != http.StatusCreated || !strings.Contains(drafted.Text, controller) {
			t.Errorf("the notice does not name %s: status %d", controller, status)
		}
		drafts[key] = drafted.ID
	}
	if status, _ := h.call("GET", base+"/v1/consents/"+drafts[acme], "", "Authorization", "Bearer "+other); status != http.StatusNotFound {
		t.Errorf("a consent of another tenant: status %d", status)
	}
}
