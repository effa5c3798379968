package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/textfile"
)

// maxFile is the largest template that is read, in bytes. A notice that people read
// has a few thousand.
const maxFile = 256 << 10

// Parse reads a template. The error is [strictyaml.Faults] with every fault; file is the
// name of the template in them.
func Parse(file string, text []byte) (*Template, error) {
	source, err := canonical(file, text)
	if err != nil {
		return nil, err
	}
	front, body, first, ok := cut(source)
	if !ok {
		return nil, strictyaml.Faults{{File: file, Line: 1, Text: "must begin with front matter between two lines of ---, with name, version and blanks, and hold the text below it"}}
	}
	t := &Template{source: source, hash: hashOf(source)}
	r := &reader{file: file}
	if r.parse(front) {
		t.head, t.blanks = r.head()
		t.place = r.doc.Fault("version", "")
	}
	t.sections = r.sections(body, first)
	if len(r.faults) == 0 {
		r.judge(t)
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

// canonical converts a file to the form that is hashed, so that line ends and composed
// letters, which depend on the editor and the system, do not change the hash.
func canonical(file string, text []byte) (string, error) {
	if len(text) > maxFile {
		return "", strictyaml.Faults{{File: file, Text: fmt.Sprintf("is larger than %d bytes; a notice must be short enough to be read", maxFile)}}
	}
	text, _, err := textfile.Decode(text)
	if err != nil {
		return "", strictyaml.Faults{{File: file, Text: err.Error()}}
	}
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text))
	s = strings.TrimRight(norm.NFC.String(s), "\n") + "\n"
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		return "", strictyaml.Faults{{File: file, Line: lineAt(s, i, 1), Text: "contains an invisible character, such as a tab or a direction mark; delete it"}}
	}
	return s, nil
}

// hidden reports whether a character is invisible or changes the text direction: the person
// would not read what is hashed. Only the line end is allowed.
func hidden(r rune) bool {
	return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// cut separates the front matter, with the line of hyphens above it, from the text; first is
// the line where the text begins.
func cut(source string) (front, body string, first int, ok bool) {
	rest, ok := strings.CutPrefix(source, "---\n")
	if !ok {
		return "", "", 0, false
	}
	front, body, ok = strings.Cut(rest, "\n---\n")
	return "---\n" + front + "\n", body, strings.Count(front, "\n") + 4, ok
}

var headline = regexp.MustCompile(`^## \[([a-z][a-z0-9-]{0,39})\](?: (.*\S))?$`)

// sections reads the text below the front matter.
func (r *reader) sections(body string, first int) []Section {
	var list []Section
	for i, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		m := headline.FindStringSubmatch(line)
		switch {
		case m != nil && has(list, m[1]):
			r.noteLine(first+i, "", "there are two sections [%s]; join them, or give one another id", m[1])
		case m != nil:
			list = append(list, Section{ID: m[1], Heading: m[2], Line: first + i})
		case strings.HasPrefix(line, "#"):
			r.noteLine(first+i, "", "a heading must be two #, an id in square brackets and words, such as `## [purpose] Why we ask`")
		case len(list) > 0:
			list[len(list)-1].Text += line + "\n"
		case strings.TrimSpace(line) != "":
			r.noteLine(first+i, "", "text before the first heading; begin with `## [opening]`")
		}
	}
	for i := range list {
		r.cutSection(&list[i])
	}
	return list
}

func (r *reader) cutSection(s *Section) {
	s.first = s.Line + 1
	for strings.HasPrefix(s.Text, "\n") {
		s.Text, s.first = s.Text[1:], s.first+1
	}
	s.Text = strings.TrimRight(s.Text, "\n")
	if strings.TrimSpace(s.Text) == "" {
		r.noteLine(s.Line, "", "the section is empty; write its text below the heading, or delete it")
	}
	if mark, _ := leftover(s.Heading); mark != "" {
		r.noteLine(s.Line, "", "a heading must not contain blanks; move them to the text")
	}
	parts, bad := scan(s.Text)
	if bad >= 0 {
		r.noteLine(lineAt(s.Text, bad, s.first), "", "a blank must be written as {{person_name}} and declared under blanks")
	}
	s.parts = parts
}

func has(list []Section, id string) bool {
	return slices.ContainsFunc(list, func(s Section) bool { return s.ID == id })
}

// judge checks the parts of a well-formed template against each other.
func (r *reader) judge(t *Template) {
	used := map[string]bool{}
	for _, s := range t.sections {
		for i, p := range s.parts {
			if p.name == "" {
				continue
			}
			used[p.name] = true
			if message := t.misused(s.parts, i); message != "" {
				r.noteLine(lineAt(s.Text, p.at, s.first), p.name, "%s", message)
			}
		}
	}
	for _, b := range t.blanks {
		if !used[b.Name] {
			r.note(strictyaml.Join("blanks", b.Name), "is declared and not used in the text; use it or remove it")
		}
	}
	if t.head.Status != Ready {
		return
	}
	for _, section := range mandatory(t.head.Variant) {
		if !has(t.sections, section[0]) {
			r.note("status", "the section [%s] is missing: %s; add it, or set status: example", section[0], section[1])
		}
	}
}

// misused returns why a blank in the text is wrong, "" if it is right.
func (t *Template) misused(parts []part, i int) string {
	p := parts[i]
	b, ok := t.blank(p.name)
	fields := b.Kind.parts()
	switch {
	case !ok:
		return "is not declared; add it under blanks, with its kind and label"
	case len(fields) > 0 && !slices.Contains(fields, p.field):
		return "must name one of its parts " + strings.Join(fields, ", ") + ", such as {{" + b.Name + ".name}}"
	case len(fields) == 0 && p.field != "":
		return "has no parts; write {{" + b.Name + "}}"
	case b.Kind == KindRecipients && !alone(parts, i):
		return "must be the only thing on its line, since each recipient gets a line of its own"
	}
	return ""
}
