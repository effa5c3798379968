package declared_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/providers/declared"
)

// Each mistake is one fault, with its line, its path and what to do. No fault shows a value
// of the file, since a secret may stand in the wrong place.
func TestFaults(t *testing.T) {
	t.Parallel()
	const key = "settings: [{name: key, secret: true, help: x}]\n"
	request := func(params string) string {
		return "request: {base_url: \"https://v.example\", method: POST, path: /p, form: [{name: i, claim: id_number}, {name: n, claim: name}" + params + "]}\n"
	}
	reply := func(more string) string { return "reply: {codes: [{at: /code, types: [string]}]" + more + "}\n" }
	code := func(row string) string {
		return "codes: [{code: \"0\", verdict: match, charge: charged, text: x, source: x}, {" + row + "}]\n"
	}
	row := func(more string) string { return code("text: x, source: x, " + more) }
	tests := []struct {
		name, request, reply, codes, want string // the part that is wrong, the others are good
	}{
		{"unknown key", requestPart + "replies: {}\n", "", "", "replies: unknown key; the known ones are"},
		{"duplicate key", requestPart + "version: c0ffee\n", "", "", "version: is given twice"},
		{"wrong type", "", "", row("code: 1, verdict: mismatch, charge: unknown"), "codes[1].code: must be a string, got a number; put the value in quotes"},
		{"unknown confidence", "confidence: c0ffee\n" + requestPart, "", "", "confidence: unknown word"},
		{"empty note", "notes: [a sentence, \" \"]\n" + requestPart, "", "", "notes[1]: is empty"},
		{"undeclared setting", request(", {name: c0ffee, setting: c0ffee}"), "", "", "request.form[2].setting: is no setting of this file"},
		{"unused setting", key + requestPart, "", "", "settings[0].name: is not used"},
		{"secret with a default", "settings: [{name: key, secret: true, default: c0ffee, help: x}]\n" + request(", {name: k, setting: key}"), "", "", "settings[0].default: a secret has no default"},
		{"two sources", request(", {name: k, const: c0ffee, generate: uuid}"), "", "", "request.form[2]: has const and generate; keep one of them"},
		{"no source", request(", {name: k}"), "", "", "request.form[2]: has no value"},
		{"unknown claim", request(", {name: k, claim: c0ffee}"), "", "", "request.form[2].claim: unknown claim"},
		{"claim that the check does not have", request(", {name: m, claim: mobile}"), "", "", "request: sends mobile, which the check id_name does not have"},
		{"claim that is not sent", "request: {base_url: \"https://v.example\", method: GET, path: /p, query: [{name: n, claim: name}]}\n", "", "", "request: does not send id_number"},
		{"unknown step", request(", {name: k, const: x, then: [md4]}"), "", "", "request.form[2].then[0]: unknown transformation"},
		{"step without arguments", request(", {name: k, const: x, then: [slice]}"), "", "", "request.form[2].then[0]: slice takes a list of 2"},
		{"step with a number", request(", {name: k, const: x, then: [{slice: [6, 14]}]}"), "", "", "request.form[2].then[0]: takes texts"},
		{"pattern", request(", {name: k, generate: time, pattern: c0ffee}"), "", "", "request.form[2].pattern: must be a pattern"},
		{"generator", request(", {name: k, generate: c0ffee}"), "", "", "request.form[2].generate: unknown word"},
		{"twice the same parameter", request(", {name: n, const: x}"), "", "", "request.form[2].name: is the name of another parameter"},
		{"claim with a secret", key + request(", {name: k, join: [{claim: name}, {setting: key}], then: [md5]}"), "", "", "request.form[2].join[0]: needs a plugin"},
		{"two bodies", "request: {base_url: \"https://v.example\", method: POST, path: /p, form: [{name: i, claim: id_number}], json: [{name: n, claim: name}]}\n", "", "", "request: has form and json"},
		{"GET with a form", "request: {base_url: \"https://v.example\", method: GET, path: /p, form: [{name: i, claim: id_number}, {name: n, claim: name}]}\n", "", "", "request.method: a GET has no body"},
		{"other method", "request: {base_url: \"https://v.example\", method: PUT, path: /p, form: [{name: i, claim: id_number}, {name: n, claim: name}]}\n", "", "", "request.method: must be GET or POST; another method needs a plugin"},
		{"path with a query", "request: {base_url: \"https://v.example\", method: GET, path: \"/p?a=1\", query: [{name: i, claim: id_number}, {name: n, claim: name}]}\n", "", "", "request.path: must begin with /"},
		{"plain HTTP", "request: {base_url: \"http://c0ffee\", method: GET, path: /p, query: [{name: i, claim: id_number}, {name: n, claim: name}]}\n", "", "", "request.base_url: must be https"},
		{"secret as a constant", "request: {base_url: \"https://v.example\", method: GET, path: /p, query: [{name: i, claim: id_number}, {name: n, claim: name}], header: [{name: authorization, const: c0ffee}]}\n", "", "", "request.header[0]: a header with credentials takes a secret setting"},
		{"the host's header", "request: {base_url: \"https://v.example\", method: GET, path: /p, query: [{name: i, claim: id_number}, {name: n, claim: name}], header: [{name: Host, const: c0ffee}]}\n", "", "", "request.header[0].name: must be the name of a header that the host does not set"},
		{"member in two forms", "request: {base_url: \"https://v.example\", method: POST, path: /p, json: [{name: /a, claim: id_number}, {name: /a/b, claim: name}]}\n", "", "", "request.json[1].name: goes into a value"},
		{"array with a gap", "request: {base_url: \"https://v.example\", method: POST, path: /p, json: [{name: /a/1, claim: id_number}, {name: /b, claim: name}]}\n", "", "", "request.json[0].name: leaves out items"},
		{"signature without an effect", requestPart + "sign: {to: {in: form, name: s}, hash: md4}\n", "", "", "sign: hash: must be md5"},
		{"signature over an unknown parameter", requestPart + "sign: {to: {in: form, name: s}, hash: md5, parts: [{param: c0ffee}]}\n", "", "", "sign.parts[0].param: unknown parameter of the request; the known ones are id, name"},
		{"misspelt parameter in a joined part", requestPart + "sign: {to: {in: form, name: s}, hash: md5, parts: [{join: [{param: nam}, {const: x}]}]}\n", "", "", "sign.parts[0].join[0].param: unknown parameter of the request; did you mean name?"},
		{"misspelt parameter in a request", request(", {name: k, param: nn}"), "", "", "request.form[2].param: unknown parameter of the request; did you mean n?"},
		{"misspelt include", requestPart + "sign: {to: {in: form, name: s}, hash: md5, include: [id, Nane]}\n", "", "", "sign.include[1]: unknown parameter of the request; did you mean name?"},
		{"misspelt exclude", requestPart + "sign: {to: {in: form, name: s}, hash: md5, exclude: [naem]}\n", "", "", "sign.exclude[0]: unknown parameter of the request; did you mean name?"},
		{"signature that includes itself", requestPart + "sign: {to: {in: form, name: s}, hash: md5, include: [id, name, s]}\n", "", "", "sign.include[2]: unknown parameter of the request"},
		{"sorted parts of a multipart body", "request: {base_url: \"https://v.example\", method: POST, path: /p, multipart: [{name: i, claim: id_number}, {name: n, claim: name}]}\nsign: {to: {in: query, name: s}, hash: md5}\n", "", "", "sign: sorts the parameters, and the parts of multipart and body are none"},
		{"signature over an object", "settings: [{name: key, secret: true, help: x}]\nrequest: {base_url: \"https://v.example\", method: POST, path: /p, json: [{name: /d/i, claim: id_number}, {name: n, claim: name}]}\nsign: {to: {in: json, name: s}, hash: md5, suffix: [{setting: key}]}\n", "", "", "sign: the signature covers a JSON member that is neither"},
		{"signature at a place that is taken", requestPart + "sign: {to: {in: form, name: id}, hash: md5}\n", "", "", "sign: the adapter's call holds a parameter that the authentication scheme adds"},
		{"signature within itself", requestPart + "sign: {to: {in: form, name: s}, hash: md5, parts: [{aspect: signature}]}\n", "", "", "sign: parts[0].aspect: the signature cannot be a part of itself"},
		{"write without the signature", requestPart + "sign: {to: {in: form, name: s}, hash: md5, write: [{const: x}]}\n", "", "", "sign: write: lacks the signature"},
		{"secret in a path", "settings: [{name: key, secret: true, help: x}]\n" + strings.Replace(requestPart, "/check", "\"/{key}/check\"", 1), "", "", "request.path: holds a secret"},
		{"signature over a claim", requestPart + "sign: {to: {in: form, name: s}, hash: md5, parts: [{claim: name}]}\n", "", "", "sign.parts[0].claim: a signature covers what is sent"},
		{"unknown scheme", requestPart + "auth: [c0ffee]\n", "", "", "auth[0]: unknown scheme"},
		{"no pointer", "", "reply: {codes: [{at: c0ffee, types: [string]}]}\n", "", "reply.codes[0].at: must be a JSON pointer"},
		{"no types", "", "reply: {codes: [{at: /code}]}\n", "", "reply.codes[0].types: is missing"},
		{"unknown type", "", "reply: {codes: [{at: /code, types: [float]}]}\n", "", "reply.codes[0].types[0]: must be string, integer, number or boolean"},
		{"no place", "", "reply: {codes: [{types: [string]}]}\n", "", "reply.codes[0]: must have exactly one of at, header and status"},
		{"too many layers", "", "reply: {codes: [{at: /a, types: [string]}, {at: /b, types: [string]}, {at: /c, types: [string]}, {at: /d, types: [string]}]}\n", "", "reply.codes: has more than 3 layers; needs a plugin"},
		{"types of a text body", "", reply(", body: text, error: {at: \"\", types: [integer]}"), "", "reply.error.types: values in this form of body are strings"},
		{"redirect as an answer", "", reply(", statuses: [200, 302]"), "", "reply.statuses[1]: must be an HTTP status"},
		{"empty condition", "", reply(", require: [{at: /ok}]"), "", "reply.require[0]: must have either is"},
		{"condition of no verdict", "", reply(", require: [{at: /ok, is: [\"1\"], for: [c0ffee]}]"), "", "reply.require[0].for[0]: is no code with a verdict"},
		{"echo of no claim", "", reply(", echo: [{claim: sex, at: /sex}]"), "", "reply.echo[0].claim: unknown claim"},
		{"flag without rows", "", reply(", charge_flag: {at: /fee, types: [integer], charged: [\"1\"]}"), "", "reply.charge_flag: has no effect"},
		{"rows without a flag", "", "", row("code: \"1\", verdict: mismatch, charge: flag"), "reply.charge_flag: is missing"},
		{"after a code that nothing follows", "", "reply: {codes: [{at: /code, types: [string]}, {at: /x, types: [string], after: [c0ffee]}]}\n", "", "reply.codes[1].after[0]: no row of codes goes on after it"},
		{"two rows for one code", "", "", row("code: \"0\", verdict: mismatch, charge: unknown"), "codes[1].code: has a row already, codes[0]; keep one"},
		{"row without a charge", "", "", row("code: \"1\", verdict: mismatch"), "codes[1].charge: is missing"},
		{"unknown charge", "", "", row("code: \"1\", verdict: mismatch, charge: c0ffee"), "codes[1].charge: unknown charge"},
		{"verdict and failure", "", "", row("code: \"1\", verdict: mismatch, failure: timeout, charge: unknown"), "codes[1]: must have either a verdict or a failure"},
		{"unknown verdict", "", "", row("code: \"1\", verdict: c0ffee, charge: unknown"), "codes[1].verdict: unknown verdict"},
		{"undetermined", "", "", row("code: \"1\", verdict: undetermined, charge: unknown"), "codes[1].verdict: unknown verdict"},
		{"unknown failure", "", "", row("code: \"1\", failure: internal, charge: unknown"), "codes[1].failure: unknown word"},
		{"field without invalid_input", "", "", row("code: \"1\", failure: timeout, field: name, charge: unknown"), "codes[1].field: is for failure: invalid_input"},
		{"more parts than layers", "", "", row("code: 0/1, verdict: mismatch, charge: unknown"), "codes[1].code: has 2 parts and reply.codes has 1 layer;"},
		{"empty part", "", "", row("code: \"\", verdict: mismatch, charge: unknown"), "codes[1].code: is empty"},
		{"no text", "", "", code("code: \"1\", verdict: mismatch, charge: unknown, source: x"), "codes[1].text: is missing"},
		{"no match", "", "", "codes: [{code: \"1\", verdict: mismatch, charge: unknown, text: x, source: x}]\n", "codes: has no row with verdict: match"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			or := func(text, otherwise string) string {
				if text == "" {
					return otherwise
				}
				return text
			}
			text := head + or(tt.request, requestPart) + or(tt.reply, replyPart) + or(tt.codes, codesPart)
			if !strings.Contains(text, "auth:") && !strings.Contains(text, "setting: key") && !strings.Contains(text, "sign:") {
				text += nonePart
			}
			p, err := declared.Parse("test.yaml", []byte(text))
			var faults strictyaml.Faults
			if !errors.As(err, &faults) || p.Factory.New != nil {
				t.Fatalf("got %v, want faults", err)
			}
			if len(faults) != 1 || !strings.HasPrefix(faults[0].Path+": "+faults[0].Text, tt.want) || faults[0].Line == 0 {
				t.Errorf("got\n%v\nwant one fault of a line: %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "c0ffee") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// All faults of a file are told at once, sorted by line.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := declared.Parse("test.yaml", []byte("name: x\ncheck: y\nrequest: {method: X, path: y}\nreply: {}\ncodes: []\nlimit: 1\n"))
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	line, paths := 0, map[string]bool{}
	for _, f := range faults {
		if f.Line < line {
			t.Errorf("%v stands after line %d", f, line)
		}
		line = f.Line
		paths[f.Path] = true
	}
	for _, path := range []string{"name", "version", "title", "source", "check", "request.method", "request.path", "reply.codes", "codes", "limit", "auth"} {
		if !paths[path] {
			t.Errorf("no fault of %s in\n%v", path, err)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "a list": "- a\n", "no YAML": "a: b: c\n", "too large": strings.Repeat("# x\n", declared.MaxSize/4+1), "anchors": "a: &a 1\nb: *a\n", "two documents": "a: 1\n---\nb: 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := declared.Parse("test.yaml", []byte(text)); err == nil || p.Factory.New != nil || !strings.Contains(err.Error(), "test.yaml") {
				t.Errorf("got %v, want faults that name the file", err)
			}
		})
	}
}
