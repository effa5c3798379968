package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// The names of the schemes with an access token, and the settings that they need.
const (
	nameBaidu  = "baidu_token"
	nameOAuth2 = "oauth2"

	settingTokenURL     = "token_url"
	settingClientID     = "client_id"
	settingClientSecret = "client_secret"
)

// baidu returns the scheme of Baidu AI: the credentials travel in the query of the token
// call, the token in the query of each call. The token endpoint has the provider's
// base_url.
func baidu(e Env) (Authenticator, error) {
	keys := Recipe{Fields: []Field{
		{Target{In: InQuery, Name: "client_id"}, Source{Setting: settingClientID}},
		{Target{In: InQuery, Name: "client_secret"}, Source{Setting: settingClientSecret}},
	}}
	a, err := keys.Scheme(nameBaidu).New(e)
	if err != nil {
		return nil, err
	}
	endpoint, err := connect(e, e.Value("base_url").Reveal(), a)
	if err != nil {
		return nil, err
	}
	call := providers.Call{Method: http.MethodPost, Path: "/oauth/2.0/token", Query: grantType()}
	return NewToken(nameBaidu, Target{In: InQuery, Name: "access_token"}, ClientCredentials(endpoint, call)), nil
}

// oauth2 returns the scheme of OAuth 2.0 client credentials: the credentials travel in an
// Authorization header of the token call, the token in one of each call. The setting
// scope is optional.
func oauth2(e Env) (Authenticator, error) {
	u, err := url.Parse(e.Value(settingTokenURL).Reveal())
	if err != nil || u.Path == "" || u.RawQuery != "" {
		return nil, errors.New("setting token_url: must be a URL with a path and without a query, such as https://host/oauth2/token")
	}
	path := u.Path
	u.Path = ""
	endpoint, err := connect(e, u.String(), basic{e.Value(settingClientID), e.Value(settingClientSecret)})
	if err != nil {
		return nil, fmt.Errorf("setting token_url: %w", err)
	}
	call := providers.Call{Method: http.MethodPost, Path: path, Form: grantType()}
	if scope := e.Value("scope"); !scope.IsZero() {
		call.Form = append(call.Form, providers.Param{Name: "scope", Value: scope})
	}
	return NewToken(nameOAuth2, Target{In: InHeader, Name: "Authorization", Prefix: "Bearer "}, ClientCredentials(endpoint, call)), nil
}

func grantType() []providers.Param {
	return []providers.Param{{Name: "grant_type", Value: idv.NewSensitive("client_credentials")}}
}

func connect(e Env, baseURL string, a Authenticator) (providers.Transport, error) {
	if e.Connect == nil {
		return nil, errors.New("this program connects to no token endpoint; use an authentication scheme without tokens")
	}
	return e.Connect(baseURL, a)
}

// basic authenticates a token call as RFC 6749, 2.3.1, requires.
type basic struct{ id, secret idv.Sensitive }

// Name returns "basic".
func (basic) Name() string { return "basic" }

// Authenticate adds "Authorization: Basic <id and secret>".
func (b basic) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	for setting, value := range map[string]idv.Sensitive{settingClientID: b.id, settingClientSecret: b.secret} {
		if err := secret.Check(setting, value); err != nil {
			return providers.Call{}, err
		}
	}
	pair := url.QueryEscape(b.id.Reveal()) + ":" + url.QueryEscape(b.secret.Reveal())
	return c.WithHeader(providers.Param{
		Name: "Authorization", Value: idv.NewSensitive("Basic " + base64.StdEncoding.EncodeToString([]byte(pair))),
	}), nil
}

// ClientCredentials returns a Fetch that makes a call over t and reads the reply as
// RFC 6749 describes it. t authenticates the call. Neither the reply nor its error text
// reaches an error.
func ClientCredentials(t providers.Transport, c providers.Call) Fetch {
	return func(ctx context.Context) (Grant, error) {
		reply, err := t.Do(ctx, c)
		if err != nil {
			return Grant{}, err
		}
		return readGrant(reply)
	}
}

// The lives of tokens. Baidu's live 30 days.
const (
	defaultLife = 5 * time.Minute // of a token whose reply does not say
	maxLife     = 90 * 24 * time.Hour
)

func readGrant(r providers.Reply) (Grant, error) {
	var body struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   any    `json:"expires_in"` // a number; some vendors send a string
		Error       string `json:"error"`
	}
	err := strictjson.Decode(r.Body, &body)
	refused := err == nil && slices.Contains([]string{
		"invalid_client", "unauthorized_client", "invalid_grant", "invalid_scope", "invalid_request", "unsupported_grant_type",
	}, body.Error)
	switch {
	case refused:
		return Grant{}, notFetched(idv.BadCredentials, body.Error, "")
	case r.Status == http.StatusUnauthorized:
		return Grant{}, notFetched(idv.BadCredentials, "401", "")
	case err != nil || r.Status != http.StatusOK || body.Error != "" || !strings.EqualFold(cmp.Or(body.TokenType, "bearer"), "bearer"):
		return Grant{}, notFetched(idv.Unavailable, "", "")
	}
	return Grant{Token: idv.NewSensitive(body.AccessToken), Life: life(body.ExpiresIn)}, nil
}

// life returns how long a token lives by its reply.
func life(expiresIn any) time.Duration {
	seconds, ok := expiresIn.(float64)
	if text, isText := expiresIn.(string); isText {
		parsed, err := strconv.ParseFloat(text, 64)
		seconds, ok = parsed, err == nil
	}
	if !ok || !(seconds > 0) {
		return defaultLife
	}
	return time.Duration(min(seconds, maxLife.Seconds()) * float64(time.Second))
}
