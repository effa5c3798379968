package providers

import (
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// The layers of a code table.
const (
	LayerVendor  = "vendor"
	LayerGateway = "gateway"
)

// Table is a product's code table. The documentation is generated from it, and the
// contract test checks every row.
type Table []idv.CodeRow

// Row returns the row of a code, compared exactly, and whether the table has it.
func (t Table) Row(layer, code string) (idv.CodeRow, bool) {
	for i := range t {
		if t[i].Layer == layer && t[i].Code == code {
			return t[i], true
		}
	}
	return idv.CodeRow{}, false
}

// Reading is what a codec read from a reply, before the code table gives it a meaning.
//
// If errors have a member of their own ({"error":{"code":…}} in place of {"result":…}), their
// code is the outermost one and the result, "" if it is missing, follows it. So an error
// whose code is that of a verdict is no verdict.
type Reading struct {
	Layer  string     // LayerVendor if empty
	Codes  []string   // exactly as written, from the outermost to the innermost; "" for one that is missing
	Ref    string     // the vendor's or gateway's reference of the call
	Fields idv.Fields // which claims agree with the register, where the reply says so
	Flag   idv.Charge // what the reply's own flag says of the charge; idv.ChargeUnknown if it is missing or unlisted
}

// separator joins the parts of a composite code.
const separator = "/"

// maxParts is the number of layers that a composite code may have.
const maxParts = 3

// Decode returns the answer or the failure of a reading.
//
// A verdict needs a row for all the codes together. A row for the outer codes alone
// counts if it is a failure: an envelope that reports an error makes whatever is inside
// it meaningless. A missing code is a garbled reply. Any other reading gives
// idv.FailureUnknown with an unknown charge, since a guess could turn an error into a
// match.
func (t Table) Decode(r Reading) (idv.Answer, error) {
	if r.Layer == "" {
		r.Layer = LayerVendor
	}
	row, ok := t.find(r.Layer, r.Codes)
	if !ok {
		return idv.Answer{}, t.unlisted(r)
	}
	charge := row.Charge
	if row.ByFlag {
		charge = r.Flag
	}
	if row.Verdict != idv.Undetermined {
		return idv.Answer{Verdict: row.Verdict, Charge: charge, VendorCode: row.Code, VendorRef: r.Ref, Fields: r.Fields}, nil
	}
	return idv.Answer{}, &idv.Error{
		Failure: row.Failure, Origin: origin(r.Layer), Delivery: row.Delivery, Charge: charge,
		Code: row.Code, Field: row.Field, Account: row.Account, Ref: r.Ref, Fields: partial(row.Failure, r.Fields),
	}
}

// partial returns the comparisons that a failure may have: those of a partial match, or of
// a code of which the manual does not say what it means.
func partial(f idv.Failure, fields idv.Fields) idv.Fields {
	if f != idv.PartialMatch && f != idv.FailureUnknown || fields.Contradict(idv.Undetermined) {
		return idv.Fields{}
	}
	return fields
}

// find returns the row of the codes: that of all of them, or the failure of the most
// outer ones that have a row.
func (t Table) find(layer string, codes []string) (idv.CodeRow, bool) {
	if len(codes) > maxParts || slices.ContainsFunc(codes, joined) {
		return idv.CodeRow{}, false
	}
	for n := len(codes); n > 0; n-- {
		code := strings.Join(codes[:n], separator)
		row, ok := t.Row(layer, code)
		switch {
		case !ok || missing(codes[:n]):
		case n == len(codes):
			return row, true
		case row.Verdict == idv.Undetermined && (codes[n] != "" || !t.continues(layer, code)):
			return row, true
		}
	}
	return idv.CodeRow{}, false
}

// joined reports whether a part of a code contains the separator. It could pass for two
// parts, and an outer code for a verdict.
func joined(code string) bool { return strings.Contains(code, separator) }

// continues reports whether the table has rows with more parts after a code, so that an
// inner code is expected after it.
func (t Table) continues(layer, code string) bool {
	for i := range t {
		if t[i].Layer == layer && strings.HasPrefix(t[i].Code, code+separator) {
			return true
		}
	}
	return false
}

func missing(codes []string) bool { return len(codes) == 0 || slices.Contains(codes, "") }

// unlisted returns the failure of codes without a row. An outer code that the table knows
// nothing of is an error of the vendor, whatever is missing within it; its code is kept, so
// that an operator can look it up. A flag that says "charged" is
// believed also then; one that says "not charged" is not, since it is unknown what the
// reply means.
func (t Table) unlisted(r Reading) *idv.Error {
	outer := r.Codes[:firstMissing(r.Codes)]
	e := &idv.Error{
		Failure: idv.FailureUnknown, Origin: origin(r.Layer), Charge: idv.ChargeUnknown.AtLeast(r.Flag),
		Code: safeCodes(outer), Ref: r.Ref, Detail: "a code that the table does not list",
	}
	if missing(r.Codes) && t.lacks(r.Layer, outer) {
		e.Failure, e.Origin, e.Code, e.Phase, e.Detail = idv.Garbled, idv.OriginEngine, "", phaseDecode, "the reply lacks a code"
		e.Charge = idv.ChargeUnknown
	}
	return e
}

func firstMissing(codes []string) int {
	if i := slices.Index(codes, ""); i >= 0 {
		return i
	}
	return len(codes)
}

// lacks reports whether a reply that ends after the outer codes lacks a code: the table has
// rows for them or after them.
func (t Table) lacks(layer string, outer []string) bool {
	for n := range outer {
		code := strings.Join(outer[:n+1], separator)
		if _, ok := t.Row(layer, code); !ok && !t.continues(layer, code) {
			return false
		}
	}
	return true
}

func layerOf(o idv.Origin) string {
	if o == idv.OriginGateway {
		return LayerGateway
	}
	return LayerVendor
}

func origin(layer string) idv.Origin {
	if layer == LayerGateway {
		return idv.OriginGateway
	}
	return idv.OriginVendor
}

// An unlisted code that is longer than maxUnlistedCode must be made of words and short numbers
// between separators, such as AuthFailure.TokenFailure or APIG.0308: one with more than
// maxDigits digits, or with digits among letters, could be a number of a person that the
// vendor echoes in its code field, or a part of one.
const (
	maxUnlistedCode = 8
	maxDigits       = 5
)

// unlisted replaces a code that cannot be shown.
const unlisted = "unlisted"

// SafeCode returns an unlisted code, which may be composite, if it is plain, and short or
// made of words, else "unlisted". It does not know the subject: the host compares the code
// with the claims too.
func SafeCode(code string) string { return safeCodes(strings.Split(code, separator)) }

// safeCodes returns the parts of an unlisted code. The parts together could be an ID
// number in pieces, so their total length is limited.
func safeCodes(codes []string) string {
	text := strings.Join(codes, "")
	if len(text) > maxRef || len(text) > maxUnlistedCode && !ofWords(strings.Join(codes, ".")) {
		return unlisted
	}
	for _, code := range codes {
		if code == "" || !isPlain(code) {
			return unlisted
		}
	}
	return strings.Join(codes, separator)
}

// ofWords reports whether a text consists of words and of numbers with few digits in all.
func ofWords(text string) bool {
	digits := 0
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("-_.", c) }) {
		rest := strings.Trim(part, "0123456789")
		if rest != "" && strings.ContainsAny(part, "0123456789") {
			return false
		}
		if rest == "" {
			digits += len(part)
		}
	}
	return digits <= maxDigits
}

// maxRef is the maximum length of a vendor reference, in bytes.
const maxRef = 64

// SafeRef returns a vendor's reference if it is short, plain and without a claim of
// the subject, a telling part of one such as the date of birth, or its hash, else "". References are
// stored and shown for years.
func SafeRef(ref string, s idv.Subject) string {
	if len(ref) > maxRef || s.PartIn(ref) || !isPlain(ref) {
		return ""
	}
	return ref
}

// isPlain reports whether a text has only letters, digits, hyphens, underscores and dots.
func isPlain(text string) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// phaseDecode is the phase of a failure of a reply's content.
const phaseDecode = "decode"

// Garbled returns the failure of a reply that is not well-formed. Its charge is
// unknown. detail must be a constant sentence.
func Garbled(detail string) *idv.Error {
	return &idv.Error{Failure: idv.Garbled, Origin: idv.OriginEngine, Phase: phaseDecode, Detail: detail}
}
