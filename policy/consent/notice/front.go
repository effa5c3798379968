package notice

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,59}$`)
	versionForm = regexp.MustCompile(`^[0-9]{1,8}(\.[0-9]{1,8}){0,3}$`)
	blankForm   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

func headKeys() []string {
	return []string{"name", "version", "language", "title", "variant", "status", "material", "blanks"}
}

// head reads the front matter. All its keys are required.
func (r *reader) head(root *yaml.Node) (Head, []Blank) {
	var h Head
	var blanks []Blank
	seen := map[string]bool{}
	read := map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) {
			h.Name = r.form(n, nameForm, "want a name of small letters, digits and hyphens, as identity-check")
		},
		"version":  func(n *yaml.Node) { h.Version = r.form(n, versionForm, "want a version as 1 or 2.1") },
		"language": func(n *yaml.Node) { h.Language = r.language(n) },
		"title":    func(n *yaml.Node) { h.Title = r.line(n, "want a title in one line, without blanks") },
		"variant":  func(n *yaml.Node) { h.Variant = Variant(r.one(n, string(Adult), string(Guardian))) },
		"status":   func(n *yaml.Node) { h.Status = Status(r.one(n, string(Ready), string(Example))) },
		"material": func(n *yaml.Node) { h.Material = r.material(n) },
		"blanks":   func(n *yaml.Node) { blanks = r.blanks(n) },
	}
	for key, f := range read {
		read[key] = func(n *yaml.Node) { seen[key] = true; f(n) }
	}
	r.object(root, "", "want keys and values, as `name: identity-check`", read, headKeys()...)
	for _, key := range headKeys() {
		if !seen[key] && root.Kind == yaml.MappingNode {
			r.fault(root, "", "the key %s is missing", key)
		}
	}
	return h, blanks
}

func (r *reader) form(n *yaml.Node, form *regexp.Regexp, want string) string {
	text := r.text(n, "", want, "!!int", "!!float")
	if text != "" && !form.MatchString(text) {
		r.fault(n, "", "%s", want)
	}
	return text
}

func (r *reader) line(n *yaml.Node, want string) string {
	text := r.text(n, "", want)
	if mark, _ := leftover(text); mark != "" || strings.ContainsRune(text, '\n') {
		r.fault(n, "", "%s", want)
	}
	return text
}

func (r *reader) one(n *yaml.Node, words ...string) string {
	want := "want one of " + strings.Join(words, ", ")
	text := r.text(n, "", want)
	for _, w := range words {
		if text == w {
			return text
		}
	}
	if text != "" {
		r.fault(n, "", "%s", want)
	}
	return ""
}

// language reads a tag in canonical spelling, so that zh-cn and zh-CN are not two
// languages.
func (r *reader) language(n *yaml.Node) string {
	text := r.text(n, "", "want a language tag, as zh-CN or en (BCP 47)")
	if tag, err := language.Parse(text); text != "" && (err != nil || tag.String() != text) {
		r.fault(n, "", "want a language tag in its usual spelling, as zh-CN or en (BCP 47)")
	}
	return text
}

func (r *reader) material(n *yaml.Node) Material {
	var m Material
	told := false
	read := map[string]func(*yaml.Node){
		"since": func(n *yaml.Node) {
			m.Since = r.form(n, versionForm, "want the version before, as 1; leave the key out in the first")
		},
		"changed": func(n *yaml.Node) { m.Changed = r.line(n, "want in one line what changed") },
		"ask_again": func(n *yaml.Node) {
			if told = n.Tag == "!!bool"; !told || n.Decode(&m.AskAgain) != nil {
				r.fault(n, "", "want true or false: must people who agreed before be asked again?")
				told = true
			}
		},
	}
	r.object(n, "", "want keys and values, as `changed: first version`", read, "since", "changed", "ask_again")
	if n.Kind == yaml.MappingNode && (m.Changed == "" || !told) {
		r.fault(n, "", "material needs changed and ask_again: people decide by them whether an old agreement still counts")
	}
	return m
}

// blanks reads the declarations.
func (r *reader) blanks(n *yaml.Node) []Blank {
	var list []Blank
	for _, p := range r.pairs(n, "", "want a line for each blank, as `person_name: {kind: name, label: the person's name}`") {
		if !blankForm.MatchString(p.key.Value) {
			r.fault(p.key, "", "want the blank's name in small letters, digits and underscores, as person_name")
			continue
		}
		if p.key.Value == serialBlank {
			r.fault(p.key, serialBlank, "this name is taken by the number that each text gets in its last line; take another")
			continue
		}
		list = append(list, r.blank(p.key.Value, p.value))
	}
	return list
}

func (r *reader) blank(name string, n *yaml.Node) Blank {
	b := Blank{Name: name}
	text := func(into *string) func(*yaml.Node) {
		return func(n *yaml.Node) { *into = r.text(n, name, "want a text; put it in quotes") }
	}
	var line *yaml.Node
	r.object(n, name, "want a kind and a label, as {kind: name, label: the person's name}", map[string]func(*yaml.Node){
		"kind": text((*string)(&b.Kind)), "label": text(&b.Label), "join": text(&b.Join),
		"line": func(n *yaml.Node) { line = n; text(&b.Line)(n) },
	}, "kind", "label", "line", "join")
	switch {
	case n.Kind != yaml.MappingNode:
	case !b.Kind.valid():
		r.fault(n, name, "want one of these kinds: %s", strings.Trim(fmt.Sprint(Kinds()), "[]"))
	case b.Label == "":
		r.fault(n, name, "the label is missing; say what belongs into the blank")
	case (b.Kind == KindRecipients) != (b.Line != ""):
		r.fault(n, name, "a line belongs to recipients, and only there: how one is written, as \"- {{name}} ({{contact}})\"")
	case (b.Kind == KindRecipients || b.Kind == KindList) != (b.Join != ""):
		r.fault(n, name, "join belongs to recipients and lists, and only there: what stands between two items, as \", \"")
	case line != nil:
		b.line = r.recipientLine(name, line)
	}
	return b
}

// recipientLine reads the line of a recipient, which must contain everything that PIPL art.
// 23 requires.
func (r *reader) recipientLine(name string, n *yaml.Node) []part {
	parts, bad := scan(n.Value)
	if bad >= 0 || strings.ContainsRune(n.Value, '\n') {
		r.fault(n, name, "want one line with blanks as {{name}}")
		return nil
	}
	seen := map[string]bool{}
	for _, p := range parts {
		seen[p.name] = true
		if p.field != "" || p.name != "" && !contains(recipientParts(), p.name) {
			r.fault(n, name, "the blanks of a recipient's line are %s", strings.Join(recipientParts(), ", "))
		}
	}
	for _, want := range recipientParts() {
		if !seen[want] && want != "address" {
			r.fault(n, name, "the line lacks {{%s}}; people must be told it of each recipient (PIPL art. 23)", want)
		}
	}
	return parts
}
