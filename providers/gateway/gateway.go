// Package gateway classifies the errors of the API gateway in front of every vendor
// of the Aliyun market. They are the same for all vendors, so a codec calls [Check]
// before it decodes the body.
package gateway

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The gateway's headers. A VPC gateway sends a code, a classic one only a text. The text
// can hold the name and the number, since a wrong signature is answered with the text to
// be signed. The package compares it and never passes it on.
const (
	headerCode    = "X-Ca-Error-Code"
	headerMessage = "X-Ca-Error-Message"
	headerRef     = "X-Ca-Request-Id"
)

// maxRetry limits Retry-After, so that a vendor cannot disable itself with it.
const maxRetry = 60 * time.Second

// Check returns nil if the vendor behind the gateway wrote the reply and its body is
// an answer: status 200, or 450, which some sellers use for answers that they do not
// bill. Otherwise it returns an *idv.Error, which holds of the reply only a listed or
// short code and the gateway's request id. providers.NewProvider checks both again.
func Check(r providers.Reply) error {
	e := refusal(r)
	if e == nil {
		return nil
	}
	e.Ref = Ref(r)
	if e.Failure == idv.Throttled {
		e.Retry = retryAfter(r.Header.Get("Retry-After"))
	}
	return e
}

// Ref returns the gateway's id of the call, which its support asks for.
func Ref(r providers.Reply) string { return r.Header.Get(headerRef) }

// Rows returns the gateway's rows for the code table of a vendor behind it.
func Rows() []idv.CodeRow {
	rows := codes()
	for _, c := range classics() {
		rows = append(rows, c.row)
	}
	return rows
}

func refusal(r providers.Reply) *idv.Error {
	if code := r.Header.Get(headerCode); code != "" {
		return byCode(code)
	}
	if text := r.Header.Get(headerMessage); text != "" && r.Status >= 400 {
		for _, c := range classics() {
			if c.matches(text) {
				return failed(c.row)
			}
		}
	}
	return byStatus(r.Status)
}

func byCode(code string) *idv.Error {
	for _, row := range codes() {
		if row.Code == code {
			return failed(row)
		}
	}
	row := guess(code)
	row.Code = providers.SafeCode(code)
	e := failed(row)
	e.Detail = "a gateway code that the table does not list"
	return e
}

func failed(row idv.CodeRow) *idv.Error {
	return &idv.Error{
		Failure: row.Failure, Origin: idv.OriginGateway,
		Delivery: row.Delivery, Charge: row.Charge, Code: row.Code,
	}
}

// guess classifies an unlisted code by its form: a letter for the layer, the three
// digits of an HTTP status, two letters. Only a layer before the backend can have
// refused the call. A code of another form stays unclassified.
func guess(code string) idv.CodeRow {
	if len(code) != 6 {
		return idv.CodeRow{}
	}
	layer, status := code[0], code[1:4]
	if n, err := strconv.Atoi(status); err != nil || n < 400 || n > 599 {
		return idv.CodeRow{}
	}
	row := idv.CodeRow{Failure: idv.Unavailable}
	switch {
	case layer == 'A':
		row.Failure = idv.BadCredentials
	case layer == 'T':
		row.Failure = idv.Throttled
	case layer == 'B' && status == "403":
		row.Failure = idv.QuotaExhausted // like three of the five listed ones
	case !strings.ContainsRune("IBXDN", rune(layer)):
		return idv.CodeRow{}
	}
	if status[0] == '4' && layer != 'D' && layer != 'N' {
		row.Delivery, row.Charge = idv.RefusedByGateway, idv.NotCharged
	}
	return row
}

// byStatus classifies a reply by its status if it has neither a gateway code nor a
// known text. The vendor may have sent it, so delivery and charge stay unknown.
func byStatus(status int) *idv.Error {
	e := &idv.Error{Code: "http_" + strconv.Itoa(status)}
	switch {
	case status == 200 || status == 450:
		return nil
	case status == 429:
		e.Failure = idv.Throttled
	case status == 401:
		e.Failure = idv.BadCredentials
	case status == 403:
		// At this gateway, 403 can mean throttled, quota exhausted or expired, in
		// arrears, or not authorised; a wrong choice would close the wrong gate.
		e.Failure, e.Detail = idv.FailureUnknown, "status 403 without a code or a known text"
	case status >= 500 && status <= 599:
		e.Failure = idv.Unavailable
	case status >= 400 && status <= 499:
		e.Failure = idv.FailureUnknown
	default:
		e.Failure, e.Detail = idv.Garbled, "a status that is not used for answers"
	}
	return e
}

// retryAfter parses whole seconds. It ignores a date, since a codec has no clock.
func retryAfter(seconds string) time.Duration {
	n, err := strconv.ParseUint(seconds, 10, 32)
	if errors.Is(err, strconv.ErrRange) || n > uint64(maxRetry/time.Second) {
		return maxRetry
	}
	return time.Duration(n) * time.Second
}
