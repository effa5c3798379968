package identity

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Options say how to check. The zero value recognises any kind of document, is
// strict about hyphens and look-alikes, takes today from the clock and uses the
// embedded table.
type Options struct {
	Want         idv.Document // hold the number to this kind; unknown means recognise it
	Today        Date         // in China; zero means by the system's clock
	Lenient      bool         // remove hyphens and brackets, take Ⅹ for X, fold sentence dots in names
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

// Sex is what a number says of its holder, as the register entered it.
type Sex string

// The sexes of a number. The zero value is a number that does not say.
const (
	SexUnknown Sex = ""
	Male       Sex = "M"
	Female     Sex = "F"
)

// Number is what was found about an identity number. A rejected number tells
// less: its birth and sex only if its check digit is right, since otherwise any
// digit may be the wrong one, and its address code only if the table has it.
type Number struct {
	Finding

	Type        idv.Document  // unknown if the form is that of no document
	Birth       Date          // zero if the number does not say
	Sex         Sex           // empty if the number does not say
	AddressCode string        // six digits; the province for ForeignPR18, four digits for ForeignPR15
	Upgraded    idv.Sensitive // for Resident15: the number of 18 digits, which vendors want
	Lifetime    idv.Sensitive // for permits: the part that stays with the person
	Issue       string        // for permits: which card it is, as printed; empty if not given
}

// Masked returns the number as it may be shown, or nothing if it was too long or
// broken to be one.
func (n Number) Masked() string { return n.text.MaskNumber() }

// MarshalJSON writes the line of `heyan check --json`. The number is not in it.
func (n Number) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Valid       bool         `json:"valid"`
		Reason      Reason       `json:"reason"`
		Type        idv.Document `json:"type,omitempty"`
		Birth       string       `json:"birth,omitempty"`
		Sex         Sex          `json:"sex,omitempty"`
		AddressCode string       `json:"address_code,omitempty"`
		Flags       []string     `json:"flags,omitempty"`
		Changes     []string     `json:"changes,omitempty"`
		Masked      string       `json:"masked,omitempty"`
	}{n.Valid, n.Reason, n.Type, n.Birth.String(), n.Sex, n.AddressCode, n.Flags.List(), n.Changes.List(), n.Masked()})
}

// CheckNumber brings an identity number into one form, recognises its kind unless
// Options.Want names it, and checks its form. It never fails otherwise than by a
// Number that is not valid, whatever the input.
func CheckNumber(raw idv.Sensitive, opts Options) Number {
	opts.Today = opts.today()
	t, failure := tidyNumber(raw.Reveal(), opts.Lenient)
	n := Number{Type: opts.Want}
	n.Changes = t.changes
	if failure != "" {
		n.conclude(failure, 0)
		return n
	}
	n.keep(raw, t.text)
	if n.Type == idv.DocumentUnknown {
		n.Type = recognize(&t)
		n.Flags = ambiguity(&t, n.Type)
	}
	failure = n.test(&t, &opts)
	if failure != "" && isSpreadsheetFloat(t.text) {
		n.Flags |= FlagSpreadsheetFloat
	}
	n.conclude(failure, printedMarks(n.Type))
	return n
}

// printedMarks returns the changes that only undo what is printed on the card.
func printedMarks(d idv.Document) Changes {
	if d == idv.HKID || d == idv.MacauBIR {
		return ChangeBrackets
	}
	return 0
}

// test runs the tests of the number's kind.
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
		return unrecognized(t)
	}
	return ReasonUnsupported
}

// unrecognized returns why a text is the number of no document.
func unrecognized(t *numberText) Reason {
	if strings.Contains(t.text, "字第") { // the form of military documents, 军字第…号
		return ReasonUnsupported
	}
	return ReasonLength
}

// isSpreadsheetFloat reports whether a text is a number that a spreadsheet has
// turned into 1.10105E+17; the digits are lost.
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
