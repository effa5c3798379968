package notice

import "slices"

// Kind is the type of a blank.
type Kind string

// The kinds.
const (
	KindText       Kind = "text"       // one line
	KindName       Kind = "name"       // a person's name
	KindIDNumber   Kind = "id_number"  // a person's document number
	KindParty      Kind = "party"      // a body: {{x.name}}, {{x.contact}}, {{x.address}}
	KindList       Kind = "list"       // texts, written with Join between them
	KindRecipients Kind = "recipients" // bodies that get the data, each on a line of its own
	KindCount      Kind = "count"      // a whole number from 1; "unlimited" is not a value
	KindDate       Kind = "date"       // YYYY-MM-DD
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{KindText, KindName, KindIDNumber, KindParty, KindList, KindRecipients, KindCount, KindDate}
}

// wants says what a value of a kind must be, for errors.
func (k Kind) wants() string {
	switch k {
	case KindParty:
		return "want a body with its name and contact"
	case KindList:
		return "want a list of texts"
	case KindRecipients:
		return "want a list of bodies, each with name, contact, for, method and items"
	case KindCount:
		return "want a whole number from 1 to 1000000; unlimited is not a value"
	case KindDate:
		return "want a date as 2026-11-08"
	case KindIDNumber:
		return "want a document number of 4 to 32 letters, digits, hyphens and brackets"
	case KindName:
		return "want a person's name in one line of at most 100 characters"
	default:
		return "want a text in one line of at most 600 characters; put it in quotes"
	}
}

// parts lists what may stand behind the dot in a blank's name; none for most kinds.
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
