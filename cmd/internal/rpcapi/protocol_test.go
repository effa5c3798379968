package rpcapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// schema is a schema of the OpenAPI document.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"`
	Format     string             `json:"format"`
	Enum       []string           `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Additional any                `json:"additionalProperties"`
}

// restOperation is an operation of the document.
type restOperation struct {
	ID          string `json:"operationId"`
	Parameters  []struct{ Name, In string }
	RequestBody struct {
		Content map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}

	verb, path string
}

// document is what the OpenAPI document says.
type document struct {
	schemas    map[string]*schema
	operations map[string]restOperation
}

// readDocument reads the document of the whole API.
func readDocument(t *testing.T) document {
	t.Helper()
	s := memory.New(0)
	h := httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Store: s, Keys: auth.Issuer{Store: s}, Consents: &consents.Service{}})
	r, w := httptest.NewRequest(http.MethodGet, "/openapi.json", nil), httptest.NewRecorder()
	r.Host = "localhost"
	h.ServeHTTP(w, r)
	var doc struct {
		Components struct{ Schemas map[string]*schema }
		Paths      map[string]map[string]restOperation
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	d := document{doc.Components.Schemas, map[string]restOperation{}}
	for path, list := range doc.Paths {
		for verb, o := range list {
			o.verb, o.path = strings.ToUpper(verb), path
			d.operations[o.ID] = o
		}
	}
	return d
}

// restOnly lists the operations that no procedure serves: those of other families, and the
// page for people.
func restOnly() []string {
	return []string{
		"listAudit", "listWindows", "addWindow", "removeWindow", "suggestWindows", "listMessages", "resendMessage", "getReceiptPage",
	}
}

// TestEveryOperationHasAProcedure: each procedure serves the operation of its name, and each
// operation of the families has one.
func TestEveryOperationHasAProcedure(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	served := restOnly()
	for _, o := range operations() {
		id := strings.ToLower(string(o.procedure.Name()[:1])) + string(o.procedure.Name()[1:])
		served = append(served, id)
		if rest := d.operations[id]; rest.verb != o.verb || rest.path != o.path {
			t.Errorf("%s is served by %s %s, want %s %s", o.procedure.Name(), o.verb, o.path, rest.verb, rest.path)
		}
	}
	for id := range d.operations {
		if !slices.Contains(served, id) {
			t.Errorf("no procedure serves %s; add one to docs/proto and to routes, or the operation to restOnly", id)
		}
	}
	count := 0
	for _, file := range files() {
		for i := range file.Services().Len() {
			count += file.Services().Get(i).Methods().Len()
		}
	}
	if count != len(operations()) || count != len(routes()) {
		t.Errorf("%d procedures, %d with a route, %d routes", count, len(operations()), len(routes()))
	}
}

// TestMessagesFollowREST: the messages have the members of REST, with their types and words.
func TestMessagesFollowREST(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	for _, o := range operations() {
		id := strings.ToLower(string(o.procedure.Name()[:1])) + string(o.procedure.Name()[1:])
		rest := d.operations[id]
		members := map[string]*schema{}
		for _, p := range rest.Parameters {
			if p.In != "header" || p.Name == keyHeader && id == "verify" {
				members[strings.ToLower(strings.ReplaceAll(p.Name, "-", "_"))] = nil
			}
		}
		if body := rest.RequestBody.Content["application/json"].Schema; body != nil {
			for name, member := range d.resolve(body).Properties {
				members[name] = member
			}
		}
		for _, name := range unused(id) {
			delete(members, name)
		}
		d.compare(t, o.procedure.Input(), members)
		for status, response := range rest.Responses {
			body := response.Content["application/json"].Schema
			if status[0] != '2' || body == nil || d.resolve(body).Properties == nil { // of a signed document, whose bytes are passed on
				continue
			}
			d.compare(t, o.procedure.Output(), d.resolve(body).Properties)
		}
	}
	problem := d.schemas["Problem"].Properties
	problem["retry_after"] = nil // a header of REST
	d.compare(t, new(heyanv1.Problem).ProtoReflect().Descriptor(), problem)
}

// unused lists the members that a procedure has no use for: REST has one form for all changes.
func unused(id string) []string {
	switch id {
	case "presentConsent":
		return []string{"text_hash", "action"}
	case "refuseConsent", "withdrawConsent":
		return []string{"text_hash", "action", "channel", "presenter", "session", "address", "agent"}
	}
	return nil
}

func (d document) resolve(s *schema) *schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.schemas[name]
	}
	return s
}

// compare compares the fields of a message with members; of a nil one only the name counts.
func (d document) compare(t *testing.T, m protoreflect.MessageDescriptor, members map[string]*schema) {
	t.Helper()
	for name, member := range members {
		f := m.Fields().ByName(protoreflect.Name(name))
		if f == nil {
			t.Errorf("%s has no field %s", m.FullName(), name)
			continue
		}
		if member != nil {
			d.compareField(t, f, member)
		}
	}
	for i := range m.Fields().Len() {
		if _, ok := members[string(m.Fields().Get(i).Name())]; !ok {
			t.Errorf("%s is no member of REST", m.Fields().Get(i).FullName())
		}
	}
}

func (d document) compareField(t *testing.T, f protoreflect.FieldDescriptor, member *schema) {
	t.Helper()
	member = d.resolve(member)
	kind, _ := member.Type.(string)
	if kinds, ok := member.Type.([]any); ok {
		kind, _ = kinds[0].(string)
	}
	if kind == "array" {
		if !f.IsList() {
			t.Errorf("%s is no list", f.FullName())
		}
		d.compareField(t, f, member.Items)
		return
	}
	got, want := f.Kind().String(), map[string]string{"boolean": "bool", "number": "double", "string": "string", "object": "message"}[kind]
	switch {
	case kind == "integer":
		if got != "int64" && got != "int32" {
			t.Errorf("%s is %s", f.FullName(), got)
		}
		return
	case member.Format == "date-time":
		want = "message"
	case f.Enum() != nil:
		if string(f.FullName()) != "heyan.v1.Provider.check" { // REST lists the words of Check elsewhere
			compareWords(t, f.Enum(), member.Enum)
		}
		return
	}
	if got != want {
		t.Errorf("%s is %s, want %s", f.FullName(), got, want)
	}
	if member.Properties != nil && !f.IsMap() {
		d.compare(t, f.Message(), member.Properties)
	}
}

func compareWords(t *testing.T, e protoreflect.EnumDescriptor, want []string) {
	t.Helper()
	var got []string
	for i := range e.Values().Len() {
		n := e.Values().Get(i).Number()
		word := wordOf(e, n)
		if numberOf(e, word) != n {
			t.Errorf("%s: %s is %d, want %d", e.FullName(), word, numberOf(e, word), n)
		}
		if word != "unspecified" { // a zero value that REST has no word for
			got = append(got, word)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has %v, want %v", e.FullName(), got, want)
	}
}
