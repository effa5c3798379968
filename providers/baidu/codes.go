package baidu

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows. No page that was read states which codes are billed.
const (
	errorCodes = "Baidu AI, error codes of face/v3/person/idmatch; billing not stated"
	common     = "Baidu AI, common error codes"
)

func codes() []idv.CodeRow {
	const unknown = idv.ChargeUnknown
	return append([]idv.CodeRow{
		providers.VerdictRow("0", idv.Match, unknown, "SUCCESS", errorCodes),
		providers.VerdictRow("222351", idv.MismatchOrNoRecord, unknown, "id number and name not match or id number not exist", errorCodes),
		providers.VerdictRow("222354", idv.NoRecord, unknown, "id number not exist", errorCodes),
		providers.VerdictRow("222360", idv.MismatchOrNoRecord, unknown, "invalid name or id number", errorCodes),
		providers.InvalidRow("222352", idv.FieldName, unknown, "the name format error", errorCodes),
		providers.InvalidRow("222353", idv.FieldIDNumber, unknown, "the id number format error", errorCodes),
		providers.VerdictRow("222355", idv.NoRecord, unknown, "police picture not exist", errorCodes),
		providers.FailureRow("222900", idv.Unavailable, unknown, "system busy", errorCodes),
		providers.FailureRow("222905", idv.Unavailable, unknown, "system busy", errorCodes),
	}, commonCodes()...)
}

// commonCodes returns the errors of the layer that all services of the vendor share. Limits
// and permissions are those of an application and one service, so none stops the account.
func commonCodes() []idv.CodeRow {
	const free = idv.NotCharged
	return []idv.CodeRow{
		providers.FailureRow("4", idv.Throttled, free, "Open api request limit reached", common),
		providers.FailureRow("17", idv.QuotaExhausted, free, "Open api daily request limit reached", common),
		providers.FailureRow("18", idv.Throttled, free, "Open api qps request limit reached", common),
		providers.FailureRow("19", idv.QuotaExhausted, free, "Open api total request limit reached", common),
		providers.FailureRow("6", idv.BadCredentials, free, "No permission to access data", common),
		providers.FailureRow("100", idv.BadCredentials, free, "Invalid parameter", common),
		tokenRow(providers.FailureRow("110", idv.BadCredentials, free, "Access token invalid or no longer valid", common)),
		tokenRow(providers.FailureRow("111", idv.BadCredentials, free, "Access token expired", common)),
		providers.FailureRow("2", idv.Unavailable, free, "Service temporarily unavailable", common),
	}
}

// tokenRow marks a row that asks for a new access token. If the vendor refuses the new one
// too, the key itself no longer works, which concerns the account.
func tokenRow(row idv.CodeRow) idv.CodeRow {
	row.RenewsToken = true
	return providers.AccountRow(row)
}
