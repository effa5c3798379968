package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

// signer signs tokens under a key id.
type signer struct {
	id        string
	algorithm jose.SignatureAlgorithm
	key       crypto.PrivateKey
}

func newSigner(t testing.TB, id string, algorithm jose.SignatureAlgorithm) signer {
	t.Helper()
	var key crypto.PrivateKey
	var err error
	switch algorithm {
	case jose.RS256, jose.PS256:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, algorithm, key}
}

func (s signer) public() jose.JSONWebKey {
	return jose.JSONWebKey{KeyID: s.id, Key: s.key.(interface{ Public() crypto.PublicKey }).Public(), Algorithm: string(s.algorithm), Use: "sig"}
}

// sign returns a token with the claims in compact form.
func (s signer) sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return s.signText(t, text)
}

func (s signer) signText(t testing.TB, text []byte) string {
	t.Helper()
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: s.algorithm, Key: jose.JSONWebKey{Key: s.key, KeyID: s.id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signing.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func keySetOf(t testing.TB, list ...signer) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, s := range list {
		set.Keys = append(set.Keys, s.public())
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// keyFile writes a key set and returns its path.
func keyFile(t testing.TB, list ...signer) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, keySetOf(t, list...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tokenNode returns an authenticator that accepts the tokens of issuers.
func tokenNode(t testing.TB, log *locked, issuers ...auth.TokenIssuer) *auth.Callers {
	t.Helper()
	c, err := auth.NewCallers(auth.Options{
		Issuer: auth.Issuer{Store: memory.New(0), Keyring: enginetest.Keyring(t)}, Tokens: issuers, Tenants: []idv.Tenant{"bank", "acme"},
		Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// bank is an issuer whose tokens are all of one tenant.
func bank(path string) auth.TokenIssuer {
	return auth.TokenIssuer{
		Issuer: "https://id.example", KeysFile: path, Audience: "heyan", Algorithms: access.Algorithms(),
		Tenant: "bank", AppClaim: "azp", ScopeClaim: "scope", Scopes: []access.Scope{access.Verify, access.Read},
	}
}

func claims(change map[string]any) map[string]any {
	now := time.Now().Unix()
	all := map[string]any{
		"iss": "https://id.example", "aud": []string{"heyan", "else"}, "sub": "u-123", "exp": now + 60, "iat": now, "azp": "web", "scope": "openid verify admin",
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// TestTokens: what a token must have, and what becomes of one that lacks it. Every refusal is
// the same for the caller.
func TestTokens(t *testing.T) {
	t.Parallel()
	good, other := newSigner(t, "k1", jose.ES256), newSigner(t, "k1", jose.ES256)
	var log locked
	c := tokenNode(t, &log, bank(keyFile(t, good, newSigner(t, "k2", jose.RS256))))
	now := time.Now().Unix()
	public, err := json.Marshal(good.public())
	if err != nil {
		t.Fatal(err)
	}
	symmetric := signer{"k1", jose.HS256, public}
	encode := base64.RawURLEncoding.EncodeToString
	valid := good.sign(t, claims(nil))
	parts := strings.Split(valid, ".")
	for _, tt := range []struct {
		name, token string
		reason      access.Refusal
	}{
		{"valid", valid, ""},
		{"again, from memory", valid, ""},
		{"within the leeway", good.sign(t, claims(map[string]any{"exp": now - 20, "nbf": now + 20, "iat": now + 20})), ""},
		{"one audience as a text", good.sign(t, claims(map[string]any{"aud": "heyan"})), ""},
		{"signed by another key", other.sign(t, claims(nil)), access.WrongSignature},
		{"of an unknown key", newSigner(t, "k9", jose.ES256).sign(t, claims(nil)), access.WrongSignature},
		{"the key of another algorithm", signer{"k2", jose.ES256, good.key}.sign(t, claims(nil)), access.WrongSignature},
		{"signed with the public key as a shared secret", symmetric.sign(t, claims(nil)), access.Malformed},
		{"without a signature", encode([]byte(`{"alg":"none","kid":"k1"}`)) + "." + parts[1] + ".", access.Malformed},
		{"other claims", parts[0] + "." + encode([]byte(`{"iss":"https://id.example"}`)) + "." + parts[2], access.WrongSignature},
		{"expired", good.sign(t, claims(map[string]any{"exp": now - 60})), access.Expired},
		{"not valid yet", good.sign(t, claims(map[string]any{"nbf": now + 60})), access.NotYetValid},
		{"issued in the future", good.sign(t, claims(map[string]any{"iat": now + 60})), access.NotYetValid},
		{"never expires", good.sign(t, claims(map[string]any{"exp": nil})), access.WrongClaims},
		{"for another service", good.sign(t, claims(map[string]any{"aud": "else"})), access.WrongAudience},
		{"for no service", good.sign(t, claims(map[string]any{"aud": nil})), access.WrongAudience},
		{"of another issuer", good.sign(t, claims(map[string]any{"iss": "https://id.example/"})), access.Unknown},
		{"without the app", good.sign(t, claims(map[string]any{"azp": nil})), access.WrongClaims},
		{"an app that is a number", good.sign(t, claims(map[string]any{"azp": 7})), access.WrongClaims},
		{"an empty app", good.sign(t, claims(map[string]any{"azp": []string{"web", ""}})), access.WrongClaims},
		{"without scopes", good.sign(t, claims(map[string]any{"scope": ""})), access.WrongClaims},
		{"a claim twice", good.signText(t, []byte(`{"iss":"https://id.example","iss":"https://id.example","aud":"heyan","exp":9999999999,"azp":"web","scope":"verify"}`)), access.Malformed},
		{"no JSON", good.signText(t, []byte(`heyan`)), access.Malformed},
		{"three parts of nothing", "..", access.Malformed},
	} {
		log.mu.Lock()
		log.buf.Reset()
		log.mu.Unlock()
		p, err := c.Authenticate(request("Bearer "+tt.token, "192.0.2.1:1"))
		said := log.String()
		if tt.reason == "" {
			if err != nil || p.Tenant != "bank" || !slices.Equal(p.Apps, []string{"web"}) || !slices.Equal(p.Scopes, []access.Scope{access.Verify}) || !strings.HasPrefix(p.Key, "jwt:") {
				t.Errorf("%s: got %+v, %v, logged %s", tt.name, p, err, said)
			}
			continue
		}
		if !errors.Is(err, auth.ErrUnauthenticated) || !strings.Contains(said, `"reason":"`+string(tt.reason)+`"`) {
			t.Errorf("%s: got %+v, %v, logged %s, want %s", tt.name, p, err, said, tt.reason)
		}
		for _, part := range strings.Split(tt.token, ".") {
			if len(part) > 8 && strings.Contains(said, part) {
				t.Errorf("%s: the log has a part of the token", tt.name)
			}
		}
	}
}

// TestTokenOfATenant: an issuer that says the tenant may name only those that are configured,
// and none by leaving it out.
func TestTokenOfATenant(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "", jose.EdDSA)
	issuer := bank(keyFile(t, good))
	issuer.Tenant, issuer.TenantClaim, issuer.AppClaim, issuer.ScopeClaim = "", "org", "", ""
	c := tokenNode(t, new(locked), issuer)
	for _, tt := range []struct {
		tenant any
		want   idv.Tenant
	}{{"bank", "bank"}, {"acme", "acme"}, {"stranger", ""}, {"", ""}, {nil, ""}, {[]string{"bank", "acme"}, ""}} {
		p, err := c.Authenticate(request("Bearer "+good.sign(t, claims(map[string]any{"org": tt.tenant})), "192.0.2.1:1"))
		if p.Tenant != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%v: got %+v, %v", tt.tenant, p, err)
		}
		if err == nil && (len(p.Apps) != 0 || len(p.Scopes) != 2) {
			t.Errorf("%v: got %+v", tt.tenant, p)
		}
	}
}

// TestAlgorithms: each that is accepted verifies, and an issuer accepts only its own.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA} {
		s := newSigner(t, "k", algorithm)
		issuer := bank(keyFile(t, s))
		if _, err := tokenNode(t, new(locked), issuer).Authenticate(request("Bearer "+s.sign(t, claims(nil)), "192.0.2.1:1")); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		issuer.Algorithms = []string{"ES512"}
		if _, err := tokenNode(t, new(locked), issuer).Authenticate(request("Bearer "+s.sign(t, claims(nil)), "192.0.2.1:1")); err == nil {
			t.Errorf("%s is accepted in place of ES512", algorithm)
		}
	}
}

// TestBadKeySets: a file that holds no key for tokens is an error at the start.
func TestBadKeySets(t *testing.T) {
	t.Parallel()
	weak, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // that it is too short is what is tested
	if err != nil {
		t.Skip("this Go makes no short keys:", err)
	}
	short, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: weak.Public(), KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: newSigner(t, "k", jose.ES256).key, KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text string }{
		{"empty", ""}, {"no set", "[]"}, {"no keys", `{"keys":[]}`}, {"a shared secret", `{"keys":[{"kty":"oct","k":"AAAA","kid":"k"}]}`},
		{"a short key", string(short)}, {"a private key", string(private)}, {"too large", strings.Repeat(" ", 300<<10)},
	} {
		path := filepath.Join(t.TempDir(), "jwks.json")
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := auth.CheckKeySet(path); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
	if err := auth.CheckKeySet(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file: no error")
	}
}

// provider is an issuer with discovery.
type provider struct {
	*httptest.Server

	mu       sync.Mutex
	keys     []byte
	down     atomic.Bool
	requests atomic.Int64
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := new(provider)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.requests.Add(1)
		if p.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		if r.URL.Path == "/.well-known/openid-configuration" {
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": p.URL, "jwks_uri": p.URL + "/keys"})
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		_, _ = w.Write(p.keys)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) set(keys []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// TestDiscovery: the keys of an issuer are found, are kept while it is away, and an unknown
// key makes this node ask once, however many callers send one.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	p, one := newProvider(t), newSigner(t, "one", jose.ES256)
	p.set(keySetOf(t, one))
	issuer := bank("")
	issuer.Issuer, issuer.KeysFile = p.URL, ""
	c := tokenNode(t, new(locked), issuer)
	ask := func(s signer, sub string) error {
		_, err := c.Authenticate(request("Bearer "+s.sign(t, claims(map[string]any{"iss": p.URL, "sub": sub})), "192.0.2.1:1"))
		return err
	}
	if err := ask(one, "a"); err != nil {
		t.Fatal(err)
	}
	p.down.Store(true)
	for range 20 {
		if err := ask(newSigner(t, "two", jose.ES256), "a"); err == nil {
			t.Fatal("a token of an unknown key is accepted")
		}
	}
	if err := ask(one, "b"); err != nil {
		t.Errorf("with the issuer away: %v", err)
	}
	if n := p.requests.Load(); n != 2 {
		t.Errorf("the issuer got %d requests, want those for the document and the keys", n)
	}
}
