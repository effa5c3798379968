package declared

import (
	"net/http"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// request is what the codec makes of a question.
type request struct {
	method, path        string
	contentType, accept string
	query, form, header []named
	multipart           []named
	json                *tree
	body                *value
}

// named is a parameter that the codec makes.
type named struct {
	name  string
	value value
}

// maxParams is how many parameters a request may have.
const maxParams = 64

// pathForm is a path without parts that differ between calls.
var pathForm = regexp.MustCompile(`^/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$`)

// hosted is a parameter that the host makes, and where the file describes it.
type hosted struct {
	field auth.Field
	path  string
}

// request compiles a request, and returns the parameters that the host makes.
func (c *compiler) request(path string, r Request, into *codec) []hosted {
	c.address(path+".base_url", r.BaseURL)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		c.note(path+".method", "must be GET or POST; another method needs a plugin")
	case r.Method == http.MethodGet && (r.Form != nil || r.JSON != nil || r.Multipart != nil || r.Body != nil):
		c.note(path+".method", "a GET has no body; use query, or POST")
	}
	c.path(path+".path", r.Path)
	c.bodies(path, r)
	c.contentType(path, r)
	into.request = request{method: r.Method, path: r.Path, contentType: r.ContentType, accept: r.Accept}
	var fields []hosted
	for _, list := range []struct {
		key    string
		params []Param
		place  auth.Place
		into   *[]named
	}{
		{"query", r.Query, auth.InQuery, &into.query},
		{"form", r.Form, auth.InForm, &into.form},
		{"multipart", r.Multipart, "", &into.multipart},
		{"header", r.Header, auth.InHeader, &into.header},
	} {
		fields = append(fields, c.params(path+"."+list.key, list.params, list.place, list.into)...)
	}
	if r.JSON != nil {
		into.json = c.tree(path+".json", r.JSON, c.deferred)
		fields = append(fields, c.members(path+".json", r.JSON)...)
	}
	if r.Body != nil {
		if c.deferred(*r.Body) {
			c.note(path+".body", "needs a plugin: a body with a secret or a generated value in it; json and form take them as parameters")
		} else {
			body := c.value(path+".body", *r.Body, use{})
			into.body = &body
		}
	}
	return fields
}

// path notes what is wrong with a path.
func (c *compiler) path(path, text string) {
	if !pathForm.MatchString(settingInPath.ReplaceAllString(text, "x")) || len(text) > 512 {
		c.note(path, "must begin with / and have no query; a path with a claim in it needs a plugin, since paths are logged")
	}
	for _, m := range settingInPath.FindAllStringSubmatch(text, -1) {
		if s, ok := c.setting(path, m[1]); ok && s.Secret {
			c.note(path, "holds a secret, and paths are logged; needs a plugin")
		}
	}
}

// settingInPath is the place of a setting in a path.
var settingInPath = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// in returns the path with settings.
func (r request) in(s providers.Settings) string {
	return settingInPath.ReplaceAllStringFunc(r.path, func(name string) string { return providers.Escape(s[strings.Trim(name, "{}")]) })
}

// bodies notes more than one body.
func (c *compiler) bodies(path string, r Request) {
	var keys []string
	for _, b := range []struct {
		key string
		set bool
	}{{"form", r.Form != nil}, {"json", r.JSON != nil}, {"multipart", r.Multipart != nil}, {"body", r.Body != nil}} {
		if b.set {
			keys = append(keys, b.key)
		}
	}
	if len(keys) > 1 {
		c.note(path, "has %s; a request has one body, so keep one of them", strings.Join(keys, " and "))
	}
	if n := len(r.Query) + len(r.Form) + len(r.JSON) + len(r.Multipart) + len(r.Header); n > maxParams {
		c.note(path, "has more than %d parameters; needs a plugin", maxParams)
	}
}

func (c *compiler) contentType(path string, r Request) {
	for key, text := range map[string]string{"content_type": r.ContentType, "accept": r.Accept} {
		if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) {
			c.note(path+"."+key, "must be printable ASCII")
		}
	}
	if r.ContentType != "" && r.Form == nil && r.JSON == nil && r.Body == nil {
		c.note(path+".content_type", "has an effect on form, json and body only; remove it")
	}
	if r.Body != nil && r.ContentType == "" {
		c.note(path+".content_type", "is missing; a body of its own form needs one, such as text/xml; charset=UTF-8")
	}
}

