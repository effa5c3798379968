package compat

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// schema is a schema of the OpenAPI document.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"`
	Format     string             `json:"format"`
	Enum       []any              `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Additional any                `json:"additionalProperties"`
	AllOf      []*schema          `json:"allOf"`
	Pattern    string             `json:"pattern"`

	MaxLength, MaxItems, MaxProperties, MinLength, MinItems *int
	Maximum, Minimum                                        *float64
}

type body struct {
	Required bool
	Content  map[string]struct{ Schema *schema }
}

type document struct {
	Components struct{ Schemas map[string]*schema }
	Paths      map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   *schema
		}
		RequestBody *body
		Responses   map[string]body
		Security    []map[string][]string
	}
}

// openAPI returns the document of the whole API.
func openAPI(t *testing.T) []byte {
	t.Helper()
	s := memory.New(0)
	h := httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Store: s, Keys: auth.Issuer{Store: s}, Consents: &consents.Service{}})
	r, w := httptest.NewRequest(http.MethodGet, "/openapi.json", nil), httptest.NewRecorder()
	r.Host = "localhost"
	h.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// TestRESTIsCompatible compares the OpenAPI document with the last release.
func TestRESTIsCompatible(t *testing.T) {
	t.Parallel()
	compare(t, "openapi", factsOf(t, openAPI(t)))
}

// walk adds the schemas that requests or responses reach.
type walk struct {
	facts
	document

	seen map[string]bool
}

func factsOf(t *testing.T, text []byte) facts {
	t.Helper()
	w := walk{facts: newFacts(), seen: map[string]bool{}}
	if err := json.Unmarshal(text, &w.document); err != nil {
		t.Fatal(err)
	}
	for path, operations := range w.Paths {
		for verb, o := range operations {
			at := strings.ToUpper(verb) + ":" + path
			w.offer("has %s", at)
			w.offer("operation %s is %s", at, o.OperationID)
			for _, alternative := range o.Security {
				for scheme, scopes := range alternative {
					w.offer("security %s %s %v", at, scheme, scopes)
				}
			}
			for _, p := range o.Parameters {
				w.request(at, p.In+"."+p.Name, p.Schema, p.Required)
			}
			if o.RequestBody != nil {
				for media, content := range o.RequestBody.Content {
					w.offer("request %s %s", at, media)
					w.request(at, "body", content.Schema, o.RequestBody.Required)
				}
			}
			for status, response := range o.Responses {
				for media, content := range response.Content {
					w.offer("response %s %s %s %s", at, status, media, w.kind("response", content.Schema))
				}
			}
		}
	}
	return w.facts
}

// request adds a part of a request.
func (w walk) request(owner, name string, s *schema, required bool) {
	w.offer("accepts %s %s %s", owner, name, w.kind("request", s))
	for _, word := range s.Enum {
		w.offer("accepts %s %s the word %v", owner, name, word)
	}
	limits := map[string]*int{
		"length max": s.MaxLength, "items max": s.MaxItems, "properties max": s.MaxProperties, "length min": s.MinLength, "items min": s.MinItems,
		"value max": whole(s.Maximum), "value min": whole(s.Minimum),
	}
	if required {
		limits["presence"] = new(int)
	}
	if s.Pattern != "" {
		limits["pattern "+s.Pattern] = new(int)
	}
	for limit, n := range limits {
		if n != nil {
			w.requires[owner+" "+name+" "+limit] = *n
		}
	}
}

func whole(f *float64) *int {
	if f == nil {
		return nil
	}
	n := int(*f)
	return &n
}

// kind returns the type of a schema, and adds the members of what it refers to.
func (w walk) kind(direction string, s *schema) string {
	if s == nil {
		return "nothing"
	}
	for _, part := range s.AllOf {
		if part.Ref != "" {
			return w.kind(direction, part)
		}
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		w.members(direction, name, w.Components.Schemas[name])
		return name
	}
	kind, _ := s.Type.(string)
	if kinds, ok := s.Type.([]any); ok {
		kind, _ = kinds[0].(string)
	}
	switch {
	case s.Items != nil:
		return "list of " + w.kind(direction, s.Items)
	case s.Format != "":
		return kind + " " + s.Format
	}
	return kind
}

func (w walk) members(direction, name string, s *schema) {
	owner := direction + ":" + name
	if w.seen[owner] {
		return
	}
	w.seen[owner] = true
	w.offer("has %s", owner)
	for member, m := range s.Properties {
		required := slices.Contains(s.Required, member)
		if direction == "request" {
			w.request(owner, member, m, required)
			continue
		}
		w.offer("returns %s %s %s", owner, member, w.kind(direction, m))
		if required {
			w.offer("returns %s %s always", owner, member)
		}
	}
}

// TestBreaksOfRESTAreFound changes the document in ways that break clients, and in those that
// do not.
func TestBreaksOfRESTAreFound(t *testing.T) {
	t.Parallel()
	text := openAPI(t)
	before := factsOf(t, text)
	type object = map[string]any
	at := func(o object, path ...string) object {
		for _, name := range path {
			o, _ = o[name].(object)
		}
		return o
	}
	request, view := []string{"components", "schemas", "VerifyRequest"}, []string{"components", "schemas", "Verification"}
	in := func(path []string, more ...string) []string { return append(slices.Clone(path), more...) }
	tests := []struct {
		name   string
		change func(o object)
		breaks bool
	}{
		{"none", func(object) {}, false},
		{"path removed", func(o object) { delete(at(o, "paths"), "/v1/keys") }, true},
		{"method removed", func(o object) { delete(at(o, "paths", "/v1/keys"), "post") }, true},
		{"scope changed", func(o object) {
			at(o, "paths", "/v1/keys", "get")["security"] = []any{object{"api_key": []any{"read"}}}
		}, true},
		{"parameter removed", func(o object) { at(o, "paths", "/v1/keys", "get")["parameters"] = []any{} }, true},
		{"status removed", func(o object) { delete(at(o, "paths", "/v1/keys", "get", "responses"), "200") }, true},
		{"member required", func(o object) { at(o, request...)["required"] = []any{"check", "subject", "purpose"} }, true},
		{"shorter text", func(o object) { at(o, in(request, "properties", "purpose")...)["maxLength"] = 10 }, true},
		{"new limit", func(o object) { at(o, in(request, "properties", "purpose")...)["minLength"] = 3 }, true},
		{"word removed", func(o object) { at(o, in(request, "properties", "check")...)["enum"] = []any{"id_name"} }, true},
		{"request type changed", func(o object) { at(o, in(request, "properties", "purpose")...)["type"] = "integer" }, true},
		{"member of a response removed", func(o object) { delete(at(o, in(view, "properties")...), "reason") }, true},
		{"member of a response optional", func(o object) { at(o, view...)["required"] = []any{"verdict"} }, true},
		{"response type changed", func(o object) { at(o, in(view, "properties", "reason")...)["type"] = "integer" }, true},
		{"longer text", func(o object) { at(o, in(request, "properties", "purpose")...)["maxLength"] = 1000 }, false},
		{"member optional", func(o object) { at(o, request...)["required"] = []any{"check"} }, false},
		{"member of a request added", func(o object) {
			at(o, in(request, "properties")...)["new"] = object{"type": "string"}
		}, false},
		{"member of a response added", func(o object) { at(o, in(view, "properties")...)["new"] = object{"type": "string"} }, false},
		{"path added", func(o object) {
			at(o, "paths")["/v1/new"] = object{"get": object{"operationId": "new", "parameters": []any{object{"name": "a", "in": "query", "required": true, "schema": object{"type": "string"}}}}}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var doc object
			if err := json.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			tt.change(doc)
			changed, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if list := factsOf(t, changed).breaks(before); (len(list) > 0) != tt.breaks {
				t.Errorf("got %q", list)
			}
		})
	}
}
