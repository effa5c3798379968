package huawei

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows.
const (
	document = "Huawei Cloud IVS, API reference; billed is each call that is answered with a 2xx status"
	errs     = "Huawei Cloud IVS, error codes"
)

// codes returns the code table. A result has two codes, a word and a number. Errors of the
// API gateway (APIG) come in the same form as those of the service.
func codes() []idv.CodeRow {
	account, failed := providers.AccountRow, providers.FailureRow
	return []idv.CodeRow{
		providers.VerdictRow("valid/1000", idv.Match, idv.Charged, "Successful certification", document),
		providers.VerdictRow("invalid/2001", idv.Mismatch, idv.Charged, "Inconsistent identity information", document),
		providers.VerdictRow("invalid/2006", idv.Mismatch, idv.Charged,
			"the text of this number was not seen", document+"; that it is a mismatch is inferred from the word invalid"),
		providers.VerdictRow("nonexistent/3001", idv.NoRecord, idv.Charged, "the data source has no record of the identity", document+"; the text is inferred"),
		failed("IVS.0003", idv.InvalidInput, idv.NotCharged, "Some necessary request parameters in req_data is null.", errs),
		account(failed("IVS.0014", idv.QuotaExhausted, idv.NotCharged, "The account is frozen.", errs)),
		failed("IVS.0015", idv.BadCredentials, idv.NotCharged, "The service is not subscribed.", errs),
		failed("IVS.0101", idv.Unavailable, idv.ChargeUnknown, "Internal error.", errs),
		account(failed("APIG.0301", idv.BadCredentials, idv.NotCharged, "Incorrect IAM authentication information", errs)),
		failed("APIG.0308", idv.Throttled, idv.NotCharged, "The throttling threshold has been reached", errs),
		failed("APIG.0201", idv.Timeout, idv.ChargeUnknown, "Backend timeout", errs),
	}
}
