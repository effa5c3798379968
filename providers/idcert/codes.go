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
		providers.VerdictRow("01", idv.Match, idv.Charged, "name and number agree", guideCharged),
		providers.VerdictRow("02", idv.Mismatch, idv.Charged, "name and number do not agree", guideCharged),
		providers.VerdictRow("202", idv.NoRecord, idv.ChargeUnknown,
			"no record to compare with (库无): registration moved, in the army or just out of it, a student's move, "+
				"card expired, new or never renewed, name changed, emigrated or dead, or no such number", guide),
		providers.FailureRow("203", idv.Unavailable, idv.ChargeUnknown, "something abnormal happened", guide),
		providers.InvalidRow("204", idv.FieldName, idv.ChargeUnknown, "the name's form is wrong", guide),
		providers.InvalidRow("205", idv.FieldIDNumber, idv.ChargeUnknown, "the number's form is wrong", guide),
		providers.FailureRow("9999", idv.Maintenance, idv.ChargeUnknown, "the system is in maintenance", guide),
	}
}

func codeRows() []idv.CodeRow { return append(vendorCodes(), gateway.Rows()...) }
