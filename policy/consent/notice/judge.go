package notice

import (
	"slices"
	"strings"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// judge holds the parts of a well-formed template against each other.
func (r *reader) judge(t *Template) {
	used := map[string]bool{}
	for _, s := range t.sections {
		for i, p := range s.parts {
			if p.name == "" {
				continue
			}
			used[p.name] = true
			if message := t.misused(s.parts, i); message != "" {
				line, column := place(s.Text, p.at, s.first)
				r.faults = append(r.faults, Fault{r.file, line, column, p.name, message})
			}
		}
	}
	for _, b := range t.blanks {
		if !used[b.Name] {
			r.faults = append(r.faults, Fault{File: r.file, Blank: b.Name, Message: "is declared and stands nowhere in the text; people would not read what is filled in"})
		}
	}
	if t.head.Status != Ready {
		return
	}
	for _, section := range mandatory(t.head.Variant) {
		if !has(t.sections, section[0]) {
			r.faults = append(r.faults, Fault{File: r.file, Message: "the section [" + section[0] + "] is missing: " + section[1] + "; add it, or set status: example"})
		}
	}
}

// misused returns why a blank may not stand in the text as it does.
func (t *Template) misused(parts []part, i int) string {
	p := parts[i]
	b, ok := t.blank(p.name)
	fields := b.Kind.parts()
	switch {
	case !ok:
		return "is not declared; add it under blanks, with its kind and label"
	case len(fields) > 0 && !contains(fields, p.field):
		return "say which part of it: " + strings.Join(fields, ", ") + ", as {{" + b.Name + ".name}}"
	case len(fields) == 0 && p.field != "":
		return "has no parts; write {{" + b.Name + "}}"
	case b.Kind == KindRecipients && !alone(parts, i):
		return "must be the only thing on its line, since each recipient gets a line of its own"
	}
	return ""
}
