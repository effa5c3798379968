package auth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// replies is a token endpoint with one reply. It keeps the calls as they are sent.
type replies struct {
	status int
	body   string
	err    error
	auth   auth.Authenticator
	base   string
	calls  [][]string
}

func (r *replies) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	if r.err != nil {
		return providers.Reply{}, r.err
	}
	if r.auth != nil {
		var err error
		if c, err = r.auth.Authenticate(ctx, c, stamp(nonce)); err != nil {
			return providers.Reply{}, err
		}
	}
	r.calls = append(r.calls, append([]string{c.Method + " " + c.Path}, sent(c)...))
	return providers.Reply{Status: r.status, Body: []byte(r.body)}, nil
}

// env has settings and connects to the endpoint.
func (r *replies) env(settings map[string]string) auth.Env {
	e := env(settings)
	e.Connect = func(baseURL string, a auth.Authenticator) (providers.Transport, error) {
		r.base, r.auth = baseURL, a
		return r, nil
	}
	return e
}

func TestTokenSchemes(t *testing.T) {
	t.Parallel()
	const token = `{"access_token":"24.abc","expires_in":2592000,"scope":"public","session_key":"x"}`
	tests := []struct {
		scheme   string
		settings map[string]string
		base     string
		fetch    []string
		call     []string
	}{
		{
			"baidu_token", map[string]string{"base_url": "https://aip.baidubce.com", "client_id": key, "client_secret": secret},
			"https://aip.baidubce.com",
			[]string{"POST /oauth/2.0/token", "query grant_type=client_credentials", "query client_id=test-key", "query client_secret=test-secret"},
			[]string{"query access_token=24.abc", "body {}"},
		},
		{
			"oauth2", map[string]string{"token_url": "https://login.example:8443/oauth2/token", "client_id": "id:1", "client_secret": "s/1"},
			"https://login.example:8443",
			[]string{"POST /oauth2/token", "header Authorization=Basic aWQlM0ExOnMlMkYx", "form grant_type=client_credentials"},
			[]string{"header Authorization=Bearer 24.abc", "body {}"},
		},
		{
			"oauth2", map[string]string{"token_url": "https://login.example/t", "client_id": "a", "client_secret": "b", "scope": "kyc match"},
			"https://login.example",
			[]string{"POST /t", "header Authorization=Basic YTpi", "form grant_type=client_credentials", "form scope=kyc match"},
			[]string{"header Authorization=Bearer 24.abc", "body {}"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.scheme, func(t *testing.T) {
			r := &replies{status: 200, body: token}
			a, err := auth.Select([]string{tt.scheme}, r.env(tt.settings))
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Authenticate(t.Context(), body("{}"), stamp(nonce))
			if err != nil {
				t.Fatal(err)
			}
			if r.base != tt.base || a.Name() != tt.scheme {
				t.Errorf("endpoint %q of %q, want %q of %q", r.base, a.Name(), tt.base, tt.scheme)
			}
			if diff := cmp.Diff([][]string{tt.fetch}, r.calls); diff != "" {
				t.Errorf("token calls (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.call, sent(got)); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTokenSchemesThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"token_url": "https://login.example/t", "client_id": "a", "client_secret": "b"}
	with := func(url string) map[string]string {
		return map[string]string{"token_url": url, "client_id": "a", "client_secret": "b"}
	}
	refuses := env(settings)
	refuses.Connect = func(string, auth.Authenticator) (providers.Transport, error) {
		return nil, errors.New("base_url: not a URL")
	}
	tests := []struct {
		name, scheme string
		env          auth.Env
		want         string
	}{
		{"no path", "oauth2", (&replies{}).env(with("https://login.example")), "setting token_url: must be a URL with a path"},
		{"a query", "oauth2", (&replies{}).env(with("https://login.example/t?a=b")), "setting token_url: must be a URL with a path"},
		{"no URL", "oauth2", (&replies{}).env(with("://")), "setting token_url: must be a URL with a path"},
		{"nothing connects", "oauth2", env(settings), "token endpoint"},
		{"nothing connects for baidu", "baidu_token", env(settings), "token endpoint"},
		{"an endpoint that cannot be used", "oauth2", refuses, "setting token_url: base_url: not a URL"},
		{"no secret", "oauth2", env(map[string]string{"token_url": "u", "client_id": "a"}), "oauth2 needs client_secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := auth.Select([]string{tt.scheme}, tt.env); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestTokenReplies(t *testing.T) {
	t.Parallel()
	const ok, unavailable, credentials = idv.FailureUnknown, idv.Unavailable, idv.BadCredentials
	month := 30 * 24 * time.Hour
	tests := []struct {
		name   string
		status int
		body   string
		want   idv.Failure
		code   string
		life   time.Duration
	}{
		{"a number", 200, `{"access_token":"t","expires_in":2592000}`, ok, "", month},
		{"a text", 200, `{"access_token":"t","expires_in":"7200","token_type":"BEARER"}`, ok, "", 2 * time.Hour},
		{"no life", 200, `{"access_token":"t"}`, ok, "", 5 * time.Minute},
		{"a negative life", 200, `{"access_token":"t","expires_in":-1}`, ok, "", 5 * time.Minute},
		{"not a number", 200, `{"access_token":"t","expires_in":"NaN"}`, ok, "", 5 * time.Minute},
		{"an endless life", 200, `{"access_token":"t","expires_in":1e300}`, ok, "", 90 * 24 * time.Hour},
		{"a token of another type", 200, `{"access_token":"t","token_type":"mac"}`, unavailable, "", 0},
		{"an unknown client", 401, `{"error":"invalid_client","error_description":"unknown client id"}`, credentials, "invalid_client", 0},
		{"an unknown client, with status 200", 200, `{"error":"invalid_client"}`, credentials, "invalid_client", 0},
		{"an unknown scope", 400, `{"error":"invalid_scope"}`, credentials, "invalid_scope", 0},
		{"a refusal without JSON", 401, `<html>`, credentials, "401", 0},
		{"a firewall", 403, `<html>`, unavailable, "", 0},
		{"a server error", 500, `{"error":"server_error"}`, unavailable, "", 0},
		{"a redirect", 302, ``, unavailable, "", 0},
		{"a token beside an error", 200, `{"access_token":"t","error":"busy"}`, unavailable, "", 0},
		{"a token with status 202", 202, `{"access_token":"t"}`, unavailable, "", 0},
		{"two tokens", 200, `{"access_token":"t","access_token":"u"}`, unavailable, "", 0},
		{"a token that is a number", 200, `{"access_token":1}`, unavailable, "", 0},
		{"empty", 200, ``, unavailable, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			grant, err := auth.ClientCredentials(&replies{status: tt.status, body: tt.body}, providers.Call{})(t.Context())
			if tt.want == ok {
				if err != nil || grant.Token.Reveal() != "t" || grant.Life != tt.life {
					t.Errorf("got %v for %v, %v; want a token for %v", grant.Token, grant.Life, err, tt.life)
				}
				return
			}
			if e := idv.AsError(err); err == nil || e.Failure != tt.want || e.Code != tt.code || !grant.Token.IsZero() {
				t.Errorf("got %+v, want %v with the code %q", e, tt.want, tt.code)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "unknown client id") {
				t.Error("the endpoint's text is in the error")
			}
		})
	}
}

// A secret that HTTP cannot carry is named, and no call is made.
func TestTokenCallWithAnUnusableSecret(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"baidu_token", "oauth2"} {
		r := &replies{status: 200}
		a, err := auth.Schemes().Select([]string{scheme}, r.env(map[string]string{
			"base_url": "https://a", "token_url": "https://a/t", "client_id": "a", "client_secret": "b\n",
		}))
		if err == nil || a != nil || !strings.Contains(err.Error(), "setting client_secret") || len(r.calls) > 0 {
			t.Errorf("%s: got %v, %v; want an error that names the secret", scheme, a, err)
		}
	}
}
