package notice

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestParseReportsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, with, want string }{
		{"no first part", "---\nname", "name", "small.md:1: must begin with front matter between two lines of ---"},
		{"no YAML", "uses: {kind", "uses: kind: {kind", "small.md:16: is not valid YAML"},
		{"unknown key", "status: example", "status: example\nstate: x", "small.md:8: state: unknown key; the known ones are name, version"},
		{"twice", "status: example", "status: example\nname: x", "small.md:8: name: is given twice, in lines 2 and 8; keep one"},
		{"missing key", "title: A small notice\n", "", "small.md:2: title: is missing; add it"},
		{"name", "name: small", "name: A Small One", "small.md:2: name: must be small letters"},
		{"version", "version: 1", "version: one", "small.md:3: version: must be numbers separated by dots, such as 1 or 2.1"},
		{"language", "language: en", "language: EN_us", "small.md:4: language: must be a language tag"},
		{"variant", "variant: adult", "variant: child", "small.md:6: variant: must be adult or guardian"},
		{"material", "ask_again: true", "ask_again: maybe", "small.md:8: material.ask_again: must be true or false, got a string"},
		{"material without a word", "changed: first version, ", "", "small.md:8: material.changed: is missing"},
		{"blank's name", "  person: {", "  Person: {", "small.md:11: blanks.Person: the name of a blank must be small letters"},
		{"name of the serial", "  person: {", "  serial: {", "small.md:11: blanks.serial: this name is reserved"},
		{"kind", "kind: name,", "kind: person,", "small.md:11: blanks.person.kind: must be one of these kinds: text name"},
		{"label", ", label: the person}", "}", "small.md:11: blanks.person.label: is missing"},
		{"alias", "{kind: name, label: the person}", "&a {kind: name, label: *a}", "small.md:11: blanks.person: anchors and aliases are not supported"},
		{"join", `, join: ", "`, "", "small.md:14: blanks.items.join: is required for recipients and lists"},
		{"line", `{{for}}, `, "", "small.md:15: blanks.to.line: must contain {{for}}"},
		{"line's blank", `{{for}}, `, "{{for}}, {{price}}", "small.md:15: blanks.to.line: must have no blanks but name, contact"},
		{"undeclared", "{{why}}.", "{{why}} {{more}}.", "small.md:21: more: is not declared"},
		{"unused", ": {{why}}.", ".", "small.md:13: blanks.why: is declared and not used"},
		{"part of a party", "{{who.name}}", "{{who}}", "small.md:21: who: must name one of its parts name, contact, address"},
		{"part of a text", "{{why}}", "{{why.name}}", "small.md:21: why: has no parts"},
		{"recipients in a line", "\n{{to}}", " {{to}}", "small.md:24: to: must be the only thing on its line"},
		{"open brackets", ") asks", ") asks 【】", "small.md:21: a blank must be written as {{person_name}}"},
		{"broken blank", "{{day}}", "{{day}", "small.md:26: a blank must be written"},
		{"heading", "## [items] Data", "## Data", "small.md:23: a heading must be two #"},
		{"heading with a blank", "## [items] Data", "## [items] Data {{why}}", "small.md:23: a heading must not contain blanks"},
		{"text before a heading", "## [opening]\n", "", "small.md:20: text before the first heading"},
		{"section twice", "## [items] Data", "## [opening] Data", "small.md:23: there are two sections [opening]"},
		{"empty section", "## [items] Data", "## [more]\n\n## [items] Data", "small.md:23: the section is empty"},
		{"tab", ") asks", ") asks\t", "small.md:21: contains an invisible character"},
		{"not ready", "status: example", "status: ready", "small.md:7: status: the section [purpose] is missing: why the data is asked for (PIPL art. 17)"},
		{"no guardian", "variant: adult\nstatus: example", "variant: guardian\nstatus: ready", "small.md:7: status: the section [guardian] is missing"},
		{"not UTF-8", "asks", "\xff", "small.md: is not UTF-8"},
		{"too large", "asks", strings.Repeat("a", maxFile), "small.md: is larger than"},
		{"second document", "title: A", "...\n---\ntitle: A", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(small, test.old) {
				t.Fatalf("%q is not in the template", test.old)
			}
			_, err := Parse("small.md", []byte(strings.Replace(small, test.old, test.with, 1)))
			var faults strictyaml.Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got\n%v\nwant %s", err, test.want)
			}
		})
	}
}