// params compiles the parameters of one place.
func (c *compiler) params(path string, list []Param, place auth.Place, into *[]named) []hosted {
	var fields []hosted
	seen := map[string]bool{}
	for i, p := range list {
		where := strictyaml.At(path, i)
		key := p.Name
		if place == auth.InHeader {
			key = textproto.CanonicalMIMEHeaderKey(p.Name)
		}
		if p.Name == "" {
			c.note(where+".name", "is missing")
		} else if seen[key] {
			c.note(where+".name", "is the name of another parameter here; keep one")
		}
		seen[key] = true
		if p.Type != "" {
			c.note(where+".type", "has an effect on members of JSON only; remove it")
		}
		// A signature over sorted parameters covers the headers that the host makes.
		signed := place == auth.InHeader && c.sorts && len(settingsOf(p.Value)) > 0
		if !signed && !c.deferred(p.Value) {
			*into = append(*into, named{p.Name, c.value(where, p.Value, use{})})
			if place == auth.InHeader {
				c.header(where, p)
			}
			continue
		}
		if place == "" {
			c.note(where, "needs a plugin: a secret or a generated value in a multipart body")
			continue
		}
		fields = append(fields, hosted{auth.Field{To: auth.Target{In: place, Name: p.Name}, From: c.source(where, p.Value, use{})}, where})
	}
	return fields
}

// header notes a header that is the host's.
func (c *compiler) header(path string, p Param) {
	probe := auth.Recipe{Fields: []auth.Field{{To: auth.Target{In: auth.InHeader, Name: p.Name}, From: auth.Source{Const: "x"}}}}
	switch {
	case probe.Check() != nil:
		c.note(path+".name", "must be the name of a header that the host does not set; content_type and accept of request set those two")
	case strings.EqualFold(p.Name, "Authorization") || strings.EqualFold(p.Name, "Cookie"):
		c.note(path, "a header with credentials takes a secret setting; declare one in settings with secret: true")
	}
}

// members returns the members of a JSON body that the host makes.
func (c *compiler) members(path string, list []Param) []hosted {
	var fields []hosted
	for i, p := range list {
		if !c.deferred(p.Value) {
			continue
		}
		where := strictyaml.At(path, i)
		c.kind(where, p)
		if segments, ok := c.pointer(where+".name", p.Name); ok && segments[len(segments)-1] == "0" {
			c.note(where+".name", "needs a plugin: a secret or a generated value as an item of an array")
		}
		fields = append(fields, hosted{auth.Field{
			To:   auth.Target{In: auth.InJSON, Name: p.Name, Number: p.Type == "number"},
			From: c.source(where, p.Value, use{}),
		}, where})
	}
	return fields
}

// multipartBoundary separates the parts of a multipart body. It is a constant, so that the
// codec stays a pure function.
const multipartBoundary = "heyan-7c1f0e6b2a9d4c35-boundary"

// Encode returns the call for a question.
func (c *codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	return c.call(q, c.settings)
}

// call returns the call for a question that has all claims.
func (r request) call(q idv.Query, s providers.Settings) (providers.Call, error) {
	call := providers.Call{Method: r.method, Path: r.in(s), ContentType: r.contentType, Accept: r.accept}
	for _, list := range []struct {
		from []named
		into *[]providers.Param
	}{{r.query, &call.Query}, {r.form, &call.Form}, {r.header, &call.Header}} {
		params, err := values(list.from, q, s)
		if err != nil {
			return providers.Call{}, err
		}
		*list.into = params
	}
	var err error
	switch {
	case r.json != nil:
		call.Body, err = r.json.text(q, s)
		if call.ContentType == "" {
			call.ContentType = "application/json; charset=UTF-8"
		}
	case r.body != nil:
		call.Body, err = r.body.of(q, s)
	case r.multipart != nil:
		call.ContentType = "multipart/form-data; boundary=" + multipartBoundary
		call.Body, err = multipart(r.multipart, q, s)
	}
	return call, err
}

func values(list []named, q idv.Query, s providers.Settings) ([]providers.Param, error) {
	var params []providers.Param
	for _, p := range list {
		v, err := p.value.of(q, s)
		if err != nil {
			return nil, err
		}
		params = append(params, providers.Param{Name: p.name, Value: v})
	}
	return params, nil
}

// multipart returns a body of parts.
func multipart(list []named, q idv.Query, s providers.Settings) (idv.Sensitive, error) {
	params, err := values(list, q, s)
	if err != nil {
		return idv.Sensitive{}, err
	}
	var b strings.Builder
	for _, p := range params {
		if strings.Contains(p.Value.Reveal(), multipartBoundary) {
			return idv.Sensitive{}, &idv.Error{Failure: idv.Unsupported, Origin: idv.OriginEngine, Phase: "encode"}
		}
		name := strings.NewReplacer("\\", "\\\\", `"`, `\"`, "\r", "%0D", "\n", "%0A").Replace(p.Name)
		b.WriteString("--" + multipartBoundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + p.Value.Reveal() + "\r\n")
	}
	b.WriteString("--" + multipartBoundary + "--\r\n")
	return idv.NewSensitive(b.String()), nil
}
