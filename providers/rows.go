package providers

import "github.com/heyan-id/heyan/engine/idv"

// VerdictRow returns the row of a vendor's code that is an answer.
func VerdictRow(code string, v idv.Verdict, c idv.Charge, text, source string) idv.CodeRow {
	return idv.CodeRow{Layer: LayerVendor, Code: code, Verdict: v, Delivery: idv.Answered, Charge: c, Text: text, Source: source}
}

// FailureRow returns the row of a vendor's code that is a failure.
func FailureRow(code string, f idv.Failure, c idv.Charge, text, source string) idv.CodeRow {
	return idv.CodeRow{Layer: LayerVendor, Code: code, Failure: f, Delivery: idv.Answered, Charge: c, Text: text, Source: source}
}

// InvalidRow returns the row of a vendor's code that refuses a claim.
func InvalidRow(code string, f idv.Field, c idv.Charge, text, source string) idv.CodeRow {
	row := FailureRow(code, idv.InvalidInput, c, text, source)
	row.Field = f
	return row
}

// AccountRow returns a row whose cause is the key itself or what the account owes. It stops
// all products that are bought with the account. A service that is not activated, or that
// the key may not use, stops its own product only.
func AccountRow(row idv.CodeRow) idv.CodeRow {
	row.Account = true
	return row
}
