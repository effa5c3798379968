package notice

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestParseTellsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, with, want string }{
		{"no first part", "---\nname", "name", "small.md:1:1: want a first part between two lines of ---"},
		{"no YAML", "uses: {kind", "uses: kind: {kind", "small.md:16:1: is not valid YAML"},
		{"unknown key", "status: example", "status: example\nstate: x", "small.md:8:1: there is no key state; the keys here are name, version"},
		{"twice", "status: example", "status: example\nname: x", "small.md:8:1: given twice"},
		{"missing key", "title: A small notice\n", "", "the key title is missing"},
		{"name", "name: small", "name: A Small One", "small.md:2:7: want a name of small letters"},
		{"version", "version: 1", "version: one", "small.md:3:10: want a version as 1 or 2.1"},
		{"language", "language: en", "language: EN_us", "small.md:4:11: want a language tag"},
		{"variant", "variant: adult", "variant: child", "small.md:6:10: want one of adult, guardian"},
		{"material", "ask_again: true", "ask_again: maybe", "small.md:8:47: want true or false"},
		{"material without a word", "changed: first version, ", "", "small.md:8:11: material needs changed and ask_again"},
		{"blank's name", "  person: {", "  Person: {", "small.md:11:3: want the blank's name in small letters"},
		{"name of the serial", "  person: {", "  serial: {", "small.md:11:3: serial: this name is taken"},
		{"kind", "kind: name,", "kind: person,", "small.md:11:11: person: want one of these kinds: text name"},
		{"label", ", label: the person}", "}", "small.md:11:11: person: the label is missing"},
		{"alias", "{kind: name, label: the person}", "&a {kind: name, label: *a}", "small.md:11:"},
		{"join", `, join: ", "`, "", "small.md:14:10: items: join belongs"},
		{"line", `{{for}}, `, "", "small.md:15:52: to: the line lacks {{for}}"},
		{"line's blank", `{{for}}, `, "{{for}}, {{price}}", "small.md:15:52: to: the blanks of a recipient's line are name, contact"},
		{"undeclared", "{{why}}.", "{{why}} {{more}}.", "small.md:21:69: more: is not declared"},
		{"unused", ": {{why}}.", ".", "small.md: why: is declared and not used"},
		{"part of a party", "{{who.name}}", "{{who}}", "small.md:21:1: who: say which part of it: name, contact, address"},
		{"part of a text", "{{why}}", "{{why.name}}", "small.md:21:61: why: has no parts"},
		{"recipients in a line", "\n{{to}}", " {{to}}", "small.md:24:11: to: must be the only thing on its line"},
		{"open brackets", ") asks", ") asks 【】", "small.md:21:37: not a blank; write it as {{person_name}}"},
		{"broken blank", "{{day}}", "{{day}", "small.md:26:17: not a blank"},
		{"heading", "## [items] Data", "## Data", "small.md:23:1: want a heading as"},
		{"heading with a blank", "## [items] Data", "## [items] Data {{why}}", "small.md:23:17: a heading takes no blanks"},
		{"text before a heading", "## [opening]\n", "", "small.md:20:1: text before the first heading"},
		{"section twice", "## [items] Data", "## [opening] Data", "small.md:23:1: there are two sections [opening]"},
		{"empty section", "## [items] Data", "## [more]\n\n## [items] Data", "small.md:23:1: the section is empty"},
		{"tab", ") asks", ") asks\t", "small.md:21:36: holds a character that cannot be seen"},
		{"not ready", "status: example", "status: ready", "small.md: the section [purpose] is missing: why the data is asked for (PIPL art. 17)"},
		{"no guardian", "variant: adult\nstatus: example", "variant: guardian\nstatus: ready", "small.md: the section [guardian] is missing"},
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
			var faults Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got\n%v\nwant %s", err, test.want)
			}
		})
	}
}

func TestParseTellsAllFaults(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("version: 1", "version: x", "variant: adult", "variant: x", "## [items] Data", "## Data").Replace(small)
	_, err := Parse("small.md", []byte(text))
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d faults, want 3:\n%v", n, err)
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

func TestParseValuesTellsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, with, want string }{
		{"missing", "why: an account\n", "", "v:1:1: why: is missing; want a text"},
		{"number for a text", "why: an account", "why: 12", "v:4:6: why: want a text"},
		{"text for a count", "uses: 3", "uses: often", "v:9:7: uses: want a whole number"},
		{"fraction", "uses: 3", "uses: 1.5", "v:9:7: uses: want a whole number"},
		{"zero", "uses: 3", "uses: 0", "v:9:7: uses: want a whole number"},
		{"unknown", "uses: 3", "uses: 3\nmore: x", "v:10:1: there is no key more: this template has no such blank"},
		{"unknown person", "uses: 3", "uses: 3\n李四: x", "v:10:1: there is no such key: this template has no such blank"},
		{"party", "who: {name: Example Ltd,", "who: {nam: Example Ltd,", "v:1:7: who: there is no key nam; the keys here are name, contact, address"},
		{"list", "items: [name, number]\nto", "items: name\nto", "v:5:8: items: want a list of texts"},
		{"syntax", "an account", `"{{person}}"`, "v:4:6: why: contains a mark of an open blank"},
		{"date", "2026-11-08", "8.11.2026", "v:10:6: day: want a date"},
		{"no map", smallFile, "[1]", "v:1:1: want a key for each blank"},
		{"nothing", smallFile, "", "v:1:1: is empty"},
		{"no YAML", "why: an account", "why: *测试", "v:4:1: is not valid YAML"},
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

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("---\nblanks: {a: &x {kind: text, label: *x}}\n---\n## [a]\n{{a}}"))
	f.Add([]byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		template, err := Parse("f", text)
		var faults Faults
		if err != nil {
			if template != nil || !errors.As(err, &faults) || len(faults) == 0 {
				t.Errorf("a fault is told as %v", err)
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
