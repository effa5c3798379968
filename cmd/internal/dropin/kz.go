package dropin

import (
	"io"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// kzAnswer is the JSON of kz/idcard. Data is empty unless code is 200.
type kzAnswer struct {
	Msg     string `json:"msg"`
	Success bool   `json:"success"`
	Code    int    `json:"code"`
	Data    any    `json:"data"`
}

// kzResult says how name and number compare. The vendor adds sex, birthday and address, which
// nothing needs that knows the number.
type kzResult struct {
	Result  int    `json:"result"`
	Desc    string `json:"desc"`
	OrderNo string `json:"orderNo"`
}

// writeKz writes the answer of a row. The form echoes no claims.
func writeKz(to io.Writer, row *Row, _ claims, ref string) {
	text, result, compared := strings.Cut(row.Kz, "/")
	code, _ := strconv.Atoi(text) // a test reads every row
	a := kzAnswer{Msg: kzText(row.Kz), Success: compared, Code: code, Data: struct{}{}}
	if compared {
		n, _ := strconv.Atoi(result)
		a.Msg, a.Data = "成功", kzResult{n, kzText(row.Kz), ref}
	}
	_ = strictjson.Write(to, a) // to a buffer
}

// kzText returns the vendor's sentence of a code.
func kzText(code string) string {
	return map[string]string{
		"200/0": "一致", "200/1": "不一致", "200/2": "无记录", "400": "参数错误", "501": "第三方服务异常", "1001": "其他",
	}[code]
}
