package providers

import (
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
)

// CheckQuery returns nil if a product can answer a query: its check, its document, and every
// claim of the check. Otherwise it returns the error of Codec.Encode.
func CheckQuery(d idv.Descriptor, q idv.Query) error {
	if !d.Supports(q.Check, q.Document) {
		return &idv.Error{Failure: idv.Unsupported, Origin: idv.OriginEngine}
	}
	for _, claim := range q.Check.Claims().List() {
		if q.Subject.Claim(claim).IsZero() {
			return &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginEngine, Code: "empty", Field: idv.FieldOf(claim)}
		}
	}
	return nil
}

// ValidateAnswer checks an adapter's answer against the product's code table. The table
// decides what was charged; the adapter may only raise the charge, except on rows that are
// marked ByFlag. An answer whose code the table does not give that verdict is a failure,
// with the charge unknown or, if the adapter says so, charged.
func (t Table) ValidateAnswer(a idv.Answer) (idv.Answer, error) {
	row, ok := t.Row(LayerVendor, a.VendorCode)
	switch {
	case a.Verdict == idv.Undetermined || !a.Verdict.Valid() || !a.Charge.Valid():
		return idv.Answer{}, Garbled("an answer without a known verdict or charge")
	case !ok || row.Verdict != a.Verdict:
		e := Garbled("an answer whose verdict is not that of its code")
		e.Charge = idv.ChargeUnknown.AtLeast(a.Charge)
		return idv.Answer{}, e
	case a.Fields.Contradict(a.Verdict):
		e := Garbled("the comparisons of the claims contradict the verdict")
		e.Charge = charge(row, a.Charge)
		return idv.Answer{}, e
	}
	a.Charge = charge(row, a.Charge)
	return a, nil
}

func charge(row idv.CodeRow, said idv.Charge) idv.Charge {
	if row.ByFlag {
		return said
	}
	return row.Charge.AtLeast(said)
}

// ValidateFailure checks what an adapter says of a complete reply that it did not take
// for an answer, and returns the corrected failure. e is not modified.
//
// For a listed code, the table decides failure and delivery, and the charge as in
// [Table.ValidateAnswer]. It decides the field too, unless the row is invalid_input without
// one: vendors with one code for all fields name the field in the reply. Without a listed code, the call counts as executed and its
// charge is at least unknown, and failures that would let the engine call another vendor
// or refuse the person become idv.FailureUnknown. That a gateway refused the call is
// known from the table alone.
func (t Table) ValidateFailure(e idv.Error) *idv.Error {
	row, ok := t.Row(layerOf(e.Origin), e.Code)
	if ok && row.Verdict == idv.Undetermined {
		if row.Failure != idv.InvalidInput || row.Field != idv.NoField || !e.Field.Valid() {
			e.Field = row.Field
		}
		e.Fields = partial(row.Failure, e.Fields)
		e.Failure, e.Delivery, e.Charge, e.Account = row.Failure, row.Delivery, charge(row, e.Charge), row.Account
		return &e
	}
	if e.Delivery != idv.Answered {
		e.Delivery = idv.DeliveryUnknown
	}
	e.Charge, e.Field = idv.ChargeUnknown.AtLeast(e.Charge), idv.NoField
	e.Account, e.Fields = false, idv.Fields{}
	switch e.Failure {
	case idv.Garbled, idv.Unavailable, idv.Timeout, idv.Canceled, idv.Internal:
	default:
		e.Failure = idv.FailureUnknown
	}
	return &e
}

// CheckStatus returns nil if a reply's HTTP status carries the vendor's body, and
// otherwise the failure of [StatusFailure].
func CheckStatus(r Reply, format idv.Replies) error {
	if format.HasBody(r.Status) {
		return nil
	}
	return StatusFailure(r.Status)
}

// StatusFailure returns the failure of a reply of which only the HTTP status is known.
// The vendor may have processed the call, so delivery and charge are unknown.
func StatusFailure(status int) *idv.Error {
	e := &idv.Error{Code: "http_" + strconv.Itoa(status), Origin: idv.OriginGateway}
	switch {
	case status == 429:
		e.Failure = idv.Throttled
	case status == 401:
		e.Failure = idv.BadCredentials
	case status >= 500 && status <= 599:
		e.Failure = idv.Unavailable
	case status >= 400 && status <= 499:
		// 403 can mean throttled, used up, in arrears or not authorised; a wrong choice
		// would close the wrong gate.
		e.Detail = "an HTTP status without a known meaning"
	default:
		e.Failure, e.Detail = idv.Garbled, "a status that is not used for answers"
	}
	return e
}

// StatusRows returns the rows of [StatusFailure] for a product's code table.
func StatusRows() []idv.CodeRow {
	row := func(status int, text string) idv.CodeRow {
		e := StatusFailure(status)
		return idv.CodeRow{
			Layer: LayerGateway, Code: e.Code, Failure: e.Failure, Delivery: e.Delivery, Charge: e.Charge,
			Text: text, Source: "RFC 9110 and RFC 6585; whether the gateway or the vendor sent it is not known",
		}
	}
	unauthorized := row(401, "HTTP 401 without a code")
	unauthorized.RenewsToken = true // RFC 6750, section 3.1: how a token that is no longer valid is refused
	return []idv.CodeRow{unauthorized, row(429, "HTTP 429 without a code")}
}
