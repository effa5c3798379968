package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// idcert is the backend of the vendor that is written by hand.
type idcert struct {
	gate  *gateway
	swap  *swap
	modes map[Mode]behavior
}

func newIdcert(cfg VendorConfig) *idcert {
	return &idcert{newGateway(cfg), new(swap), behaviors()}
}

func (b *idcert) receive(w http.ResponseWriter, r *http.Request) (*call, *reply) {
	w.Header().Set("X-Ca-Request-Id", requestID())
	if r.URL.Path != movedPath {
		if f := b.gate.check(r); f != nil {
			out := f.reply()
			return nil, &out
		}
	}
	return &call{w: w, r: r, swap: b.swap, subject: personOf(r.URL.Query())}, nil
}

func (*idcert) moved() string { return movedPath }

func (b *idcert) behavior(m Mode) (behavior, error) {
	if m == ModeTokenRevoked {
		return behavior{}, errNoToken
	}
	return b.modes[m], nil
}

func (b *idcert) describe(v *Vendor) {
	v.AppCode, v.AppKey, v.AppSecret = b.gate.appCode, b.gate.appKey, b.gate.appSecret
	v.Settings = map[string]idv.Sensitive{
		"appcode": b.gate.appCode, "app_key": idv.NewSensitive(b.gate.appKey), "app_secret": b.gate.appSecret,
	}
}

func (*idcert) costs() map[string]bool { return defaultBilled() }

// codes returns the guide's codes, by the name that selects each; "" is any other name.
func (*idcert) codes() any {
	return map[string]string{
		"": codeMatch, "无记录": codeNoRecord, "异常": codeAbnormal, "坏姓名": codeBadName, "坏号码": codeBadNumber, "维护": codeMaintenance,
	}
}

// idcertPath is the only path of the vendor.
const idcertPath = "/idcard"

// The codes of the vendor's guide.
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

// steer returns the code for a person. The names are stable, since scripts use them. A
// claim that is missing or not UTF-8 is invalid.
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

// idcertAnswer is the vendor's answer: five strings in the guide's order.
type idcertAnswer struct {
	Status  string `json:"status"`
	Msg     string `json:"msg"`
	IDCard  string `json:"idCard"`
	Name    string `json:"name"`
	TraceID string `json:"traceId"`
}

// answer returns the backend's answer about p with the code.
func answer(p person, code string) idcertAnswer {
	number, name := p.masks()
	return idcertAnswer{Status: code, Msg: message(code), IDCard: number, Name: name, TraceID: traceID()}
}

// traceID returns an id in the form of the guide's example, 20211208013_9aph_5e91.
func traceID() string {
	text := strings.ToLower(rand.Text())
	now := time.Now()
	return fmt.Sprintf("%s%03d_%s_%s", now.Format("20060102"), now.Nanosecond()%1000, text[:4], text[4:8])
}

const jsonType = "application/json;charset=UTF-8"

// reply returns the reply that the backend sends.
func (a idcertAnswer) reply() reply { return jsonReply(a.Status, http.StatusOK, a) }

// jsonReply marshals v, which consists of strings and structs and cannot fail.
func jsonReply(code string, status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: cannot marshal an answer: %v", err))
	}
	return reply{code: code, status: status, body: body, header: http.Header{"Content-Type": {jsonType}}}
}

// person is the subject of a query.
type person struct{ number, name idv.Sensitive }

// personOf parses the vendor's two parameters. The first value of a name counts.
func personOf(query url.Values) person {
	return person{
		number: idv.NewSensitive(query.Get("idCard")),
		name:   idv.NewSensitive(query.Get("name")),
	}
}

// clear returns both claims in clear: for steer, masks, hash and extraFields only.
func (p person) clear() (number, name string) { return p.number.Reveal(), p.name.Reveal() }

// hash returns a fingerprint under the key of this run, so that it identifies no one in
// another run.
func (p person) hash(key []byte) string {
	number, name := p.clear()
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil))
}

// masks returns number and name masked as in the vendor's guide: 51*****1111, always
// with five stars, and 张*.
func (p person) masks() (number, name string) {
	number, name = p.clear()
	digits, chars := []rune(number), []rune(name)
	number = "*****"
	if len(digits) > 6 {
		number = string(digits[:2]) + number + string(digits[len(digits)-4:])
	}
	switch len(chars) {
	case 0:
		return number, ""
	case 1:
		return number, "*"
	}
	return number, string(chars[0]) + "*"
}

// otherPerson returns a fictitious person, born in 2099, whose masked number and name
// both differ from p's. The numbers are even, so that a client that accepts the answer
// as its own has a match.
func otherPerson(p person) person {
	number, name := p.masks()
	for _, other := range [][2]string{
		{"110101209901010076", "测试"}, {"110101209901010084", "试样"}, {"110101209901010092", "样例"},
	} {
		s := person{idv.NewSensitive(other[0]), idv.NewSensitive(other[1])}
		if n, m := s.masks(); n != number && m != name {
			return s
		}
	}
	panic("sandbox: every fictitious person resembles the subject")
}
