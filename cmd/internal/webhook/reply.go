package webhook

import (
	"net/http"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// maxRetry caps Retry-After.
const maxRetry = 10 * time.Minute

// judge returns nil if the message was accepted. Robots report most errors with status
// 200 and a code in the body; a code counts with every status.
func (d dialect) judge(r providers.Reply, now time.Time) *idv.Error {
	arrived := r.Status >= 200 && r.Status <= 299
	if d.answer != nil {
		code, ok := d.answer(r.Body)
		if ok && code != 0 {
			return d.refusal(code)
		}
		if arrived && !ok {
			return fault(idv.Garbled, "the response is not that of a robot")
		}
	}
	if arrived {
		return nil
	}
	e := byStatus(r.Status)
	e.Code, e.Retry = strconv.Itoa(r.Status), retryAfter(r.Header.Get("Retry-After"), now)
	return e
}

// refusal returns the error for a robot's code.
func (d dialect) refusal(code int64) *idv.Error {
	e, busy := d.busy[code]
	if busy {
		e.Detail = "the robot is busy or its rate limit is reached"
	} else {
		e = *fault(idv.BadCredentials, "the robot refused the message; look up the code, and check url, secret and the robot's settings")
	}
	e.Origin, e.Code = idv.OriginVendor, strconv.FormatInt(code, 10)
	return &e
}

func byStatus(status int) *idv.Error {
	switch {
	case status == http.StatusTooManyRequests:
		return fault(idv.Throttled, "the rate limit of the webhook is reached")
	case status == http.StatusRequestTimeout:
		return fault(idv.Timeout, "the webhook did not receive the message in time")
	case status >= 500:
		return fault(idv.Unavailable, "the webhook is unavailable")
	case status >= 300 && status <= 399:
		return fault(idv.BadCredentials, "the webhook redirects, which is not followed; correct its url")
	}
	return fault(idv.BadCredentials, "the webhook refused the message; check its url and secret")
}

// retryAfter reads both forms of the header (RFC 9110, section 10.2.3). An invalid
// value counts as none.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetry)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetry)
	}
	return 0
}

// errCode reads the response of DingTalk and WeCom.
func errCode(body []byte) (int64, bool) {
	var answer struct {
		Code *int64 `json:"errcode"`
	}
	if strictjson.Decode(body, &answer) != nil || answer.Code == nil {
		return 0, false
	}
	return *answer.Code, true
}

// plainCode reads the response of Feishu.
func plainCode(body []byte) (int64, bool) {
	var answer struct {
		Code *int64 `json:"code"`
	}
	if strictjson.Decode(body, &answer) != nil || answer.Code == nil {
		return 0, false
	}
	return *answer.Code, true
}
