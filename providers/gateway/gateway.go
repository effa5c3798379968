// Package gateway knows the API gateway that stands in front of every vendor of
// the Aliyun market. Its refusals look alike for all of them, so they are read
// here, before a vendor's room looks at the body.
//
// Two kinds of gateway are alive. A VPC one names a code in X-Ca-Error-Code; a
// classic one has only a text in X-Ca-Error-Message. That text can hold the name
// and the number (a wrong signature is answered with the string that was to be
// signed), so it is compared here and goes nowhere.
//
// The classes follow what the engine does with them:
//
//   - Keys, signatures and authorisations are [idv.BadCredentials]: the gate
//     closes and an operator is called.
//   - A fault in the address or the shape of our request (I4xx) is
//     [idv.Unavailable]: this vendor cannot be reached the way it is set up. The
//     call was refused, so it goes on to another vendor at once; the breaker
//     counts it, opens, and that calls the operator. idv.Internal would end the
//     walk, although the next vendor can answer; idv.Unsupported would let every
//     later call run into the same wall unseen.
//   - Only what one question alone can cause, its being too large, is
//     [idv.Unsupported]: no single person may open the breaker for all others.
package gateway

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The gateway's headers.
const (
	headerCode    = "X-Ca-Error-Code"
	headerMessage = "X-Ca-Error-Message"
	headerRef     = "X-Ca-Request-Id"
)

// maxRetry caps Retry-After: a vendor may slow us down, not switch itself off.
const maxRetry = 60 * time.Second

// Check returns nil if the vendor behind the gateway wrote the reply and its body
// counts: status 200, or 450, which some sellers use for answers that they do not
// bill. Else it returns an *idv.Error. It holds no text of the reply but a listed
// or short code and the gateway's request id, which Bind still looks over.
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

// Ref returns the gateway's id of the call, to quote to its support.
func Ref(r providers.Reply) string { return r.Header.Get(headerRef) }

// Rows lists what the gateway can say, for the code table of a vendor behind it.
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
			if c.says(text) {
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

// guess classes an unlisted code by its form: a letter for the layer, the three
// digits of an HTTP status, two letters. Only layers before the backend can have
// refused the call. What has another form says nothing.
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
		row.Failure = idv.QuotaExhausted // as three of the five that are known
	case !strings.ContainsRune("IBXDN", rune(layer)):
		return idv.CodeRow{}
	}
	if status[0] == '4' && layer != 'D' && layer != 'N' {
		row.Delivery, row.Charge = idv.RefusedByGateway, idv.NotCharged
	}
	return row
}

// byStatus classes a reply in which neither the gateway's code nor a known text
// says who refused. It may have been the vendor, so nothing is said about the
// charge: the zero values stand.
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
		// At this gateway 403 can mean throttled, used up, expired, in arrears or
		// not authorised; to choose one would close or keep open the wrong gate.
		e.Failure, e.Detail = idv.FailureUnknown, "a 403 without a word on why"
	case status >= 500 && status <= 599:
		e.Failure = idv.Unavailable
	case status >= 400 && status <= 499:
		e.Failure = idv.FailureUnknown
	default:
		e.Failure, e.Detail = idv.Garbled, "a status that no answer has"
	}
	return e
}

// retryAfter reads whole seconds. A date is not read, for a codec has no clock.
func retryAfter(seconds string) time.Duration {
	n, err := strconv.ParseUint(seconds, 10, 32)
	if errors.Is(err, strconv.ErrRange) || n > uint64(maxRetry/time.Second) {
		return maxRetry
	}
	return time.Duration(n) * time.Second
}
