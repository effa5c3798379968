// Package gateway classifies the errors of the API gateway in front of every vendor
// of the Aliyun market. They are the same for all vendors, so a codec calls [Check]
// before it decodes the body.
package gateway

import (
	"bytes"
	"errors"
	"strconv"
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

// Check returns nil if the vendor behind the gateway wrote the reply and its HTTP status
// carries a body of the product. Otherwise it returns an *idv.Error, which holds of the
// reply only a listed or short code and the gateway's request id.
// providers.NewProvider checks both again.
func Check(r providers.Reply, format idv.Replies) error {
	e := refusal(r, format)
	if e == nil {
		return nil
	}
	e.Ref = Ref(r)
	if e.Failure == idv.Throttled {
		e.Retry = retryAfter(r.Header.Get("Retry-After"))
	}
	return e
}

// Replies returns the reply format of a product behind the gateway whose body comes with
// the given HTTP statuses, 200 if there are none.
func Replies(statuses ...int) idv.Replies {
	return idv.Replies{Statuses: statuses, Headers: []string{headerCode, headerMessage, headerRef}, RefHeader: headerRef}
}

// Ref returns the gateway's id of the call, which its support asks for.
func Ref(r providers.Reply) string { return r.Header.Get(headerRef) }

// Rows returns the gateway's rows for the code table of a vendor behind it.
func Rows() []idv.CodeRow {
	rows := append(codes(), providers.StatusRows()...)
	for _, c := range classics() {
		rows = append(rows, c.row)
	}
	return rows
}

func refusal(r providers.Reply, format idv.Replies) *idv.Error {
	if code := r.Header.Get(headerCode); code != "" {
		if format.HasBody(r.Status) && len(bytes.TrimSpace(r.Body)) > 0 {
			return bothSpoke()
		}
		return byCode(code, r.Status)
	}
	if text := r.Header.Get(headerMessage); text != "" && r.Status >= 400 {
		for _, c := range classics() {
			if c.matches(text) {
				return failed(c.row)
			}
		}
	}
	if err := providers.CheckStatus(r, format); err != nil {
		return idv.AsError(err)
	}
	return nil
}

// bothSpoke returns the failure of a reply that has the status and a body of an answer beside
// a gateway's error code. One of the two is wrong, and nothing says which: there is no
// verdict, and the gateway's word that nothing was charged does not count either.
func bothSpoke() *idv.Error {
	e := providers.Garbled("a gateway's error code beside an answer")
	e.Delivery = idv.Answered
	return e
}

// byCode classifies a gateway code. That the gateway refused the call before it reached
// the vendor is known of listed codes only; of another code, the HTTP status says what
// the failure is.
func byCode(code string, status int) *idv.Error {
	for _, row := range codes() {
		if row.Code == code {
			return failed(row)
		}
	}
	e := providers.StatusFailure(status)
	if _, listed := providers.Table(providers.StatusRows()).Row(providers.LayerGateway, e.Code); !listed {
		e.Code, e.Detail = providers.SafeCode(code), "a gateway code that the table does not list"
		if _, own := providers.Table(Rows()).Row(providers.LayerGateway, code); own {
			e.Code = providers.SafeCode("") // a name that heyan made for a text is no code of the gateway
		}
	}
	if e.Failure == idv.Garbled {
		e.Failure = idv.FailureUnknown
	}
	return e
}

func failed(row idv.CodeRow) *idv.Error {
	return &idv.Error{
		Failure: row.Failure, Origin: idv.OriginGateway,
		Delivery: row.Delivery, Charge: row.Charge, Code: row.Code, Account: row.Account,
	}
}

// retryAfter parses whole seconds. It ignores a date, since a codec has no clock.
func retryAfter(seconds string) time.Duration {
	n, err := strconv.ParseUint(seconds, 10, 32)
	if errors.Is(err, strconv.ErrRange) || n > uint64(maxRetry/time.Second) {
		return maxRetry
	}
	return time.Duration(n) * time.Second
}
