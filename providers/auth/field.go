package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
	"github.com/heyan-id/heyan/providers/strictjson"
	"github.com/heyan-id/heyan/providers/transform"
)

// Place is a part of a call that holds parameters.
type Place string

// The places. A parameter in the form needs a POST call without a body, one in JSON a
// body that is an object; it becomes a member of that object. A name in JSON that begins
// with "/" is a JSON pointer to a member whose object the body has.
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
	Number bool   // in JSON: a number, not a string; the value must be digits
}

// Generator is a value that is new for each call.
type Generator string

// The generators. Time and random UUID are those of the call's [providers.Stamp], so that
// each has one value within a call.
const (
	Timestamp   Generator = "timestamp"    // seconds since 1970
	TimestampMS Generator = "timestamp_ms" // milliseconds since 1970
	HTTPDate    Generator = "http_date"    // in GMT, as a Date header has it
	Time        Generator = "time"         // in the form of Source.Pattern
	UUID        Generator = "uuid"         // with hyphens
	Nonce       Generator = "nonce"        // a UUID without hyphens
	Digits      Generator = "digits"       // ten random digits
)

// Aspect is a part of the call that a value can depend on, as it is sent.
type Aspect string

// The aspects. Body is the form or the body, Query the query string without "?".
const (
	AspectMethod Aspect = "method"
	AspectPath   Aspect = "path"
	AspectQuery  Aspect = "query"
	AspectBody   Aspect = "body"

	// AspectSignature is the signature itself, in Signature.Write only.
	AspectSignature Aspect = "signature"
)

// Source is where a value comes from: exactly one of Setting, Const, Generate, Param,
// Aspect and Join. Then changes it.
type Source struct {
	Setting  string // a setting of the provider, often a secret
	Const    string
	Generate Generator
	Param    string   // a parameter of the call, or a JSON pointer of its body
	Aspect   Aspect   // a part of the call
	Join     []Source // values one after the other, with Separator between them

	Separator string
	Pattern   string // of Time, see transform.Layout
	UTC       bool   // Time is in UTC; else in China's zone
	Then      []transform.Step
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
	case HTTPDate:
		return s.At.UTC().Format(http.TimeFormat)
	case UUID:
		return s.Nonce
	case Nonce:
		return strings.ReplaceAll(s.Nonce, "-", "")
	case Digits:
		sum := sha256.Sum256([]byte(s.Nonce))
		return fmt.Sprintf("%010d", binary.BigEndian.Uint64(sum[:])%1e10)
	}
	return ""
}

// china is the zone of vendors in China, which has no summer time.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

// moment returns the time of a call in a source's form. [Recipe.Check] has refused a
// pattern that is none.
func (from Source) moment(at time.Time) string {
	layout, err := transform.Layout(from.Pattern)
	if err != nil {
		return ""
	}
	if from.UTC {
		return at.UTC().Format(layout)
	}
	return at.In(china()).Format(layout)
}

// put returns the call with a value added at the target. It refuses to add a parameter
// that the call has already, since vendors differ on which of the two counts.
func (t Target) put(c providers.Call, value string) (providers.Call, error) {
	p := providers.Param{Name: t.Name, Value: idv.NewSensitive(t.Prefix + value)}
	switch t.In {
	case InHeader:
		if !c.HeaderValue(t.Name).IsZero() {
			return providers.Call{}, t.twice()
		}
		return c.WithHeader(p), nil
	case InQuery:
		if has(c.Query, t.Name) {
			return providers.Call{}, t.twice()
		}
		c.Query = slices.Concat(c.Query, []providers.Param{p})
		return c, nil
	case InForm:
		if has(c.Form, t.Name) {
			return providers.Call{}, t.twice()
		}
		if c.Method != http.MethodPost || !c.Body.IsZero() {
			return providers.Call{}, secret.AdapterFault(t.Name, "the authentication scheme adds to a form, and the adapter's call has none")
		}
		c.Form = slices.Concat(c.Form, []providers.Param{p})
		return c, nil
	}
	return t.member(c, p.Value)
}

func (t Target) twice() error {
	return secret.AdapterFault(t.Name, "the adapter's call holds a parameter that the authentication scheme adds")
}

// member adds a member to the JSON body of a call.
func (t Target) member(c providers.Call, value idv.Sensitive) (providers.Call, error) {
	parent, name := "", t.Name
	if strings.HasPrefix(t.Name, "/") {
		i := strings.LastIndexByte(t.Name, '/')
		parent, name = t.Name[:i], strings.NewReplacer("~1", "/", "~0", "~").Replace(t.Name[i+1:])
	}
	body := []byte(c.Body.Reveal())
	place, err := strictjson.NewSelector([]string{parent}, nil)
	if err != nil {
		return providers.Call{}, secret.AdapterFault(t.Name, "the name is no JSON pointer")
	}
	found, err := place.Select(body)
	if err != nil || found[0].Kind() != '{' {
		return providers.Call{}, secret.AdapterFault(t.Name, "the authentication scheme adds to a JSON object, and the adapter's call has none")
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(found[0], &members) != nil {
		return providers.Call{}, secret.AdapterFault(t.Name, "the adapter's call has no valid body")
	}
	if _, known := members[name]; known {
		return providers.Call{}, t.twice()
	}
	text := quote(value.Reveal())
	if t.Number {
		if text = value.Reveal(); !isDigits(text) {
			return providers.Call{}, secret.AdapterFault(t.Name, "the value must be a number and has other characters than digits")
		}
	}
	c.Body = insert(body, found[0], quote(name)+":"+text, len(members) > 0)
	return c, nil
}

func isDigits(s string) bool {
	return s != "" && len(s) < 20 && (s == "0" || s[0] != '0') && strings.Trim(s, "0123456789") == ""
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

// insert returns a body with a member added as the last one of an object in it. Its other
// bytes stay as the codec wrote them.
func insert(body, object []byte, member string, more bool) idv.Sensitive {
	end := cap(body) - cap(object) + len(object) - 1 // where the object's brace is in body
	if more {
		member = "," + member
	}
	return idv.NewSensitive(string(body[:end]) + member + string(body[end:]))
}

// quote returns a JSON string, with < > & as they are.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