func TestParseReportsAllFaults(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("version: 1", "version: x", "variant: adult", "variant: x", "## [items] Data", "## Data").Replace(small)
	_, err := Parse("small.md", []byte(text))
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d faults, want 3:\n%v", n, err)
	}
}

// TestParseKeepsDigits: a version is what the file says, not the nearest number.
func TestParseKeepsDigits(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.10", `"1.10"`, "1.2.3", "12"} {
		text := strings.Replace(small, "version: 1\n", "version: "+version+"\n", 1)
		if got, want := parsed(t, text).Head().Version, strings.Trim(version, `"`); got != want {
			t.Errorf("version %s was read as %s", version, got)
		}
	}
}

const smallFile = `who: {name: Example Ltd, contact: 400-000-0000}
person: 测试
number: 11010120990101005X
why: an account
items: [name, number]
to:
  - {name: One Ltd, contact: "1", for: comparing, method: online, items: [name, number]}
  - {name: Two Ltd, contact: "1", for: comparing, method: online, items: [name, number]}
uses: 3
day: 2026-11-08
`

func TestParseValues(t *testing.T) {
	t.Parallel()
	template := parsed(t, small)
	want, err := template.RenderExample(smallValues())
	if err != nil {
		t.Fatal(err)
	}
	asJSON := `{"who":{"name":"Example Ltd","contact":"400-000-0000"},"person":"测试","number":"11010120990101005X","why":"an account","items":["name","number"],
		"to":[{"name":"One Ltd","contact":"1","for":"comparing","method":"online","items":["name","number"]},{"name":"Two Ltd","contact":"1","for":"comparing","method":"online","items":["name","number"]}],
		"uses":3,"day":"2026-11-08"}`
	for name, text := range map[string]string{"YAML": smallFile, "JSON": strings.ReplaceAll(asJSON, "\t", "")} {
		values, err := template.ParseValues("v", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := template.RenderExample(values); err != nil || got.Notice != want.Notice {
			t.Errorf("%s makes another text (%v)", name, err)
		}
	}
}

func TestParseValuesReportsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, with, want string }{
		{"missing", "why: an account\n", "", "v:1: why: is missing; it must be a text"},
		{"number for a text", "why: an account", "why: 12", "v:4: why: must be a text"},
		{"text for a count", "uses: 3", "uses: often", "v:9: uses: must be a whole number"},
		{"fraction", "uses: 3", "uses: 1.5", "v:9: uses: must be a whole number"},
		{"zero", "uses: 3", "uses: 0", "v:9: uses: must be a whole number"},
		{"unknown", "uses: 3", "uses: 3\nmore: x", "v:10: more: this template has no such blank"},
		{"unknown person", "uses: 3", "uses: 3\n李四: x", "v:10: ***: this template has no such blank"},
		{"party", "who: {name: Example Ltd,", "who: {nam: Example Ltd,", "v:1: who.nam: unknown key; did you mean name?"},
		{"list", "items: [name, number]\nto", "items: name\nto", "v:5: items: must be a list, got a string"},
		{"syntax", "an account", `"{{person}}"`, "v:4: why: contains a mark of an open blank"},
		{"date", "2026-11-08", "8.11.2026", "v:10: day: must be a date"},
		{"no map", smallFile, "[1]", "v:1: must be a map with a key for each blank"},
		{"nothing", smallFile, "", "v: must be a map with a key for each blank"},
		{"no YAML", "why: an account", "why: *测试", "v:4: is not valid YAML"},
	}
	template := parsed(t, small)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := template.ParseValues("v", []byte(strings.Replace(smallFile, test.old, test.with, 1)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got\n%v\nwant %s", err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "测试") || strings.Contains(err.Error(), "李四")) {
				t.Errorf("the error names a person: %v", err)
			}
		})
	}
}

