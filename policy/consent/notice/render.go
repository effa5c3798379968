package notice

import (
	"cmp"
	"crypto/rand"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// Rendered is a notice with its blanks filled.
type Rendered struct {
	Body   idv.Sensitive  // plain text in NFC, with the person's name and number in it
	Notice consent.Notice // identifies the template and, by its hash, the bytes of Body
}

// Render fills the blanks. The error is [strictyaml.Faults] that name the blanks if a value is
// missing, unknown, of another kind or not plain text, or if the template is an example.
func (t *Template) Render(values Values) (Rendered, error) {
	if t.head.Status != Ready {
		return Rendered{}, strictyaml.Faults{{Text: "this template is an example and must not be shown to people; use one with status: ready"}}
	}
	return t.RenderExample(values)
}

// RenderExample renders a template of any status. Never ask for consent with the text of an
// example.
func (t *Template) RenderExample(values Values) (Rendered, error) {
	if err := t.check(values); err != nil {
		return Rendered{}, err
	}
	var out strings.Builder
	out.WriteString(t.head.Title + "\n")
	for _, s := range t.sections {
		out.WriteString("\n")
		if s.Heading != "" {
			out.WriteString(s.Heading + "\n")
		}
		for _, p := range s.parts {
			out.WriteString(t.fill(p, values))
		}
		out.WriteString("\n")
	}
	out.WriteString(t.serialLine(values))
	body := norm.NFC.String(out.String())
	if mark, _ := leftover(body); mark != "" {
		return Rendered{}, strictyaml.Faults{{Text: "an open blank is left in the text: two adjacent values form one; put a space between them"}}
	}
	h := t.head
	return Rendered{
		Body:   idv.NewSensitive(body),
		Notice: consent.Notice{Name: h.Name, Version: h.Version, Language: h.Language, Template: t.hash, Text: hashOf(body)},
	}, nil
}

// check returns the faults of the values.
func (t *Template) check(values Values) error {
	var faults strictyaml.Faults
	note := func(blank, text string) { faults = append(faults, strictyaml.Fault{Path: blank, Text: text}) }
	for _, b := range t.blanks {
		v, ok := values[b.Name]
		if !ok {
			note(b.Name, "is missing; it "+b.Kind.must())
		} else if message := cmp.Or(v.fits(b), t.unaddressed(b, v)); message != "" {
			note(b.Name, message)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := t.blank(name); !ok && name != serialBlank {
			note(safeName(name), "this template has no such blank; remove it")
		}
	}
	return faults.Err()
}

// unaddressed returns the fault if the text shows an address that the value lacks.
func (t *Template) unaddressed(b Blank, v Value) string {
	const message = "lacks the address, which the text shows; add it"
	for _, p := range b.line {
		if p.name == "address" && slices.ContainsFunc(v.recipients, func(r Recipient) bool { return r.Address == "" }) {
			return message
		}
	}
	for _, s := range t.sections {
		if slices.ContainsFunc(s.parts, func(p part) bool { return p.name == b.Name && p.field == "address" }) && v.party.Address == "" {
			return message
		}
	}
	return ""
}

// fill returns the text of a part. The values are checked.
func (t *Template) fill(p part, values Values) string {
	if p.name == "" {
		return p.text
	}
	b, _ := t.blank(p.name)
	v := values[p.name]
	switch b.Kind {
	case KindCount:
		return strconv.Itoa(v.count)
	case KindParty:
		return partyPart(v.party, p.field)
	case KindList:
		return strings.Join(v.list, b.Join)
	case KindRecipients:
		return b.recipientLines(v.recipients)
	default:
		return v.clear()
	}
}

func partyPart(p consent.Party, field string) string {
	switch field {
	case "name":
		return p.Name
	case "contact":
		return p.Contact
	default:
		return p.Address
	}
}

func (b Blank) recipientLines(list []Recipient) string {
	lines := make([]string, len(list))
	for i, r := range list {
		for _, p := range b.line {
			switch p.name {
			case "":
				lines[i] += p.text
			case "for":
				lines[i] += r.For
			case "method":
				lines[i] += r.Method
			case "items":
				lines[i] += strings.Join(r.Items, b.Join)
			default:
				lines[i] += partyPart(r.Party, p.name)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// serialBlank is the name of the serial among the values. No template may declare a blank
// of this name.
const serialBlank = "serial"

// WithSerial adds a serial to the values: 130 random bits in the last line of the text.
// Receipts, lists and backups contain the hash of the text. Without the serial an attacker
// could try names and numbers until the hash matches, because a date and place of birth
// leave few numbers. The serial is stored only in the encrypted values, so that an erasure
// makes the hash useless.
func (v Values) WithSerial() { v[serialBlank] = Text(rand.Text()) }

// serialLine returns the last line of a text, "" if the values have no serial, as in a
// preview.
func (t *Template) serialLine(values Values) string {
	v, ok := values[serialBlank]
	if !ok {
		return ""
	}
	label := idv.Text{EN: "Number of this text: ", ZH: "文本编号："}
	return "\n" + label.In(t.head.Language) + v.clear() + "\n"
}
