package declared

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// schemeName is the name of a product's own scheme. With a built-in scheme of a name it is
// "declared+name".
const schemeName = "declared"

// sign compiles a signature. The zero value signs nothing.
func (c *compiler) sign(path string, s *Sign) auth.Signature {
	if s == nil {
		return auth.Signature{}
	}
	list := func(key string, values []Value) []auth.Source {
		var out []auth.Source
		for i, v := range values {
			out = append(out, c.source(strictyaml.At(path+"."+key, i), v, use{signed: true}))
		}
		return out
	}
	if s.Key != "" {
		c.setting(path+".key", s.Key)
	}
	c.sorted(path, s)
	return auth.Signature{
		Prefix: list("prefix", s.Prefix), Parts: list("parts", s.Parts), Suffix: list("suffix", s.Suffix),
		Then: c.steps(path, s.Then), Write: list("write", s.Write),
		Include: s.Include, Exclude: s.Exclude, Names: s.Names, KeyValue: s.KeyValue, Pair: s.Pair, OmitEmpty: s.OmitEmpty,
		Escape: s.Escape, Hash: auth.Hash(s.Hash), Key: s.Key, Encoding: auth.Encoding(s.Encoding), Upper: s.Upper, To: target(s.To),
	}
}

// sorted notes names in include and exclude that the request does not have, and a body that
// sorted parameters cannot cover.
func (c *compiler) sorted(path string, s *Sign) {
	if len(s.Parts) > 0 {
		return // include and exclude beside parts are a fault of the recipe
	}
	if len(s.Include) == 0 && (c.sends.Multipart != nil || c.sends.Body != nil) {
		c.note(path, "sorts the parameters, and the parts of multipart and body are none; list what is signed in parts or include")
	}
	for _, list := range []struct {
		key   string
		names []string
		known []string
	}{
		{"include", s.Include, c.sends.signable()},
		{"exclude", s.Exclude, append(c.sends.signable(), s.To.Name)}, // the vendor's page excludes its signature
	} {
		for i, name := range list.names {
			if !slices.Contains(list.known, name) {
				c.note(strictyaml.At(path+"."+list.key, i), "%s", strictyaml.Unknown("parameter of the request", name, list.known))
			}
		}
	}
}

// with returns the request with what a token adds to it before it is signed.
func (r Request) with(t Target) Request {
	for in, list := range map[auth.Place]*[]Param{auth.InQuery: &r.Query, auth.InForm: &r.Form, auth.InJSON: &r.JSON, auth.InHeader: &r.Header} {
		if string(in) == t.In {
			*list = append(slices.Clone(*list), Param{Name: t.Name})
		}
	}
	return r
}

