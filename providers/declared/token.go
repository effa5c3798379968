package declared

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// token is how an access token is fetched.
type token struct {
	baseURL  string   // "" for that of the product
	settings []string // that are no secrets and stand in the call
	request  request
	recipe   auth.Recipe
	read     *strictjson.Selector // of the token and its life
	require  conditions
	life     time.Duration
	to       auth.Target
}

// defaultLife is the life of a token whose reply does not say.
const defaultLife = 5 * time.Minute

// token compiles the access token, nil if there is none.
func (c *compiler) token() *token {
	t := c.file.Token
	if t == nil {
		return nil
	}
	var made codec
	out := &token{baseURL: t.Request.BaseURL, life: t.Life, to: target(t.To)}
	out.recipe = c.recipe("token.", t.Request, t.Sign, &made)
	out.request = made.request
	sent := map[string]bool{}
	for _, list := range [][]Param{t.Request.Query, t.Request.Form, t.Request.JSON, t.Request.Multipart, t.Request.Header} {
		for _, p := range list {
			claimsOf(p.Value, sent)
			out.settings = append(out.settings, settingsOf(p.Value)...)
		}
	}
	for _, m := range settingInPath.FindAllStringSubmatch(t.Request.Path, -1) {
		out.settings = append(out.settings, m[1])
	}
	if len(sent) > 0 {
		c.note("token.request", "sends a claim; a token is fetched without any person's data")
	}
	if err := (auth.Recipe{Fields: []auth.Field{{To: out.to, From: auth.Source{Const: "x"}}}}).Check(); err != nil {
		c.lines("token.to", err, "fields[0].to.")
	}
	if t.At == "" {
		c.note("token.at", "is missing; give the JSON pointer of the token in the reply")
		return nil
	}
	pointers := []string{t.At}
	if t.Expires != "" {
		pointers = append(pointers, t.Expires)
	}
	var err error
	out.read, err = strictjson.NewSelector(pointers, nil)
	c.check("token.at", err)
	b := &places{}
	c.structured = true
	out.require = c.conditions("token.require", t.Require, b, nil)
	out.require.selector = c.selector("token.require", b, nil)
	if out.life < 0 {
		c.note("token.life", "must be longer than zero")
	}
	if out.life == 0 {
		out.life = defaultLife
	}
	return out
}

// settingsOf returns the settings of a value.
func settingsOf(v Value) []string {
	var names []string
	if v.Setting != "" {
		names = append(names, v.Setting)
	}
	for _, part := range v.Join {
		names = append(names, settingsOf(part)...)
	}
	for _, member := range v.JSON {
		names = append(names, settingsOf(member.Value)...)
	}
	return names
}

func (t *token) needs() []string { return append(t.recipe.Settings(), t.settings...) }

// open returns the scheme that fetches and adds tokens.
func (t *token) open(e auth.Env) (auth.Authenticator, error) {
	if e.Connect == nil {
		return nil, errConnect
	}
	own := auth.None()
	if len(t.recipe.Fields) > 0 || t.recipe.Sign.Hash != "" {
		var err error
		if own, err = t.recipe.Scheme("token").New(e); err != nil {
			return nil, err
		}
	}
	base := t.baseURL
	if base == "" {
		base = e.Value(baseURL).Reveal()
	}
	endpoint, err := e.Connect(base, own)
	if err != nil {
		return nil, err
	}
	settings := providers.Settings{}
	for _, name := range t.settings {
		settings[name] = e.Value(name).Reveal()
	}
	call, err := t.request.call(idv.Query{}, settings)
	if err != nil {
		return nil, err
	}
	return auth.NewToken("token", t.to, func(ctx context.Context) (auth.Grant, error) {
		reply, err := endpoint.Do(ctx, call)
		if err != nil {
			return auth.Grant{}, err
		}
		return t.grant(reply)
	}), nil
}

// grant reads the token in a reply. Nothing of the reply reaches an error.
func (t *token) grant(r providers.Reply) (auth.Grant, error) {
	if r.Status == http.StatusUnauthorized {
		return auth.Grant{}, &idv.Error{Failure: idv.BadCredentials, Code: "401"}
	}
	values, err := t.read.Select(r.Body)
	if err != nil || r.Status != http.StatusOK || !t.require.holdIn(r) {
		return auth.Grant{}, &idv.Error{Failure: idv.Unavailable}
	}
	text, ok := values[0].Text()
	if !ok {
		return auth.Grant{}, &idv.Error{Failure: idv.Unavailable}
	}
	grant := auth.Grant{Token: idv.NewSensitive(text), Life: t.life}
	if len(values) > 1 {
		grant.Life = seconds(values[1], t.life)
	}
	return grant, nil
}

// maxLife is the longest life of a token that is believed.
const maxLife = 90 * 24 * time.Hour

// seconds returns a number of seconds, which some vendors write as a string.
func seconds(v strictjson.Value, otherwise time.Duration) time.Duration {
	text, ok := v.Text()
	if !ok {
		text = string(v)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) {
		return otherwise
	}
	return time.Duration(min(n, maxLife.Seconds()) * float64(time.Second))
}
