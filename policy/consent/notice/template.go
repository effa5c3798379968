// Package notice renders the text that a person reads before giving consent. Templates
// are versioned, immutable and identified by their hash; their typed blanks must all be
// filled.
//
// A template is one file: YAML front matter between two lines of three hyphens, which
// names the template and declares its blanks, and below it the text in sections. A section
// begins with a line such as `## [purpose] Why we ask`. A blank in the text is
// {{purpose}}, a part of a party is {{controller.name}}. The rendered text is plain text
// and must be shown as such, not as Markdown or HTML.
//
// Later versions of this program render the same text, byte for byte, from a template and
// its values: everything that shapes the text is in the template, nothing in the code.
// Therefore only the encrypted values are stored ([EncodeValues]), never the text.
//
// Legal basis: PIPL art. 14, 15, 17, 23 and 28 to 31, and the Network Data Security
// Regulation art. 21. The shipped texts are a starting point and no legal advice.
package notice

import (
	"slices"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Variant says who gives the consent.
type Variant string

// The variants.
const (
	Adult    Variant = "adult"    // the person, who is 14 or older
	Guardian Variant = "guardian" // a guardian, for a child under 14 (PIPL art. 31)
)

// Status says whether a template may be shown to people.
type Status string

// The statuses.
const (
	Ready   Status = "ready"   // for real use
	Example Status = "example" // for demonstration; only RenderExample renders it
)

// Head is the metadata of a template.
type Head struct {
	Name     string // with Version and Language it identifies one text, which never changes
	Version  string // numbers separated by dots, such as 1 or 2.1
	Language string // BCP 47, such as zh-CN
	Title    string
	Variant  Variant
	Status   Status
	Material Material
}

// Material says what a version changed.
type Material struct {
	Since    string // the previous version; "" for the first
	Changed  string // what changed, for a reviewer
	AskAgain bool   // consents to the previous version must be asked for again
}

// Template is one notice with open blanks. It is immutable and safe for concurrent use.
type Template struct {
	head     Head
	blanks   []Blank
	sections []Section
	source   string
	hash     string
	place    strictyaml.Fault // of the version in the file, for conflicts with other templates
}

// Head returns the metadata.
func (t *Template) Head() Head { return t.head }

// Blanks returns the blanks, in the order of the file. All of them must be filled.
func (t *Template) Blanks() []Blank { return slices.Clone(t.blanks) }

// Sections returns the sections, in the order of the file.
func (t *Template) Sections() []Section { return slices.Clone(t.sections) }

// Source returns the file in canonical form: UTF-8 in NFC, lines that end with \n.
func (t *Template) Source() string { return t.source }

// Hash returns "sha256:" and the hash of Source, which does not depend on the system that
// saved the file.
func (t *Template) Hash() string { return t.hash }

// Blank is a typed place in the text.
type Blank struct {
	Name  string
	Kind  Kind
	Label string // what belongs there
	Line  string // of [KindRecipients]: the line of one recipient
	Join  string // of a list, also in Line: the separator of items

	line []part
}

// Section is a part of the text.
type Section struct {
	ID      string
	Heading string // may be ""
	Text    string // with blanks as {{name}}
	Line    int    // where it begins in the file, from 1

	first int // line of the file that Text begins in
	parts []part
}

// blank finds a blank by its name.
func (t *Template) blank(name string) (Blank, bool) {
	i := slices.IndexFunc(t.blanks, func(b Blank) bool { return b.Name == name })
	if i < 0 {
		return Blank{}, false
	}
	return t.blanks[i], true
}

// mandatory returns the sections that a ready template must have, with the reason.
func mandatory(v Variant) [][2]string {
	list := [][2]string{
		{"purpose", "why the data is asked for (PIPL art. 17)"},
		{"method", "how it is processed (PIPL art. 17)"},
		{"items", "which data (PIPL art. 17)"},
		{"necessity", "why it is necessary (PIPL art. 30)"},
		{"impact", "what it may do to the person (PIPL art. 30)"},
		{"recipients", "who gets it, each with name and contact (PIPL art. 23; Network Data Security Regulation art. 21)"},
		{"retention", "how long it is kept (PIPL art. 17)"},
		{"validity", "how often and how long the agreement may be used (PIPL art. 6 and 19)"},
		{"rights", "which rights the person has and how to use them (PIPL art. 17, 44 to 50)"},
		{"withdrawal", "how to take the agreement back (PIPL art. 15)"},
		{"refusal", "that saying no costs nothing but what needs the data (PIPL art. 16)"},
		{"contact", "who asks, and how to reach them (PIPL art. 17)"},
	}
	if v == Guardian {
		list = append(list, [2]string{"guardian", "who agrees for the child (PIPL art. 31)"})
	}
	return list
}

// Kind is the type of a blank.
type Kind string

// The kinds.
const (
	KindText       Kind = "text"       // one line
	KindName       Kind = "name"       // a person's name
	KindIDNumber   Kind = "id_number"  // a person's document number
	KindParty      Kind = "party"      // an organization: {{x.name}}, {{x.contact}}, {{x.address}}
	KindList       Kind = "list"       // texts, separated by Join
	KindRecipients Kind = "recipients" // organizations that receive the data, each on a line of its own
	KindCount      Kind = "count"      // a whole number from 1; "unlimited" is not a value
	KindDate       Kind = "date"       // YYYY-MM-DD
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{KindText, KindName, KindIDNumber, KindParty, KindList, KindRecipients, KindCount, KindDate}
}

// must says what a value of a kind must be, for errors.
func (k Kind) must() string {
	switch k {
	case KindParty:
		return "must be an organization with its name and contact"
	case KindList:
		return "must be a list of 1 to 50 texts"
	case KindRecipients:
		return "must be a list of 1 to 50 organizations, each with name, contact, for, method and items"
	case KindCount:
		return "must be a whole number from 1 to 1000000; unlimited is not a value"
	case KindDate:
		return "must be a date such as 2026-11-08"
	case KindIDNumber:
		return "must be a document number of 4 to 32 letters, digits, hyphens, slashes and brackets; put it in quotes"
	case KindName:
		return "must be a person's name in one line of at most 100 characters"
	default:
		return "must be a text in one line of at most 600 characters; put it in quotes"
	}
}

// parts returns the fields of a blank of this kind, which are written behind a dot.
func (k Kind) parts() []string {
	if k == KindParty {
		return []string{"name", "contact", "address"}
	}
	return nil
}

// recipientParts lists the blanks in the line of a recipient.
func recipientParts() []string {
	return []string{"name", "contact", "address", "for", "method", "items"}
}

func (k Kind) valid() bool { return slices.Contains(Kinds(), k) }
