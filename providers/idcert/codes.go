package idcert

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
)

// The sources of the rows. The guide does not say what is billed: the charge of 01
// and 02 is inferred, the others are unknown until reconciliation.
const (
	guide        = "vendor's guide, external status codes; billing not published"
	guideCharged = "vendor's guide, external status codes; charge inferred"
)

// vendorCodes returns the seven codes of the guide.
func vendorCodes() []idv.CodeRow {
	return []idv.CodeRow{
		verdict("01", idv.Match, idv.Charged, "name and number agree", guideCharged),
		verdict("02", idv.Mismatch, idv.Charged, "name and number do not agree", guideCharged),
		verdict("202", idv.NoRecord, idv.ChargeUnknown,
			"no record to compare with (库无): registration moved, in the army or just out of it, a student's move, "+
				"card expired, new or never renewed, name changed, emigrated or dead, or no such number", guide),
		failure("203", idv.Unavailable, idv.NoField, "something abnormal happened"),
		failure("204", idv.InvalidInput, idv.FieldName, "the name's form is wrong"),
		failure("205", idv.InvalidInput, idv.FieldIDNumber, "the number's form is wrong"),
		failure("9999", idv.Maintenance, idv.NoField, "the system is in maintenance"),
	}
}

func codeRows() []idv.CodeRow { return append(vendorCodes(), gateway.Rows()...) }

func verdict(code string, v idv.Verdict, c idv.Charge, text, source string) idv.CodeRow {
	return idv.CodeRow{
		Layer: providers.LayerVendor, Code: code, Verdict: v, Delivery: idv.Answered, Charge: c, Text: text, Source: source,
	}
}

func failure(code string, f idv.Failure, field idv.Field, text string) idv.CodeRow {
	return idv.CodeRow{
		Layer: providers.LayerVendor, Code: code, Failure: f, Field: field, Delivery: idv.Answered, Text: text, Source: guide,
	}
}