// TestParseValuesKeepsDigits: an ID number without quotes is read digit by digit. Where the
// name of the blank is too long to be told from others, quotes are required.
func TestParseValuesKeepsDigits(t *testing.T) {
	t.Parallel()
	const long = "the_document_number_of_the_person"
	text := strings.NewReplacer("{{number}}", "{{number}} {{"+long+"}}", "  why:", "  "+long+": {kind: id_number, label: another}\n  why:").Replace(small)
	template := parsed(t, text)
	values := func(first, second string) string {
		return strings.Replace(smallFile, "number: 11010120990101005X\n", "number: "+first+"\n"+long+": "+second+"\n", 1)
	}
	tests := []struct{ name, first, second, want string }{
		{"18 digits", "110101209901010050", "A123", ""},
		{"20 digits", "11010120990101005000", "A123", ""},
		{"a fraction", "1234.5", "A123", "v:3: number: must be a document number"},
		{"a zero in front", "012345", "A123", "v:3: number: is a number in a form that is not supported"},
		{"digits under a long name", "A123", "1234", "v:4: " + long + ": must be a document number of 4 to 32 letters, digits, hyphens, slashes and brackets; put it in quotes"},
		{"quotes under a long name", "A123", `"1234"`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := template.ParseValues("v", []byte(values(test.first, test.second)))
			switch {
			case test.want != "":
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got\n%v\nwant %s", err, test.want)
				}
			case err != nil:
				t.Error(err)
			case got["number"].clear() != test.first || got[long].clear() != strings.Trim(test.second, `"`):
				t.Errorf("read %s and %s", got["number"].clear(), got[long].clear())
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("---\nblanks: {a: &x {kind: text, label: *x}}\n---\n## [a]\n{{a}}"))
	f.Add([]byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		template, err := Parse("f", text)
		var faults strictyaml.Faults
		if err != nil {
			if template != nil || !errors.As(err, &faults) || len(faults) == 0 {
				t.Errorf("a fault is reported as %v", err)
			}
			return
		}
		again, err := Parse("f", []byte(template.Source()))
		if err != nil || again.Hash() != template.Hash() || !utf8.ValidString(template.Source()) {
			t.Errorf("the canonical form is not canonical: %v", err)
		}
	})
}

// FuzzValues: whatever people write, a text that is rendered has no open blank, is made
// again from what is stored, and no error repeats what was written.
func FuzzValues(f *testing.F) {
	f.Add("测试", "an account", "One Ltd")
	f.Add("{{", "【】", "a\u202eb")
	f.Add("{", "{", "__")
	template, err := Parse("small.md", []byte(small))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, why, to string) {
		values := smallValues()
		values["person"], values["why"], values["to"] = Name(idv.NewSensitive(name)), Text(why), Recipients(recipient(to))
		rendered, err := template.RenderExample(values)
		if err != nil {
			return
		}
		body := rendered.Body.Reveal()
		if mark, _ := leftover(body); mark != "" || strings.Count(body, "\n") != 8 || !utf8.ValidString(body) {
			t.Errorf("rendered %q", body)
		}
		sealed, err := EncodeValues(values)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeValues(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := template.RenderExample(back); err != nil || again.Notice != rendered.Notice {
			t.Errorf("another text came back (%v)", err)
		}
	})
}

func FuzzParseValues(f *testing.F) {
	f.Add([]byte(smallFile))
	f.Add([]byte("who: &a [*a]"))
	template, err := Parse("small.md", []byte(small))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := template.ParseValues("v", text)
		if err != nil {
			return
		}
		if _, err := template.RenderExample(values); err != nil && !strings.Contains(err.Error(), "an open blank is left") {
			t.Errorf("values were read that do not fit: %v", err)
		}
	})
}
