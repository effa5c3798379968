package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// idcertPath is the one path of the vendor.
const idcertPath = "/idcard"

// The vendor's codes, by the table of its guide.
const (
	codeMatch       = "01"
	codeMismatch    = "02"
	codeNoRecord    = "202"
	codeAbnormal    = "203"
	codeBadName     = "204"
	codeBadNumber   = "205"
	codeMaintenance = "9999"
)

// message returns the guide's text for a code, with its half-width exclamation
// mark.
func message(code string) string {
	switch code {
	case codeMatch:
		return "实名认证通过!"
	case codeMismatch:
		return "实名认证不通过!"
	case codeNoRecord:
		return "无法认证!"
	case codeAbnormal:
		return "异常情况!"
	case codeBadName:
		return "姓名格式不正确!"
	case codeBadNumber:
		return "身份证格式不正确!"
	}
	return "系统维护!"
}

// steer chooses the code by the person asked for. The names are fixed: others
// script against them. A claim that is missing or not UTF-8 is a bad one.
func steer(p person) string {
	number, name := p.clear()
	switch name {
	case "无记录":
		return codeNoRecord
	case "异常":
		return codeAbnormal
	case "坏姓名":
		return codeBadName
	case "坏号码":
		return codeBadNumber
	case "维护":
		return codeMaintenance
	}
	switch {
	case name == "" || !utf8.ValidString(name):
		return codeBadName
	case number == "" || !utf8.ValidString(number):
		return codeBadNumber
	case strings.ContainsAny(number[len(number)-1:], "02468Xx"):
		return codeMatch
	}
	return codeMismatch
}

// idcertAnswer is the vendor's flat answer: five strings, in the guide's order.
type idcertAnswer struct {
	Status  string `json:"status"`
	Msg     string `json:"msg"`
	IDCard  string `json:"idCard"`
	Name    string `json:"name"`
	TraceID string `json:"traceId"`
}

// answer is what the backend says about p with the given code.
func answer(p person, code string) idcertAnswer {
	number, name := p.masks()
	return idcertAnswer{Status: code, Msg: message(code), IDCard: number, Name: name, TraceID: traceID()}
}

// traceID makes an id in the form of the guide's example, 20211208013_9aph_5e91.
func traceID() string {
	text := strings.ToLower(rand.Text())
	now := time.Now()
	return fmt.Sprintf("%s%03d_%s_%s", now.Format("20060102"), now.Nanosecond()%1000, text[:4], text[4:8])
}

const jsonType = "application/json;charset=UTF-8"

// reply wraps the answer as the backend sends it.
func (a idcertAnswer) reply() reply { return jsonReply(a.Status, http.StatusOK, a) }

// jsonReply writes a value that is known to marshal: strings and structs of them.
func jsonReply(code string, status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: an answer that does not marshal: %v", err))
	}
	return reply{code: code, status: status, body: body, header: http.Header{"Content-Type": {jsonType}}}
}
