package auth

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// Place is a part of a call that holds parameters.
type Place string

// The places. A parameter in the form needs a POST call without a body, one in JSON a
// body that is an object; it becomes a member of that object, as a string.
const (
	InHeader Place = "header"
	InQuery  Place = "query"
	InForm   Place = "form"
	InJSON   Place = "json"
)

// Target is where a scheme puts a value. It is data: the fields can come from a file.
type Target struct {
	In     Place
	Name   string
	Prefix string // written before the value, such as "Bearer "
}

// Generator is a value that is new for each call.
type Generator string

// The generators. Time and random UUID are those of the call's [providers.Stamp], so that
// each has one value within a call.
const (
	Timestamp   Generator = "timestamp"    // seconds since 1970
	TimestampMS Generator = "timestamp_ms" // milliseconds since 1970
	UUID        Generator = "uuid"         // with hyphens
	Nonce       Generator = "nonce"        // a UUID without hyphens
)

// Source is where a value comes from. Exactly one of its fields is set.
type Source struct {
	Setting  string // a setting of the provider, often a secret
	Const    string
	Generate Generator
	Param    string // a parameter of the call; in a signature only
	Body     bool   // the body as it is sent; in a signature only
}

// Field is a parameter that a scheme adds to a call: a key, an id, a timestamp.
type Field struct {
	To   Target
	From Source
}

// generate returns the value of a generator. It is "" for an unknown one, which
// [Recipe.Check] refuses.
func generate(g Generator, s providers.Stamp) string {
	switch g {
	case Timestamp:
		return strconv.FormatInt(s.At.Unix(), 10)
	case TimestampMS:
		return strconv.FormatInt(s.At.UnixMilli(), 10)
	case UUID:
		return s.Nonce
	case Nonce:
		return strings.ReplaceAll(s.Nonce, "-", "")
	}
	return ""
}

// put returns the call with a value added at the target. It refuses to add a parameter
// that the call has already, since vendors differ on which of the two counts.
func (t Target) put(c providers.Call, value string) (providers.Call, error) {
	p := providers.Param{Name: t.Name, Value: idv.NewSensitive(t.Prefix + value)}
	twice := secret.AdapterFault(t.Name, "the adapter's call holds a parameter that the authentication scheme adds")
	switch t.In {
	case InHeader:
		if !c.HeaderValue(t.Name).IsZero() {
			return providers.Call{}, twice
		}
		return c.WithHeader(p), nil
	case InQuery:
		if has(c.Query, t.Name) {
			return providers.Call{}, twice
		}
		c.Query = slices.Concat(c.Query, []providers.Param{p})
		return c, nil
	case InForm:
		if has(c.Form, t.Name) {
			return providers.Call{}, twice
		}
		if c.Method != http.MethodPost || !c.Body.IsZero() {
			return providers.Call{}, secret.AdapterFault(t.Name, "the authentication scheme adds to a form, and the adapter's call has none")
		}
		c.Form = slices.Concat(c.Form, []providers.Param{p})
		return c, nil
	}
	members, ok := object(c.Body)
	if !ok {
		return providers.Call{}, secret.AdapterFault(t.Name, "the authentication scheme adds to a JSON object, and the adapter's call has none")
	}
	if _, found := members[t.Name]; found {
		return providers.Call{}, twice
	}
	c.Body = insert(c.Body, p, len(members) > 0)
	return c, nil
}

func has(params []providers.Param, name string) bool {
	return slices.ContainsFunc(params, func(p providers.Param) bool { return p.Name == name })
}

// object returns the members of a body, and whether it is a JSON object.
func object(body idv.Sensitive) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(body.Reveal()), &members) != nil || members == nil {
		return nil, false
	}
	return members, true
}

// insert returns a JSON object with a member added as its last one. Its other bytes stay
// as the codec wrote them.
func insert(body idv.Sensitive, p providers.Param, more bool) idv.Sensitive {
	text := body.Reveal()
	end := strings.LastIndexByte(text, '}')
	member := quote(p.Name) + ":" + quote(p.Value.Reveal())
	if more {
		member = "," + member
	}
	return idv.NewSensitive(text[:end] + member + text[end:])
}

// quote returns a JSON string, with < > & as they are.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
