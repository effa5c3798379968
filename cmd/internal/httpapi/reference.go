package httpapi

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var (
	//go:embed reference.html
	referenceHTML string
	//go:embed reference.css
	referenceCSS string
)

// referencePath is the path of the reference page.
const referencePath = "/docs"

// serveReference serves the OpenAPI document as a page. It runs no script and loads nothing.
func serveReference(mux router, doc *huma.OpenAPI) {
	page := template.Must(template.New("reference").Parse(referenceHTML))
	var text bytes.Buffer
	if err := page.Execute(&text, newReference(doc)); err != nil {
		panic(err) // of the embedded template only, so the first test notices
	}
	sum := sha256.Sum256([]byte(referenceCSS))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	mux.HandleFunc("GET "+referencePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(text.Bytes()) // an error means that the client disconnected
	})
}

// reference is what the page shows.
type reference struct {
	Version, Description string
	Style                template.CSS
	Groups               []referenceGroup
	Problems             []referenceProblem
	Schemas              []referenceSchema
}

type referenceGroup struct {
	Name       string
	Operations []referenceOperation
}

type referenceOperation struct {
	ID, Method, Path, Summary, Description, Scope, Body string
	Parameters                                          []referenceMember
	Responses                                           []referenceResponse
}

type referenceMember struct {
	Name, In, Type, Ref, Text string
	Required                  bool
}

type referenceResponse struct {
	Status   string
	Contents []referenceContent
	Problems []string
}

type referenceContent struct{ Media, Schema, Text string }

type referenceProblem struct {
	Name     string
	Statuses []int
	Means    []string
}

type referenceSchema struct {
	Name, Text string
	Members    []referenceMember
}

func newReference(doc *huma.OpenAPI) reference {
	page := reference{Version: doc.Info.Version, Description: doc.Info.Description, Style: template.CSS(referenceCSS)} //nolint:gosec // embedded
	groups, problems := map[string]*referenceGroup{}, map[string]*referenceProblem{}
	for path, item := range doc.Paths {
		for method, o := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post} {
			if o == nil {
				continue
			}
			name, _, _ := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/")
			name, _, _ = strings.Cut(name, ":")
			if groups[name] == nil {
				groups[name] = &referenceGroup{Name: name}
			}
			groups[name].Operations = append(groups[name].Operations, referenceOf(method, path, o))
			for _, k := range kindsOf(o) {
				addProblem(problems, k)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		slices.SortFunc(groups[name].Operations, func(a, b referenceOperation) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
		})
		page.Groups = append(page.Groups, *groups[name])
	}
	for _, name := range slices.Sorted(maps.Keys(problems)) {
		slices.Sort(problems[name].Statuses)
		page.Problems = append(page.Problems, *problems[name])
	}
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Schemas = append(page.Schemas, referenceSchema{name, schemas[name].Description, membersOf(schemas[name])})
	}
	return page
}

func addProblem(problems map[string]*referenceProblem, k kind) {
	p := problems[k.name]
	if p == nil {
		p = &referenceProblem{Name: k.name}
		problems[k.name] = p
	}
	if !slices.Contains(p.Statuses, k.status) {
		p.Statuses = append(p.Statuses, k.status)
	}
	if !slices.Contains(p.Means, k.means) {
		p.Means = append(p.Means, k.means)
	}
}

func referenceOf(method, path string, o *huma.Operation) referenceOperation {
	shown := referenceOperation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, Description: o.Description}
	for _, requirement := range o.Security { // each scheme has the scopes of the operation
		for _, scopes := range requirement {
			shown.Scope = strings.Join(scopes, ", ")
		}
	}
	for _, p := range o.Parameters {
		m := memberOf(p.Name, p.Schema, p.Required)
		m.In, m.Text = p.In, cmp.Or(p.Description, m.Text)
		shown.Parameters = append(shown.Parameters, m)
	}
	if o.RequestBody != nil {
		shown.Body = refName(o.RequestBody.Content["application/json"].Schema)
	}
	names := map[int][]string{}
	for _, k := range kindsOf(o) {
		names[k.status] = append(names[k.status], k.name)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		r := referenceResponse{Status: status}
		code, _ := strconv.Atoi(status)
		if r.Problems = names[code]; r.Problems == nil {
			for _, media := range slices.Sorted(maps.Keys(o.Responses[status].Content)) {
				s := o.Responses[status].Content[media].Schema
				r.Contents = append(r.Contents, referenceContent{media, refName(s), s.Description})
			}
		}
		shown.Responses = append(shown.Responses, r)
	}
	return shown
}

func membersOf(s *huma.Schema) []referenceMember {
	var list []referenceMember
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		list = append(list, memberOf(name, s.Properties[name], slices.Contains(s.Required, name)))
	}
	return list
}

// memberOf describes a member or a parameter.
func memberOf(name string, s *huma.Schema, required bool) referenceMember {
	m := referenceMember{Name: name, Required: required}
	if s == nil {
		return m
	}
	m.Type, m.Ref, m.Text = cmp.Or(refName(s), s.Type, "any"), refName(s), s.Description
	if s.Format != "" {
		m.Type = s.Format
	}
	if s.Items != nil {
		m.Ref = refName(s.Items)
		m.Type = "list of " + cmp.Or(m.Ref, s.Items.Type, "any")
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, word := range s.Enum {
			words[i] = fmt.Sprint(word)
		}
		m.Type = strings.Join(words, " · ")
	}
	return m
}

// refName returns the name of the schema that another one refers to, "" if it refers to none.
func refName(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}
