package esign

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows.
const (
	clients = "e签宝, the vendor's client libraries"
	errors  = "e签宝, error codes of the identity service"
)

// codes returns the code table. 30500101 is the code of all fields; only its text differs,
// so the field is not known.
func codes() []idv.CodeRow {
	return append([]idv.CodeRow{
		providers.VerdictRow("0", idv.Match, idv.Charged, "成功", clients+"; charge inferred"),
		providers.VerdictRow("30504001", idv.MismatchOrNoRecord, idv.ChargeUnknown, "信息比对不通过，请检查信息的正确性",
			errors+"; inferred that it means a missing record too; billing not published"),
		providers.FailureRow("30500101", idv.InvalidInput, idv.NotCharged, "参数错误", errors),
		providers.FailureRow("30503107", idv.QuotaExhausted, idv.NotCharged, "很抱歉，订单余额不足", errors),
	}, providers.StatusRows()...)
}
