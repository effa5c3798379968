package notice

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/engine/idv"
)

// maxValues is the largest file of values that is read, in bytes.
const maxValues = 64 << 10

// ParseValues reads the values of the blanks of a template from YAML or JSON: a key for
// each blank. The error is [Faults] with every fault, its line, column and blank, and never
// a value.
func (t *Template) ParseValues(file string, text []byte) (Values, error) {
	if len(text) > maxValues {
		return nil, Faults{{File: file, Message: "is larger than 64 KiB; it should hold one value for each blank"}}
	}
	source, err := canonical(file, text)
	if err != nil {
		return nil, err
	}
	r := &reader{file: file}
	root := r.document(source)
	if root == nil {
		return nil, r.faults
	}
	values := Values{}
	for _, p := range r.pairs(root, "", "want a key for each blank, as `person_name: 张三`") {
		if b, ok := t.blank(p.key.Value); ok {
			values[b.Name] = r.value(b, p.value)
		} else {
			r.fault(p.key, "", "%s: this template has no such blank; remove it", unknownKey(p.key.Value))
		}
	}
	for _, b := range t.blanks {
		if _, ok := values[b.Name]; !ok && root.Kind == yaml.MappingNode {
			r.fault(root, b.Name, "is missing; %s", b.Kind.wants())
		}
	}
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	return values, nil
}

// value reads the value of a blank and records its faults.
func (r *reader) value(b Blank, n *yaml.Node) Value {
	before := len(r.faults)
	v := r.typed(b, n)
	if len(r.faults) == before {
		if message := v.fits(b); message != "" {
			r.fault(n, b.Name, "%s", message)
		}
	}
	return v
}

func (r *reader) typed(b Blank, n *yaml.Node) Value {
	want := b.Kind.wants()
	switch b.Kind {
	case KindCount:
		count, err := strconv.Atoi(r.text(n, b.Name, want, "!!int"))
		if err != nil {
			count = 0 // which fits no blank
		}
		return Count(count)
	case KindParty:
		return Party(r.party(b, n).Party)
	case KindList:
		return List(r.texts(b, n, want)...)
	case KindRecipients:
		var list []Recipient
		for _, item := range r.items(n, b.Name, want) {
			list = append(list, r.party(b, item))
		}
		return Recipients(list...)
	case KindIDNumber:
		return IDNumber(idv.NewSensitive(r.text(n, b.Name, want, "!!int")))
	case KindDate:
		return Value{kind: KindDate, text: idv.NewSensitive(r.text(n, b.Name, want, "!!timestamp"))}
	default:
		return Value{kind: b.Kind, text: idv.NewSensitive(r.text(n, b.Name, want))}
	}
}

// party reads an organization, with the keys of a recipient if the blank is for recipients.
func (r *reader) party(b Blank, n *yaml.Node) Recipient {
	var p Recipient
	want := b.Kind.wants()
	text := func(into *string) func(*yaml.Node) {
		return func(n *yaml.Node) { *into = r.text(n, b.Name, want) }
	}
	members := map[string]func(*yaml.Node){"name": text(&p.Name), "contact": text(&p.Contact), "address": text(&p.Address)}
	known := b.Kind.parts()
	if b.Kind == KindRecipients {
		known = recipientParts()
		members["for"], members["method"] = text(&p.For), text(&p.Method)
		members["items"] = func(n *yaml.Node) { p.Items = r.texts(b, n, want) }
	}
	r.object(n, b.Name, want, members, known...)
	return p
}

func (r *reader) texts(b Blank, n *yaml.Node, want string) []string {
	var list []string
	for _, item := range r.items(n, b.Name, want) {
		list = append(list, r.text(item, b.Name, want))
	}
	return list
}
