package dropin

import (
	"io"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// idcertAnswer is the JSON of the vendor's guide: five strings in its order.
type idcertAnswer struct {
	Status  string `json:"status"`
	Msg     string `json:"msg"`
	IDCard  string `json:"idCard"`
	Name    string `json:"name"`
	TraceID string `json:"traceId"`
}

// writeIdcert writes the answer of a row.
func writeIdcert(to io.Writer, row *Row, echo claims, ref string) {
	_ = strictjson.Write(to, idcertAnswer{row.Idcert, idcertText(row.Idcert), echo.maskedNumber, echo.maskedName, ref}) // to a buffer
}

// idcertText returns the guide's sentence of a status.
func idcertText(status string) string {
	return map[string]string{
		"01": "实名认证通过!", "02": "实名认证不通过!", "202": "无法认证!", "203": "异常情况!",
		"204": "姓名格式不正确!", "205": "身份证格式不正确!", "9999": "系统维护!",
	}[status]
}
