package notice

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// small is a template with a blank of every kind.
const small = `---
name: small
version: 1
language: en
title: A small notice
variant: adult
status: example
material: {changed: first version, ask_again: true}
blanks:
  who: {kind: party, label: who asks}
  person: {kind: name, label: the person}
  number: {kind: id_number, label: the number}
  why: {kind: text, label: why}
  items: {kind: list, label: data, join: ", "}
  to: {kind: recipients, label: who gets it, line: "- {{name}} ({{contact}}) {{for}}, {{method}}, {{items}}", join: "/"}
  uses: {kind: count, label: how often}
  day: {kind: date, label: date}
---

## [opening]
{{who.name}} ({{who.contact}}) asks {{person}}, {{number}}: {{why}}.

## [items] Data
{{items}}
{{to}}
{{uses}} times, {{day}}
`

func parsed(t *testing.T, text string) *Template {
	t.Helper()
	template, err := Parse("small.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func smallValues() Values {
	return Values{
		"who": Party(consent.Party{Name: "Example Ltd", Contact: "400-000-0000"}), "person": Name(idv.NewSensitive("测试")),
		"number": IDNumber(idv.NewSensitive("11010120990101005X")), "why": Text("an account"), "items": List("name", "number"),
		"to":   Recipients(recipient("One Ltd"), recipient("Two Ltd")),
		"uses": Count(3), "day": Date(time.Date(2026, 11, 8, 23, 0, 0, 0, time.UTC)),
	}
}

func recipient(name string) Recipient {
	return Recipient{Party: consent.Party{Name: name, Contact: "1"}, For: "comparing", Method: "online", Items: []string{"name", "number"}}
}

func TestRender(t *testing.T) {
	t.Parallel()
	template := parsed(t, small)
	got, err := template.RenderExample(smallValues())
	if err != nil {
		t.Fatal(err)
	}
	want := "A small notice\n\nExample Ltd (400-000-0000) asks 测试, 11010120990101005X: an account.\n\nData\nname, number\n" +
		"- One Ltd (1) comparing, online, name/number\n- Two Ltd (1) comparing, online, name/number\n3 times, 2026-11-08\n"
	if diff := cmp.Diff(want, got.Body.Reveal()); diff != "" {
		t.Error(diff)
	}
	named := consent.Notice{Name: "small", Version: "1", Language: "en", Template: template.Hash(), Text: hashOf(want)}
	if got.Notice != named {
		t.Errorf("%+v, want %+v", got.Notice, named)
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, smallValues()); strings.Contains(text, "测试") || strings.Contains(text, "1101") {
		t.Error("a rendered notice or its values print a person")
	}
}

// TestSerial: the hash of a text cannot be found by trying names and numbers, and the
// same text can still be rendered again.
func TestSerial(t *testing.T) {
	t.Parallel()
	template := parsed(t, small)
	hashes := map[string]bool{}
	for range 3 {
		values := smallValues()
		values.WithSerial()
		text, err := template.RenderExample(values)
		if err != nil {
			t.Fatal(err)
		}
		hashes[text.Notice.Text] = true
		if _, number, _ := strings.Cut(text.Body.Reveal(), "Number of this text: "); len(strings.TrimSpace(number)) < 26 {
			t.Errorf("the number of the text is %q, want 130 bits", number)
		}
		encoded, err := EncodeValues(values)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := DecodeValues(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := template.RenderExample(kept); err != nil || again.Notice != text.Notice {
			t.Errorf("made again: %+v, %v", again.Notice, err)
		}
	}
	if len(hashes) != 3 {
		t.Errorf("three texts of one person have %d hashes", len(hashes))
	}
}

func TestExampleIsNotForPeople(t *testing.T) {
	t.Parallel()
	if _, err := parsed(t, small).Render(smallValues()); err == nil || !strings.Contains(err.Error(), "example") {
		t.Errorf("an example was rendered: %v", err)
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	address := func(text string) Value { return Party(consent.Party{Name: "A", Contact: text}) }
	tests := []struct {
		name, blank string
		value       Value
		message     string
	}{
		{"zero value", "why", Value{}, "why: must be a text"},
		{"another kind", "why", Count(1), "why: must be a text"},
		{"empty", "why", Text(""), "why: must be a text"},
		{"only spaces", "why", Text("  "), "why: contains only spaces"},
		{"braces", "why", Text("{{person}}"), "why: contains a mark"},
		{"closing braces", "person", Name(idv.NewSensitive("x}}")), "person: contains a mark"},
		{"black brackets", "person", Name(idv.NewSensitive("【】")), "person: contains a mark"},
		{"underscores", "why", Text("____"), "why: contains a mark"},
		{"wide underscores", "items", List("＿＿"), "items: contains a mark"},
		{"line end", "person", Name(idv.NewSensitive("a\nb")), "person: contains a line end"},
		{"right to left", "why", Text("a\u202eb"), "why: contains a line end"},
		{"nul in a party", "who", address("a\x00"), "who: contains a line end"},
		{"not UTF-8", "why", Text("a\xff"), "why: contains a line end"},
		{"too long", "person", Name(idv.NewSensitive(strings.Repeat("名", 101))), "person: must be a person's name"},
		{"not a number", "number", IDNumber(idv.NewSensitive("1101 0120")), "number: must be a document number"},
		{"unlimited", "uses", Count(0), "uses: must be a whole number"},
		{"too many", "uses", Count(1_000_001), "uses: must be a whole number"},
		{"no such day", "day", Value{kind: KindDate, text: idv.NewSensitive("2026-02-30")}, "day: must be a date"},
		{"party without contact", "who", address(""), "who: must be an organization"},
		{"recipient without purpose", "to", Recipients(Recipient{Party: consent.Party{Name: "A", Contact: "1"}}), "to: must be a list of 1 to 50 organizations"},
		{"no recipient", "to", Recipients(), "to: must be a list of 1 to 50 organizations"},
		{"empty item", "items", List("a", ""), "items: must be a list"},
		{"unknown blank", "other", Text("x"), "other: this template has no such blank"},
		{"unknown blank that is a person", "测试", Text("x"), "***: this template has no such blank"},
	}
	template := parsed(t, small)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			values := smallValues()
			values[test.blank] = test.value
			_, err := template.RenderExample(values)
			var faults strictyaml.Faults
			if !errors.As(err, &faults) || len(faults) != 1 || !strings.HasPrefix(err.Error(), test.message) {
				t.Errorf("got %v, want %s", err, test.message)
			}
		})
	}
	for _, b := range template.Blanks() {
		values := smallValues()
		delete(values, b.Name)
		if _, err := template.RenderExample(values); err == nil || !strings.HasPrefix(err.Error(), b.Name+": is missing") {
			t.Errorf("without %s: %v", b.Name, err)
		}
	}
}

