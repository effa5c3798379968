package declared_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/providers/declared"
)

// What docs/declared.md lists under "What needs a plugin" is refused with these words and its
// line, and all that is refused so is listed.
func TestWhatNeedsAPlugin(t *testing.T) {
	t.Parallel()
	const key = "settings: [{name: key, secret: true, help: x}]\n"
	request := func(text string) string { return "request: {base_url: \"https://v.example\", " + text + "}\n" }
	const claims = "{name: i, claim: id_number}, {name: n, claim: name}"
	many := func(n int, form string) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(form, i))
		}
		return strings.Join(list, ", ")
	}
	tests := []struct{ listed, path, request, reply, codes string }{
		{"another method than GET and POST", "request.method", request("method: PUT, path: /p, form: [" + claims + "]"), "", ""},
		{"a claim in the path", "request.path", request("method: GET, path: \"/p?a=1\", query: [" + claims + "]"), "", ""},
		{"a secret in the path", "request.path", key + request("method: GET, path: \"/{key}/p\", query: ["+claims+"]"), "", ""},
		{"more than 64 parameters", "request", request("method: POST, path: /p, form: [" + claims + ", " + many(64, `{name: "p%d", const: x}`) + "]"), "", ""},
		{"a secret or a generated value in `body`", "request.body", request("method: POST, path: /p, content_type: text/xml, body: {join: [{claim: id_number}, {claim: name}, {generate: uuid}]}"), "", ""},
		{"a secret or a generated value in `multipart`", "request.multipart[2]", request("method: POST, path: /p, multipart: [" + claims + ", {name: t, generate: timestamp}]"), "", ""},
		{"a secret or a generated value as an item of an array", "request.json[2].name", request("method: POST, path: /p, json: [" + claims + ", {name: /list/0, generate: uuid}]"), "", ""},
		{"a value that joins a claim with a secret or a generated value", "request.form[2].join[0]", key + request("method: POST, path: /p, form: ["+claims+", {name: h, join: [{claim: name}, {setting: key}]}]"), "", ""},
		{"more than 16 steps of `then`", "request.form[2].then", request("method: POST, path: /p, form: [" + claims + ", {name: c, const: x, then: [" + many(17, "trim") + "]}]"), "", ""},
		{"more than three layers of codes", "reply.codes", "", "reply: {codes: [" + many(4, `{at: "/c%d", types: [string]}`) + "]}\n", ""},
		{"JSON within XML, a form or a text", "reply.texts", "", "reply: {body: xml, texts: [/r/d], codes: [{at: /r/code}]}\n", ""},
		{"more than 500 codes", "codes", "", "", "codes: [" + many(501, `{code: "%d", verdict: match, charge: charged, text: x, source: x}`) + "]\n"},
	}
	page, err := os.ReadFile("../../docs/declared.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## What needs a plugin\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, refused, _ := strings.Cut(section, "The loader refuses these")
	refused, _, _ = strings.Cut(refused, "\n\nNo key")
	for _, tt := range tests {
		t.Run(tt.listed, func(t *testing.T) {
			text := head
			for _, part := range []struct{ own, otherwise string }{{tt.request, requestPart}, {tt.reply, replyPart}, {tt.codes, codesPart}} {
				if part.own == "" {
					part.own = part.otherwise
				}
				text += part.own
			}
			if !strings.Contains(text, "setting: key") && !strings.Contains(text, "{key}") {
				text += nonePart
			}
			_, err := declared.Parse("test.yaml", []byte(text))
			var faults strictyaml.Faults
			if !errors.As(err, &faults) || !slices.ContainsFunc(faults, func(f strictyaml.Fault) bool {
				return f.Path == tt.path && f.Line > 0 && strings.Contains(f.Text, "needs a plugin")
			}) {
				t.Errorf("got\n%v\nwant a fault of %s with its line: needs a plugin", err, tt.path)
			}
			if !strings.Contains(refused, "* "+tt.listed) {
				t.Errorf("docs/declared.md does not list %q", tt.listed)
			}
		})
	}
	if n := strings.Count(refused, "\n* "); n != len(tests) {
		t.Errorf("docs/declared.md lists %d refusals, want %d", n, len(tests))
	}
}
