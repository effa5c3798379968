package notice

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// Recipient is an organization that receives the data, with everything that the notice must
// say about it (PIPL art. 23).
type Recipient struct {
	consent.Party

	For    string   `json:"for"`    // purpose
	Method string   `json:"method"` // method of processing
	Items  []string `json:"items"`  // data that it receives
}

// Value is the value of a blank. The zero Value fits no blank. Personal data in it is
// masked when printed.
type Value struct {
	kind       Kind
	text       idv.Sensitive // of text, name, id_number and date
	count      int
	party      consent.Party
	list       []string
	recipients []Recipient
}

// Values are the values of a template's blanks, by their names.
type Values map[string]Value

// Text makes a value for [KindText]. It is masked like personal data, because it may
// contain some.
func Text(text string) Value { return Value{kind: KindText, text: idv.NewSensitive(text)} }

// Name makes a value for [KindName].
func Name(name idv.Sensitive) Value { return Value{kind: KindName, text: name} }

// IDNumber makes a value for [KindIDNumber].
func IDNumber(number idv.Sensitive) Value { return Value{kind: KindIDNumber, text: number} }

// Date makes a value for [KindDate]: the day of the time in its location.
func Date(day time.Time) Value {
	return Value{kind: KindDate, text: idv.NewSensitive(day.Format(time.DateOnly))}
}

// Count makes a value for [KindCount].
func Count(n int) Value { return Value{kind: KindCount, count: n} }

// Party makes a value for [KindParty].
func Party(p consent.Party) Value { return Value{kind: KindParty, party: p} }

// List makes a value for [KindList].
func List(items ...string) Value { return Value{kind: KindList, list: items} }

// Recipients makes a value for [KindRecipients].
func Recipients(list ...Recipient) Value { return Value{kind: KindRecipients, recipients: list} }

const (
	maxText  = 600 // characters of a text
	maxName  = 100
	maxItems = 50
	maxCount = 1_000_000
)

var numberForm = regexp.MustCompile(`^[0-9A-Za-z()/-]{4,32}$`)

// fits returns what is wrong with the value for a blank, "" if nothing.
func (v Value) fits(b Blank) string {
	if v.kind != b.Kind || !v.whole() {
		return b.Kind.must()
	}
	return v.unclean()
}

// whole reports whether the value has everything that its kind requires.
func (v Value) whole() bool {
	switch v.kind {
	case KindCount:
		return v.count >= 1 && v.count <= maxCount
	case KindParty:
		return v.party.Name != "" && v.party.Contact != ""
	case KindList:
		return fullList(v.list)
	case KindRecipients:
		return fullRecipients(v.recipients)
	default:
		return v.readable()
	}
}

// readable reports whether the text of the value fits its kind.
func (v Value) readable() bool {
	text := v.clear()
	switch n := utf8.RuneCountInString(text); v.kind {
	case KindText:
		return n > 0 && n <= maxText
	case KindName:
		return n > 0 && n <= maxName
	case KindIDNumber:
		return numberForm.MatchString(text)
	case KindDate:
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	default:
		return false
	}
}

func fullList(list []string) bool {
	return len(list) > 0 && len(list) <= maxItems && !slices.Contains(list, "")
}

func fullRecipients(list []Recipient) bool {
	if len(list) == 0 || len(list) > maxItems {
		return false
	}
	for _, r := range list {
		if r.Name == "" || r.Contact == "" || r.For == "" || r.Method == "" || !fullList(r.Items) {
			return false
		}
	}
	return true
}

// unclean returns what in the texts of the value must not get into a notice: a text must
// not end its line or look like an open blank.
func (v Value) unclean() string {
	texts := append([]string{v.clear(), v.party.Name, v.party.Contact, v.party.Address}, v.list...)
	for _, r := range v.recipients {
		texts = append(texts, r.Name, r.Contact, r.Address, r.For, r.Method)
		texts = append(texts, r.Items...)
	}
	for _, text := range texts {
		mark, _ := leftover(norm.NFC.String(text))
		switch {
		case mark != "":
			return "contains a mark of an open blank (【, 】, {{, }}, ＿＿ or __); write plain words"
		case strings.ContainsFunc(text, hidden) || strings.ContainsRune(text, '\n') || !utf8.ValidString(text):
			return "contains a line end or an invisible character; write plain words in one line"
		case utf8.RuneCountInString(text) > maxText:
			return "is longer than 600 characters"
		case text != "" && strings.TrimSpace(text) == "":
			return "contains only spaces"
		}
	}
	return ""
}
