package providers

import "github.com/heyan-id/heyan/engine/idv"

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
	for _, row := range t {
		if row.Layer == layer && row.Code == code {
			return row, true
		}
	}
	return idv.CodeRow{}, false
}

// Decode returns the answer or the failure of a code. An unlisted code gives
// idv.FailureUnknown with an unknown charge, since a guess could turn an error into a
// match. ref is the vendor's or gateway's id of the call.
func (t Table) Decode(layer, code, ref string) (idv.Answer, error) {
	origin := idv.OriginVendor
	if layer == LayerGateway {
		origin = idv.OriginGateway
	}
	row, ok := t.Row(layer, code)
	if !ok {
		return idv.Answer{}, &idv.Error{
			Failure: idv.FailureUnknown, Origin: origin, Code: SafeCode(code), Ref: ref,
			Detail: "a code that the table does not list",
		}
	}
	if row.Verdict != idv.Undetermined {
		return idv.Answer{Verdict: row.Verdict, Charge: row.Charge, VendorCode: code, VendorRef: ref}, nil
	}
	return idv.Answer{}, &idv.Error{
		Failure: row.Failure, Origin: origin, Delivery: row.Delivery, Charge: row.Charge,
		Code: code, Field: row.Field, Ref: ref,
	}
}

// maxUnlistedCode is shorter than any ID number, mobile number or bank card, so that
// one which a vendor echoes in its code field does not reach the log.
const maxUnlistedCode = 8

// unlisted replaces a code that cannot be shown.
const unlisted = "unlisted"

// SafeCode returns an unlisted code if it is short and plain, else "unlisted".
func SafeCode(code string) string {
	if code == "" || len(code) > maxUnlistedCode {
		return unlisted
	}
	for _, c := range code {
		if !plain(c) {
			return unlisted
		}
	}
	return code
}

// maxRef is the maximum length of a vendor reference, in bytes.
const maxRef = 64

// SafeRef returns a vendor's reference if it is short, plain and without a claim of
// the subject, else "". References are stored and shown for years.
func SafeRef(ref string, s idv.Subject) string {
	if len(ref) > maxRef || s.ContainedIn(ref) {
		return ""
	}
	for _, c := range ref {
		if !plain(c) {
			return ""
		}
	}
	return ref
}

func plain(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.'
}

// Garbled returns the failure of a reply that is not well-formed. Its charge is
// unknown. detail must be a constant sentence.
func Garbled(detail string) *idv.Error {
	return &idv.Error{Failure: idv.Garbled, Origin: idv.OriginEngine, Phase: "decode", Detail: detail}
}
