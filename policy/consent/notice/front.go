package notice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/heyan-id/heyan/config/strictyaml"
)

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,59}$`)
	versionForm = regexp.MustCompile(`^[0-9]{1,8}(\.[0-9]{1,8}){0,3}$`)
	blankForm   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

// frontMatter is the YAML of a template. All its keys are required.
type frontMatter struct {
	Name     string  `json:"name"`
	Version  any     `json:"version"` // 1, 1.10 or "1.10"
	Language string  `json:"language"`
	Title    string  `json:"title"`
	Variant  Variant `json:"variant"`
	Status   Status  `json:"status"`
	Material struct {
		Since    any    `json:"since"` // a version; only this key may be missing
		Changed  string `json:"changed"`
		AskAgain bool   `json:"ask_again"`
	} `json:"material"`
	Blanks map[string]frontBlank `json:"blanks"`
}

// frontBlank is the declaration of a blank.
type frontBlank struct {
	Kind  Kind   `json:"kind"`
	Label string `json:"label"`
	Line  string `json:"line"`
	Join  string `json:"join"`
}

// head reads the front matter.
func (r *reader) head() (Head, []Blank) {
	var in frontMatter
	r.decode("", r.doc.Value, &in)
	r.require("", "name", "version", "language", "title", "variant", "status", "material", "blanks")
	h := Head{
		Name: in.Name, Version: r.asWritten("version", in.Version), Language: in.Language, Title: in.Title, Variant: in.Variant, Status: in.Status,
		Material: r.material(in),
	}
	r.check("name", nameForm.MatchString(h.Name), "must be small letters, digits and hyphens, such as identity-check")
	r.check("version", versionForm.MatchString(h.Version), "must be numbers separated by dots, such as 1 or 2.1")
	r.check("language", canonicalTag(h.Language), "must be a language tag in its canonical spelling, such as zh-CN or en (BCP 47)")
	r.check("title", plainLine(h.Title), "must be a title in one line, without blanks")
	r.check("variant", h.Variant == Adult || h.Variant == Guardian, "must be %s or %s", Adult, Guardian)
	r.check("status", h.Status == Ready || h.Status == Example, "must be %s or %s", Ready, Example)
	return h, r.blanks(in.Blanks)
}

// require adds a fault for each key that the map at a path lacks.
func (r *reader) require(path string, keys ...string) {
	if slices.ContainsFunc(r.faults, func(f strictyaml.Fault) bool { return f.Path == path }) {
		return // not a map
	}
	for _, key := range keys {
		if at := strictyaml.Join(path, key); !r.doc.Has(at) {
			r.note(at, "is missing; add it")
		}
	}
}

// plainLine reports whether a text is one line without blanks.
func plainLine(text string) bool {
	mark, _ := leftover(text)
	return mark == "" && strings.TrimSpace(text) != "" && !strings.ContainsRune(text, '\n')
}

// canonicalTag reports whether a language tag has its canonical spelling, so that zh-cn and
// zh-CN are not two languages.
func canonicalTag(text string) bool {
	tag, err := language.Parse(text)
	return err == nil && tag.String() == text
}

func (r *reader) material(in frontMatter) Material {
	m := Material{Since: r.asWritten("material.since", in.Material.Since), Changed: in.Material.Changed, AskAgain: in.Material.AskAgain}
	if r.doc.Has("material") { // people decide by these whether an old agreement still counts
		r.require("material", "changed", "ask_again")
	}
	r.check("material.since", versionForm.MatchString(m.Since), "must be the previous version, such as 1; remove the key in the first version")
	r.check("material.changed", plainLine(m.Changed), "must say in one line what changed")
	return m
}

// blanks reads the declarations, in the order of the file.
func (r *reader) blanks(in map[string]frontBlank) []Blank {
	var list []Blank
	for _, name := range r.doc.Keys("blanks") {
		path := strictyaml.Join("blanks", name)
		switch {
		case !blankForm.MatchString(name):
			r.note(path, "the name of a blank must be small letters, digits and underscores, such as person_name")
		case name == serialBlank:
			r.note(path, "this name is reserved for the number in the last line of each text; choose another")
		default:
			list = append(list, r.blank(path, name, in[name]))
		}
	}
	return list
}

func (r *reader) blank(path, name string, in frontBlank) Blank {
	b := Blank{Name: name, Kind: in.Kind, Label: in.Label, Line: in.Line, Join: in.Join}
	switch {
	case r.faulty(path):
	case !b.Kind.valid():
		r.note(path+".kind", "must be one of these kinds: %s", strings.Trim(fmt.Sprint(Kinds()), "[]"))
	case strings.TrimSpace(b.Label) == "":
		r.note(path+".label", "is missing; say what belongs in the blank")
	case (b.Kind == KindRecipients) != (b.Line != ""):
		r.note(path+".line", "is required for recipients, and for them only: the line of one recipient, such as \"- {{name}} ({{contact}})\"")
	case (b.Kind == KindRecipients || b.Kind == KindList) != (b.Join != ""):
		r.note(path+".join", "is required for recipients and lists, and for them only: the separator of items, such as \", \"")
	case b.Line != "":
		b.line = r.recipientLine(path+".line", b.Line)
	}
	return b
}

// recipientLine reads the line of a recipient, which must contain everything that PIPL art.
// 23 requires.
func (r *reader) recipientLine(path, line string) []part {
	parts, bad := scan(line)
	if bad >= 0 || strings.ContainsRune(line, '\n') {
		r.note(path, "must be one line, with its blanks written as {{name}}")
		return nil
	}
	seen := map[string]bool{}
	for _, p := range parts {
		seen[p.name] = true
		if p.field != "" || p.name != "" && !slices.Contains(recipientParts(), p.name) {
			r.note(path, "must have no blanks but %s", strings.Join(recipientParts(), ", "))
		}
	}
	for _, name := range recipientParts() {
		if !seen[name] && name != "address" {
			r.note(path, "must contain {{%s}}, which people must be told of each recipient (PIPL art. 23)", name)
		}
	}
	return parts
}