// TestValuesMakeNoBlank: two harmless values beside each other may look like one.
func TestValuesMakeNoBlank(t *testing.T) {
	t.Parallel()
	values := smallValues()
	values["why"] = Text("{")
	template := parsed(t, strings.Replace(small, ": {{why}}.", ": {{why}}{{why}}.", 1))
	if _, err := template.RenderExample(values); err == nil || !strings.Contains(err.Error(), "an open blank is left") {
		t.Errorf("got %v", err)
	}
}

func TestAddressIsNeededWhereShown(t *testing.T) {
	t.Parallel()
	template := parsed(t, strings.Replace(small, "({{who.contact}})", "({{who.contact}}, {{who.address}})", 1))
	if _, err := template.RenderExample(smallValues()); err == nil || !strings.Contains(err.Error(), "who: lacks the address") {
		t.Errorf("got %v", err)
	}
}

// TestStoredTextsComeBack stores the values of texts from ten versions and renders all of
// the texts again, byte for byte.
func TestStoredTextsComeBack(t *testing.T) {
	t.Parallel()
	type rendered struct {
		version string
		encoded idv.Sensitive
		body    string
		notice  consent.Notice
	}
	catalogue, stored := &Catalogue{}, []rendered{}
	for v := 1; v <= 10; v++ {
		version := fmt.Sprint(v)
		template := parsed(t, strings.NewReplacer("version: 1", "version: "+version, "Data\n", "Data, edition "+version+"\n").Replace(small))
		if err := catalogue.add(template); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"测试", "阿卜杜拉·测试", "Zoe\u0308 Test", "𠮷田"} {
			values := smallValues()
			values["person"], values["uses"] = Name(idv.NewSensitive(name)), Count(i+1)
			text, err := template.RenderExample(values)
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := EncodeValues(values)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, rendered{version, encoded, text.Body.Reveal(), text.Notice})
		}
	}
	for _, r := range stored {
		values, err := DecodeValues(r.encoded)
		if err != nil {
			t.Fatal(err)
		}
		template, err := catalogue.Find("small", r.version, "en")
		if err != nil {
			t.Fatal(err)
		}
		again, err := template.RenderExample(values)
		if err != nil || again.Body.Reveal() != r.body || again.Notice != r.notice {
			t.Errorf("version %s: another text came back (%v)", r.version, err)
		}
	}
	if latest, err := catalogue.Latest("small", "en"); err != nil || latest.Head().Version != "10" {
		t.Errorf("the latest is %v, %v", latest, err)
	}
}

