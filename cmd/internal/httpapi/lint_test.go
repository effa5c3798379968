package httpapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
)

// document reads the OpenAPI document as plain JSON.
func document(t *testing.T, h http.Handler) map[string]any {
	t.Helper()
	return read[map[string]any](t, do(h, "GET", "/openapi.json", ""))
}

// member returns a value below a JSON object, nil if there is none.
func member(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// TestOpenAPIRules is the linter of the OpenAPI document.
func TestOpenAPIRules(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	doc := document(t, c)
	page := do(c, "GET", "/docs", "").Body.String()
	seen := map[string]bool{}
	for path, methods := range doc["paths"].(map[string]any) {
		for method, o := range methods.(map[string]any) {
			fail := func(format string, args ...any) { t.Errorf("%s %s: %s", method, path, fmt.Sprintf(format, args...)) }
			id, _ := member(o, "operationId").(string)
			if seen[id] || !regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)*$`).MatchString(id) {
				fail("operationId %q is taken or has another form", id)
			}
			seen[id] = true
			if summary, _ := member(o, "summary").(string); summary == "" || strings.HasSuffix(summary, ".") || len(summary) > 90 {
				fail("summary %q", summary)
			}
			if security, _ := member(o, "security").([]any); len(security) != 3 { // each kind of caller
				fail("security %v", security)
			}
			lintParameters(o, path, fail)
			lintResponses(o, page, fail)
			if body := member(o, "requestBody", "content", "application/json"); member(o, "requestBody") != nil {
				if example := member(body, "example"); example == nil {
					fail("the body has no example")
				} else if fault := validate(doc, member(body, "schema"), example, "example"); fault != "" {
					fail("%s", fault)
				}
			}
			if !strings.Contains(page, `<section id="`+id+`">`) {
				fail("is not on the reference page")
			}
		}
	}
	lintReferences(t, doc, doc)
	for name := range member(doc, "components", "schemas").(map[string]any) {
		if !strings.Contains(page, `id="schema-`+name+`"`) {
			t.Errorf("schema %s is not on the reference page", name)
		}
	}
}

func lintParameters(o any, path string, fail func(string, ...any)) {
	inPath := strings.Count(path, "{")
	list, _ := member(o, "parameters").([]any)
	for _, p := range list {
		name := member(p, "name")
		if member(p, "schema", "type") == nil {
			fail("parameter %v has no type", name)
		}
		switch where := member(p, "in"); {
		case where == "path":
			inPath--
			if member(p, "required") != true || member(p, "description") == nil {
				fail("parameter %v must be required and described", name)
			}
		case member(p, "schema", "type") == "string" && member(p, "description") == nil:
			fail("parameter %v is not described", name)
		case where == "query" && member(p, "schema", "type") == "string" && member(p, "schema", "maxLength") == nil && member(p, "schema", "enum") == nil && member(p, "schema", "format") == nil:
			fail("parameter %v has no bound", name)
		}
	}
	if inPath != 0 {
		fail("%d parameters of the path are not described", inPath)
	}
}

func lintResponses(o any, page string, fail func(string, ...any)) {
	responses, _ := member(o, "responses").(map[string]any)
	good := false
	for status, r := range responses {
		if status[0] == '2' {
			good = good || member(r, "content") != nil
		}
		problem := member(r, "content", "application/problem+json", "schema", "allOf")
		if status[0] >= '4' && problem == nil {
			fail("%s is no problem", status)
			continue
		}
		if problem == nil {
			continue
		}
		for _, kind := range member(problem.([]any)[1], "properties", "type", "enum").([]any) {
			if anchor := `id="problem-` + strings.TrimPrefix(kind.(string), "urn:heyan:problem:") + `"`; !strings.Contains(page, anchor) {
				fail("%s is not explained on the reference page", kind)
			}
		}
	}
	if !good || responses["401"] == nil || responses["500"] == nil {
		fail("responses are missing")
	}
}

// lintReferences checks that every reference leads to a schema.
func lintReferences(t *testing.T, doc map[string]any, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && member(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
			t.Errorf("%s leads nowhere", ref)
		}
		for _, one := range v {
			lintReferences(t, doc, one)
		}
	case []any:
		for _, one := range v {
			lintReferences(t, doc, one)
		}
	}
}

// TestReferencePage: the page needs no key, loads nothing and runs nothing.
func TestReferencePage(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	w := do(httpapi.API(httpapi.Dependencies{Store: c.deps.Store}), "GET", "/docs", "")
	text, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Fatalf("status %d, policy %s", w.Code, policy)
	}
	for _, bad := range []string{"<script", "<img", "<link", "<iframe", " src=", "url(", "@import", "http://", "https://", " style=", " onclick", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] {
			t.Errorf("two parts have the id %s", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !ids[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
}

// validate returns where a JSON value does not follow a schema of the document, "" if it does.
func validate(doc map[string]any, schema, value any, at string) string {
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		return validate(doc, member(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), value, at)
	}
	if parts, _ := s["allOf"].([]any); parts != nil {
		for _, part := range parts {
			if fault := validate(doc, part, value, at); fault != "" {
				return fault
			}
		}
	}
	if words, _ := s["enum"].([]any); words != nil {
		for _, word := range words {
			if word == value {
				return ""
			}
		}
		return fmt.Sprintf("%s: %v is none of %v", at, value, words)
	}
	if s["type"] != nil && !ofType(s["type"], value) {
		return fmt.Sprintf("%s: %T is no %v", at, value, s["type"])
	}
	switch v := value.(type) {
	case map[string]any:
		return validateObject(doc, s, v, at)
	case []any:
		for i, one := range v {
			if fault := validate(doc, s["items"], one, fmt.Sprintf("%s[%d]", at, i)); fault != "" && s["items"] != nil {
				return fault
			}
		}
	}
	return ""
}

func validateObject(doc, s, v map[string]any, at string) string {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			return fmt.Sprintf("%s: %v is missing", at, name)
		}
	}
	for name, one := range v {
		property, known := properties[name]
		if !known && s["additionalProperties"] == false {
			return at + ": unknown member " + name
		}
		if fault := validate(doc, property, one, at+"."+name); known && fault != "" {
			return fault
		}
	}
	return ""
}

// ofType reports whether a JSON value has a type of a schema, or one of several.
func ofType(kind, value any) bool {
	if kinds, ok := kind.([]any); ok {
		for _, one := range kinds {
			if ofType(one, value) {
				return true
			}
		}
		return false
	}
	number, isNumber := value.(float64)
	switch kind {
	case "string":
		_, ok := value.(string)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "number":
		return isNumber
	case "integer":
		return isNumber && number == float64(int64(number))
	case "array":
		_, ok := value.([]any)
		return ok
	case "object":
		_, ok := value.(map[string]any)
		return ok
	}
	return value == nil
}