// signable returns the names that a signature can sort: those of query, form and header, and
// the members of the JSON body itself.
func (r Request) signable() []string {
	var names []string
	for _, p := range slices.Concat(r.Query, r.Form, r.Header, r.JSON) {
		name := p.Name
		if segments, err := strictjson.Segments(name); err == nil && len(segments) > 0 {
			name = segments[0]
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// param notes a parameter that the request does not have. A pointer names a member of the
// JSON body, or an object or array around one.
func (c *compiler) param(path, name string) {
	r := c.sends
	var known []string
	for _, p := range r.JSON {
		pointer := p.Name
		if !strings.HasPrefix(pointer, "/") {
			pointer = "/" + body.EscapeSegment(pointer)
		}
		if pointer == name || strings.HasPrefix(pointer, name+"/") {
			return
		}
		known = append(known, p.Name)
	}
	for _, p := range slices.Concat(r.Query, r.Form, r.Header) {
		known = append(known, p.Name)
	}
	if !slices.Contains(known, name) {
		c.note(path, "%s", strictyaml.Unknown("parameter of the request", name, known))
	}
}

func target(t Target) auth.Target {
	return auth.Target{In: auth.Place(t.In), Name: t.Name, Prefix: t.Prefix}
}

// recipe compiles a request with its signature. into gets what the codec makes, the recipe
// is what the host makes. within is "" or "token.".
func (c *compiler) recipe(within string, r Request, s *Sign, into *codec) auth.Recipe {
	before := len(c.faults)
	c.sends, c.sorts = r, s != nil && len(s.Parts) == 0
	if t := c.file.Token; t != nil && within == "" {
		c.sends = r.with(t.To)
	}
	var own auth.Recipe
	for _, made := range c.request(within+"request", r, into) {
		own.Fields = append(own.Fields, made.field)
		if err := (auth.Recipe{Fields: []auth.Field{made.field}}).Check(); err != nil && len(c.faults) == before {
			c.lines(made.path, err, "fields[0].")
		}
	}
	own.Sign = c.sign(within+"sign", s)
	if err := own.Check(); s != nil && err != nil && len(c.faults) == before {
		c.lines(within+"sign", err, "sign.")
	}
	return own
}

// lines notes each line of an error of package auth, without the beginning of its path.
func (c *compiler) lines(path string, err error, begin string) {
	for line := range strings.Lines(err.Error()) {
		c.note(path, "%s", strings.TrimPrefix(strings.TrimSuffix(line, "\n"), begin))
	}
}

// schemes compiles the ways to authenticate, and names them in the descriptor.
func (c *compiler) schemes(d *idv.Descriptor, own auth.Recipe) auth.Table {
	token := c.token()
	custom := len(own.Fields) > 0 || own.Sign.Hash != "" || token != nil
	var table auth.Table
	if len(c.file.Auth) == 0 {
		if !custom {
			c.note("auth", "is missing, and no parameter is a secret setting; list the schemes, or write auth: [none] for an API without a key")
			return nil
		}
		d.Schemes = []string{schemeName}
		return auth.Table{scheme{own: own, token: token}.named(schemeName)}
	}
	builtin := auth.Schemes()
	for i, name := range c.file.Auth {
		base, ok := builtin.Find(name)
		if !ok {
			c.note(strictyaml.At("auth", i), "%s", strictyaml.Unknown("scheme", name, schemeNames(builtin)))
			continue
		}
		c.describeNeeds(d, base.Needs, len(c.file.Auth) == 1)
		if custom {
			name = schemeName + "+" + name
			table = append(table, scheme{own: own, token: token, base: &base}.named(name))
		}
		d.Schemes = append(d.Schemes, name)
	}
	return table
}

func schemeNames(t auth.Table) []string {
	var names []string
	for _, s := range t {
		names = append(names, s.Name)
	}
	return names
}

// describeNeeds adds the settings that a built-in scheme needs to the descriptor.
func (c *compiler) describeNeeds(d *idv.Descriptor, needs []string, only bool) {
	for _, name := range needs {
		if slices.ContainsFunc(d.Settings, func(s idv.Setting) bool { return s.Name == name }) {
			c.used[name] = true
			continue
		}
		d.Settings = append(d.Settings, idv.Setting{
			Name: name, Help: needHelp(name), Secret: !public[name], Account: true, Required: only,
		})
	}
}

// public are the settings of built-in schemes that are no secrets.
var public = map[string]bool{"app_key": true, "access_key": true, "access_key_id": true, "secret_id": true, "client_id": true, "token_url": true}

func needHelp(name string) string {
	known := map[string]string{
		"appcode":           "AppCode of the purchase",
		"app_key":           "AppKey of the purchase; set it with app_secret, instead of appcode, to sign requests",
		"app_secret":        "AppSecret of app_key",
		"access_key_id":     "id of the access key",
		"access_key_secret": "secret of the access key",
		"access_key":        "access key (AK)",
		"secret_key":        "secret of the access key",
		"secret_id":         "id of the secret key",
		"client_id":         "id of the client",
		"client_secret":     "secret of the client",
		"token_url":         "address of the token endpoint, with its path",
	}
	if help := known[name]; help != "" {
		return help
	}
	return "of the authentication scheme"
}

// scheme is a product's own scheme: a token, then the parameters and the signature, and
// then a built-in scheme, if there is one.
type scheme struct {
	own   auth.Recipe
	token *token
	base  *auth.Scheme
}

func (s scheme) named(name string) auth.Scheme {
	recipe := s.own.Scheme(name)
	needs := recipe.Needs
	if s.token != nil {
		needs = append(slices.Clone(needs), s.token.needs()...)
	}
	if s.base != nil {
		needs = append(slices.Clone(needs), s.base.Needs...)
	}
	slices.Sort(needs)
	return auth.Scheme{Name: name, Needs: slices.Compact(needs), New: func(e auth.Env) (auth.Authenticator, error) {
		out := chain{name: name}
		if s.token != nil {
			a, err := s.token.open(e)
			if err != nil {
				return nil, err
			}
			out.list = append(out.list, a)
		}
		if len(s.own.Fields) > 0 || s.own.Sign.Hash != "" {
			a, err := recipe.New(e)
			if err != nil {
				return nil, err
			}
			out.list = append(out.list, a)
		}
		if s.base != nil {
			a, err := s.base.New(e)
			if err != nil {
				return nil, err
			}
			out.list = append(out.list, a)
		}
		return out, nil
	}}
}

// chain authenticates with several schemes, one after the other.
type chain struct {
	name string
	list []auth.Authenticator
}

var _ providers.Renewer = chain{}

// Name returns the name of the scheme.
func (c chain) Name() string { return c.name }

// Authenticate adds what each scheme adds.
func (c chain) Authenticate(ctx context.Context, call providers.Call, s providers.Stamp) (providers.Call, error) {
	credential := call.Credential
	for _, a := range c.list {
		var err error
		if call, err = a.Authenticate(ctx, call, s); err != nil {
			return providers.Call{}, err
		}
		if call.Credential != (providers.Credential{}) {
			credential = call.Credential
		}
	}
	call.Credential = credential
	return call, nil
}

// Renew passes the refused token to the scheme that has tokens.
func (c chain) Renew(refused providers.Credential) bool {
	for _, a := range c.list {
		if r, ok := a.(providers.Renewer); ok {
			return r.Renew(refused)
		}
	}
	return false
}

var errConnect = errors.New("this program connects to no token endpoint")