// TestStoredFormIsFixed: what was stored years ago must still be read.
func TestStoredFormIsFixed(t *testing.T) {
	t.Parallel()
	sealed, err := EncodeValues(Values{"who": Party(consent.Party{Name: "A", Contact: "1"}), "uses": Count(2), "to": Recipients(recipient("B"))})
	want := `{"form":1,"values":{"to":{"kind":"recipients","recipients":[{"name":"B","contact":"1","for":"comparing","method":"online","items":["name","number"]}]},` +
		`"uses":{"kind":"count","count":2},"who":{"kind":"party","party":{"name":"A","contact":"1"}}}}`
	if err != nil || sealed.Reveal() != want {
		t.Errorf("got %s (%v)\nwant %s", sealed.Reveal(), err, want)
	}
	for _, bad := range []string{"", "{}", `{"form":2,"values":{}}`, `{"form":1,"values":{},"x":1}`, `{"form":1,"values":{"测试":{"kind":1}}}`} {
		if _, err := DecodeValues(idv.NewSensitive(bad)); err == nil || strings.Contains(err.Error(), "测试") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestShippedHashes pins every text that was ever shipped. A change needs a new version,
// in a new file; the old file stays as long as consents to it are kept.
func TestShippedHashes(t *testing.T) {
	t.Parallel()
	catalogue, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, template := range catalogue.All() {
		h := template.Head()
		got = append(got, fmt.Sprintf("%s %s %s %s", h.Name, h.Version, h.Language, template.Hash()))
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "hashes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(string(golden)), strings.Fields(strings.Join(got, "\n"))); diff != "" {
		t.Errorf("a shipped notice changed; give it a new version:\n%s", diff)
	}
}

func TestHashIgnoresWhatEditorsDo(t *testing.T) {
	t.Parallel()
	want := parsed(t, small).Hash()
	for name, text := range map[string]string{
		"windows lines": strings.ReplaceAll(small, "\n", "\r\n"), "old mac lines": strings.ReplaceAll(small, "\n", "\r"),
		"byte order mark": "\ufeff" + small, "no last line end": strings.TrimSuffix(small, "\n"), "more line ends": small + "\n\n",
	} {
		if got := parsed(t, text).Hash(); got != want {
			t.Errorf("%s make another text", name)
		}
	}
	composed, loose := strings.Replace(small, "Data", "Daté", 1), strings.Replace(small, "Data", "Date\u0301", 1)
	if parsed(t, composed).Hash() != parsed(t, loose).Hash() {
		t.Error("a composed letter makes another text")
	}
	if parsed(t, composed).Hash() == want {
		t.Error("another text has the same hash")
	}
}

// TestLetterIsNotCopied: no twelve characters in a row of a built-in notice are those of the
// guide, if it is beside the checkout.
func TestLetterIsNotCopied(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "seed")
	guide, err := os.ReadFile(filepath.Join(dir, "idcert-user-guide.md"))
	if err != nil {
		t.Skip("the guide of the first vendor is not beside the checkout")
	}
	const run = 12
	for _, file := range []string{"vendor-letter.1.zh-CN.md", "identity-check.1.zh-CN.md", "identity-check-guardian.1.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join("templates", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, han := range regexp.MustCompile(`\p{Han}+`).FindAllString(string(text), -1) {
			runes := []rune(han)
			for i := 0; i+run <= len(runes); i++ {
				if strings.Contains(string(guide), string(runes[i:i+run])) {
					t.Errorf("%s shares %s with the guide", file, string(runes[i:i+run]))
				}
			}
		}
	}
}

func TestShippedHaveBothVariants(t *testing.T) {
	t.Parallel()
	catalogue, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, variant := range map[string]Variant{"identity-check": Adult, "identity-check-guardian": Guardian} {
		for _, language := range []string{"zh-CN", "en"} {
			template, err := catalogue.Latest(name, language)
			if err != nil {
				t.Fatal(name, language, err)
			}
			if h := template.Head(); h.Variant != variant || h.Status != Ready {
				t.Errorf("%s in %s is for %s, %s", name, language, h.Variant, h.Status)
			}
		}
	}
	zh, _ := catalogue.Latest("identity-check", "zh-CN")
	en, _ := catalogue.Latest("identity-check", "en")
	names := func(t *Template) (list []string) {
		for _, s := range t.Sections() {
			list = append(list, s.ID)
		}
		return list
	}
	if !slices.Equal(names(zh), names(en)) {
		t.Errorf("the languages say different things: %v, %v", names(zh), names(en))
	}
}
