// Package identity normalizes identity numbers, names, mobile numbers and bank card
// numbers and checks what can be checked offline: length, characters, province, date of
// birth, check digit. It makes no network call, stores nothing, and never prints a number
// or a name.
//
// A valid result says only that the form is right; the number may belong to no person. The
// check digit of an 18-digit resident number (GB 11643) detects every single wrong digit
// and every swap of two neighbors, but fits one of eleven random numbers. Only a register
// can say whether a name belongs to a number.
//
// A number is rejected only if it cannot exist, see [Reason]. What is unusual is a flag,
// see [Flags]. The county part of the address code never rejects a number: the code is
// the one in force when the number was assigned, no list of codes is complete, and some
// real cards have codes that are in no list.
//
// [CheckNumber] checks a number of any kind, [CheckName] a name, and [Normalize] all
// claims of a subject that a check needs. All functions are safe for concurrent use. The
// check of a resident number or a name that is already normalized allocates nothing.
package identity

//go:generate go run ./internal/areacodes

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Options configure a check. The zero value recognizes every kind of document, is strict
// about hyphens and similar characters, takes today from the clock and uses the embedded
// table.
type Options struct {
	Want         idv.Document // check the number as this kind; unknown means recognize it
	Today        Date         // in China; zero means by the system clock
	Lenient      bool         // remove hyphens and brackets, take Ⅹ and ⅹ for X, fold sentence dots in names
	Latin        bool         // accept Latin letters with marks and full stops in names, as other countries print them
	SendUnmapped bool         // accept names with private-use characters that have no official form
	Table        *Table       // of address codes; nil means DefaultTable
}

func (o Options) today() Date {
	if o.Today.IsZero() {
		return DateOf(time.Now())
	}
	return o.Today
}

func (o Options) table() *Table {
	if o.Table == nil {
		return DefaultTable()
	}
	return o.Table
}

// Sex is the sex of the holder that a number encodes.
type Sex string

// The sexes. The zero value means that the number does not encode it.
const (
	SexUnknown Sex = ""
	Male       Sex = "M"
	Female     Sex = "F"
)

// Number is the result of a check of an identity number. A rejected number has a birth
// and a sex only if its check digit is right, because otherwise any digit may be wrong,
// and an address code only if the table lists it.
type Number struct {
	Finding

	Type        idv.Document  // unknown if no document has this form
	Birth       Date          // zero if the number does not encode it
	Sex         Sex           // empty if the number does not encode it
	AddressCode string        // six digits; the province for ForeignPR18, four digits for ForeignPR15
	Upgraded    idv.Sensitive // for Resident15: the number in 18 digits, which vendors require
	Lifetime    idv.Sensitive // for permits: the part that never changes
	Issue       string        // for permits: the issue number of the card as printed; empty if not given
}

// Masked returns the masked number, or "" if the input is too long or too damaged.
func (n Number) Masked() string { return n.text.MaskNumber() }

// numberView is the line of `heyan check --json`.
type numberView struct {
	Valid       bool         `json:"valid"`
	Reason      Reason       `json:"reason"`
	Type        idv.Document `json:"type,omitempty"`
	Birth       string       `json:"birth,omitempty"`
	Sex         Sex          `json:"sex,omitempty"`
	AddressCode string       `json:"address_code,omitempty"`
	Flags       []string     `json:"flags,omitempty"`
	Changes     []string     `json:"changes,omitempty"`
	Masked      string       `json:"masked,omitempty"`
}

func (n Number) view() numberView {
	return numberView{Valid: n.Valid, Reason: n.Reason, Type: n.Type, Flags: n.Flags.List(), Changes: n.Changes.List(), Masked: n.Masked()}
}

// MarshalJSON returns the line of `heyan check --json`. It contains neither the number nor
// the parts that the number encodes: date of birth, sex and address code leave some 500
// numbers. See [DetailedNumber].
func (n Number) MarshalJSON() ([]byte, error) { return json.Marshal(n.view()) }

// DetailedNumber is a Number whose JSON contains the date of birth, the sex and the address
// code.
type DetailedNumber struct{ Number }

// MarshalJSON returns the line of `heyan check --json --details`.
func (n DetailedNumber) MarshalJSON() ([]byte, error) {
	v := n.view()
	v.Birth, v.Sex, v.AddressCode = n.Birth.String(), n.Sex, n.AddressCode
	return json.Marshal(v)
}

// CheckNumber normalizes an identity number, recognizes its kind unless Options.Want
// names it, and checks its form. For every input it returns a Number, which is valid or
// has the reason why not.
func CheckNumber(raw idv.Sensitive, opts Options) Number {
	opts.Today = opts.today()
	t, failure := normalizeNumber(raw.Reveal(), opts.Lenient)
	n := Number{Type: opts.Want}
	n.Changes = t.changes
	if failure != "" {
		n.conclude(failure, 0)
		return n
	}
	n.dropMarks(&t)
	n.keep(raw, t.text)
	if n.Type == idv.DocumentUnknown {
		n.Type = recognize(&t)
		n.Flags = ambiguity(&t, n.Type)
	}
	failure = n.test(&t, &opts)
	if failure != "" && isSpreadsheetFloat(t.text) {
		n.Flags |= FlagSpreadsheetFloat
	}
	if opts.Want == idv.DocumentUnknown && failure != "" {
		if other := resembles(&t); other != "" {
			failure, n.Type = other, idv.DocumentUnknown
		}
	}
	n.conclude(failure, printedMarks(n.Type))
	return n
}

// printedMarks returns the changes that remove marks which are printed on the card.
func printedMarks(d idv.Document) Changes {
	switch d {
	case idv.HKID, idv.MacauBIR:
		return ChangeBrackets
	case idv.BrazilCPF:
		return ChangePunctuation | ChangeHyphens
	}
	return 0
}

// test runs the tests for the kind of the number.
func (n *Number) test(t *numberText, opts *Options) Reason {
	switch n.Type {
	case idv.Resident18, idv.HKMOResidence, idv.TWResidence:
		return n.resident18(t, opts)
	case idv.Resident15:
		return n.resident15(t, opts)
	case idv.ForeignPR18:
		return n.foreign18(t, opts)
	case idv.ForeignPR15:
		return n.foreign15(t, opts)
	case idv.HKID:
		return n.hongKong(t)
	case idv.MacauBIR:
		return n.macau(t)
	case idv.TaiwanID, idv.TaiwanARC:
		return n.taiwan(t)
	case idv.HKMOPermit:
		return n.hkmoPermit(t)
	case idv.TaiwanPermit:
		return n.taiwanPermit(t)
	case idv.PassportMRZLine2:
		return n.passport(t, opts)
	case idv.DocumentUnknown:
		return ReasonLength // no document has a number of this form
	}
	return n.abroad(t)
}

// isSpreadsheetFloat reports whether a spreadsheet turned the number into 1.10105E+17.
// The digits are lost.
func isSpreadsheetFloat(text string) bool {
	mantissa, exponent, ok := strings.Cut(text, "E+")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return ok && allDigits(whole) && allDigits(exponent) && (fraction == "" || allDigits(fraction))
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
