package replica

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/providers"
)

// TokenPath is the path of the token endpoint where a setting names its URL.
const TokenPath = "/oauth2/token"

// defaultTokenLife is how long a token is valid. Real ones live an hour to 30 days.
const defaultTokenLife = time.Hour

// tokenCall is the request for a token.
type tokenCall struct {
	message
	header http.Header
}

// grants is the token endpoint of a scheme within the replica. It keeps the last request.
type grants struct {
	form  grantForm
	token string

	mu   sync.Mutex
	call *tokenCall
}

func (g *grants) connect(_ string, a Authenticator) (providers.Transport, error) {
	return grantTransport{g, a}, nil
}

type grantTransport struct {
	*grants
	auth Authenticator
}

// Do keeps the call and grants a token.
func (g grantTransport) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	c, err := g.auth.Authenticate(ctx, c, providers.Stamp{Host: "sandbox.invalid", At: time.Now(), Nonce: "-"})
	if err != nil {
		return providers.Reply{}, err
	}
	m, err := ofCall(c)
	if err != nil {
		return providers.Reply{}, err
	}
	header := http.Header{}
	for _, p := range c.Header {
		header.Set(p.Name, plain(p.Value))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.call = &tokenCall{m, header}
	return g.form.reply(g.token, defaultTokenLife), nil
}

// grantForm is the form of a token endpoint's reply.
type grantForm func(token string, life int64) map[string]any

// grantForms returns the form of RFC 6749, and one with the names that other vendors use.
func grantForms() []grantForm {
	plain := func(token string, life int64) map[string]any {
		return map[string]any{"access_token": token, "token_type": "bearer", "expires_in": life}
	}
	return []grantForm{plain, func(token string, life int64) map[string]any {
		own := map[string]any{"access_token": token, "accessToken": token, "token": token, "expires_in": life, "expiresIn": life}
		reply := plain(token, life)
		for _, name := range []string{"accessToken", "token", "expiresIn"} {
			reply[name] = own[name]
		}
		reply["data"], reply["result"], reply["code"], reply["success"] = own, own, 0, true
		return reply
	}}
}

func (f grantForm) reply(token string, life time.Duration) providers.Reply {
	body, _ := json.Marshal(f(token, int64(max(1, life.Seconds()))))
	return tokenReply(http.StatusOK, body)
}

func tokenReply(status int, body []byte) providers.Reply {
	return providers.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// tokens are the access tokens that were granted. It is safe for concurrent use.
type tokens struct {
	life time.Duration

	mu    sync.Mutex
	until map[string]time.Time
}

// maxTokens limits the memory of a vendor. Beyond it every token is revoked.
const maxTokens = 1000

func newTokens(life time.Duration) *tokens {
	if life <= 0 {
		life = defaultTokenLife
	}
	return &tokens{life: life, until: map[string]time.Time{}}
}

func (t *tokens) grant(now time.Time) string {
	token := "24." + hex.EncodeToString(random(24))
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.until) >= maxTokens {
		clear(t.until)
	}
	t.until[token] = now.Add(t.life)
	return token
}

func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.until)
}

// check returns the token of a mark, if it is valid.
func (t *tokens) check(carry locator, text string, now time.Time) (string, *Fault) {
	token, ok := strings.CutPrefix(text, carry.prefix)
	token, ok2 := strings.CutSuffix(token, carry.suffix)
	t.mu.Lock()
	defer t.mu.Unlock()
	if until, known := t.until[token]; !ok || !ok2 || !known || !now.Before(until) {
		return "", &Fault{Kind: FaultToken, Detail: "the access token is unknown, expired or revoked"}
	}
	return token, nil
}

// Token answers a request to the token endpoint. ok is false if the request is another one.
func (r *Replica) Token(req Request, now time.Time) (reply providers.Reply, granting, ok bool) {
	for _, s := range r.schemes {
		if s.token == nil || s.token.path != req.Path {
			continue
		}
		m, err := req.message()
		if err != nil || !s.token.fits(m, req.Header) {
			return tokenReply(http.StatusUnauthorized, []byte(`{"error":"invalid_client"}`)), false, true
		}
		return s.grant.reply(r.tokens.grant(now), r.tokens.life), true, true
	}
	return providers.Reply{}, false, false
}

// fits reports whether a request is the one that was learned. Values are compared in
// constant time, since they hold the secrets.
func (t tokenCall) fits(m message, header http.Header) bool {
	if m.method != t.method || m.mediaType != t.mediaType || len(m.values) != len(t.values) {
		return false
	}
	fit := true
	for _, v := range t.values {
		got, n := m.at(v.place)
		fit = equal(got.text, v.text) && n == 1 && fit
	}
	for name, list := range t.header {
		fit = equal(header.Get(name), list[0]) && fit
	}
	return fit
}

// HasTokens reports whether the product is called with access tokens.
func (r *Replica) HasTokens() bool {
	for _, s := range r.schemes {
		if s.token != nil {
			return true
		}
	}
	return false
}

// Revoke makes every token that was granted invalid.
func (r *Replica) Revoke() { r.tokens.revoke() }
