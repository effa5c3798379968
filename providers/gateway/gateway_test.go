package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func reply(status int, headers ...string) providers.Reply {
	r := providers.Reply{Status: status, Header: http.Header{headerRef: {"req-1"}}}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func code(c string) []string { return []string{headerCode, c} }

func text(s string) []string { return []string{headerMessage, s} }

// turnedAway and open are how far a call got.
const turnedAway, open = idv.RefusedByGateway, idv.DeliveryUnknown

type checkTest struct {
	name    string
	reply   providers.Reply
	failure idv.Failure
	code    string
	sent    idv.Delivery
}

func TestCheckCodes(t *testing.T) {
	t.Parallel()
	testCheck(t, []checkTest{
		{"used up", reply(403, code("B403MQ")...), idv.QuotaExhausted, "B403MQ", turnedAway},
		{"bad key", reply(400, code("A400AC")...), idv.BadCredentials, "A400AC", turnedAway},
		{"code wins over status 200", reply(200, code("A400AC")...), idv.BadCredentials, "A400AC", turnedAway},
		{"code wins over text", reply(403, headerCode, "T429ID", headerMessage, "Quota Exhausted"), idv.Throttled, "T429ID", turnedAway},
		{"backend not reached", reply(504, code("D504CO")...), idv.Unavailable, "D504CO", turnedAway},
		{"backend timed out", reply(504, code("D504TO")...), idv.Timeout, "D504TO", open},
		{"bad response", reply(502, code("D502FC")...), idv.Unavailable, "D502FC", open},
		{"wrong path", reply(404, code("I404NF")...), idv.Unavailable, "I404NF", turnedAway},
		{"too large", reply(413, code("I413UL")...), idv.Unsupported, "I413UL", turnedAway},

		{"unlisted request", reply(400, code("I400ZZ")...), idv.FailureUnknown, "I400ZZ", open},
		{"unlisted access", reply(403, code("A403ZZ")...), idv.FailureUnknown, "A403ZZ", open},
		{"unlisted credentials", reply(401, code("A401ZZ")...), idv.BadCredentials, "http_401", open},
		{"unlisted block", reply(451, code("B451ZZ")...), idv.FailureUnknown, "B451ZZ", open},
		{"unlisted throttle", reply(429, code("T429ZZ")...), idv.Throttled, "http_429", open},
		{"unlisted backend", reply(504, code("D504ZZ")...), idv.Unavailable, "D504ZZ", open},
		{"unlisted backend with 4xx", reply(404, code("D404ZZ")...), idv.FailureUnknown, "D404ZZ", open},
		{"unlisted gateway", reply(500, code("X500ZZ")...), idv.Unavailable, "X500ZZ", open},
		{"unlisted layer", reply(500, code("Q500ZZ")...), idv.Unavailable, "Q500ZZ", open},
		{"unlisted status", reply(200, code("A200ZZ")...), idv.FailureUnknown, "A200ZZ", open},
		{"unlisted form", reply(400, code("A4OOZZ")...), idv.FailureUnknown, "A4OOZZ", open},
		{"a number as a code", reply(400, code("11010120990101005X")...), idv.FailureUnknown, "unlisted", open},
	})
}

func TestCheckTexts(t *testing.T) {
	t.Parallel()
	testCheck(t, []checkTest{
		{"classic throttle", reply(403, text("Throttled by API Flow Control")...), idv.Throttled, "classic.throttled", turnedAway},
		{"classic used up", reply(403, text("Quota Exhausted")...), idv.QuotaExhausted, "classic.quota_exhausted", turnedAway},
		{"classic signature", reply(400, text("Invalid Signature, Server StringToSign:`GET#`")...), idv.BadCredentials, "classic.invalid_signature", turnedAway},
		{"classic key", reply(400, text("Invalid AppCode `not exists`")...), idv.BadCredentials, "classic.invalid_appcode", turnedAway},
		{"classic backend", reply(500, text("Failed To Invoke Backend Service")...), idv.Unavailable, "classic.backend_failed", open},
		{"classic timeout", reply(504, text("Async Service")...), idv.Timeout, "classic.backend_timeout", open},
		{"classic nonce", reply(400, text("Nonce Used")...), idv.BadCredentials, "classic.nonce_used", open},
		{"no more than the exact text", reply(403, text("Quota Exhausted?")...), idv.FailureUnknown, "http_403", open},
		{"text with 450", reply(450, text("Quota Exhausted")...), idv.QuotaExhausted, "classic.quota_exhausted", turnedAway},
	})
}

// TestBothSpoke: a gateway's code beside an answer settles neither a verdict nor what was
// charged. Without an answer, the code counts whatever the status is.
func TestBothSpoke(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		status   int
		body     string
		failure  idv.Failure
		delivery idv.Delivery
	}{
		{"an answer", 200, `{"status":"01"}`, idv.Garbled, idv.Answered},
		{"a page", 200, "<html>", idv.Garbled, idv.Answered},
		{"an answer with 450", 450, `{"status":"01"}`, idv.Garbled, idv.Answered},
		{"no answer", 200, "", idv.QuotaExhausted, turnedAway},
		{"spaces", 200, " \r\n", idv.QuotaExhausted, turnedAway},
		{"a status without answers", 403, `{"status":"01"}`, idv.QuotaExhausted, turnedAway},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reply(tt.status, code("B403MQ")...)
			r.Body = []byte(tt.body)
			e := idv.AsError(Check(r, Replies(200, 450)))
			if e.Failure != tt.failure || e.Delivery != tt.delivery || (e.Charge == idv.NotCharged) != (tt.delivery == turnedAway) {
				t.Errorf("got %v, %v, %v; want %v, %v", e.Failure, e.Delivery, e.Charge, tt.failure, tt.delivery)
			}
		})
	}
}

func TestCheckStatuses(t *testing.T) {
	t.Parallel()
	testCheck(t, []checkTest{
		{"bare 429", reply(429), idv.Throttled, "http_429", open},
		{"bare 401", reply(401), idv.BadCredentials, "http_401", open},
		{"bare 403", reply(403), idv.FailureUnknown, "http_403", open},
		{"bare 404", reply(404), idv.FailureUnknown, "http_404", open},
		{"bare 500", reply(500), idv.Unavailable, "http_500", open},
		{"bare 599", reply(599), idv.Unavailable, "http_599", open},
		{"redirect", reply(302), idv.Garbled, "http_302", open},
		{"no content", reply(204), idv.Garbled, "http_204", open},
		{"no status", reply(0), idv.Garbled, "http_0", open},
	})
}

func testCheck(t *testing.T, tests []checkTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e *idv.Error
			if !errors.As(Check(tt.reply, Replies(200, 450)), &e) {
				t.Fatal("Check says that the vendor spoke")
			}
			if e.Failure != tt.failure || e.Code != tt.code || e.Delivery != tt.sent {
				t.Errorf("got %v %q %v, want %v %q %v", e.Failure, e.Code, e.Delivery, tt.failure, tt.code, tt.sent)
			}
			wantCharge := idv.ChargeUnknown
			if tt.sent == idv.RefusedByGateway {
				wantCharge = idv.NotCharged
			}
			if e.Charge != wantCharge || e.Ref != "req-1" {
				t.Errorf("charge %v, ref %q, want %v and req-1", e.Charge, e.Ref, wantCharge)
			}
		})
	}
}

func TestVendorSpoke(t *testing.T) {
	t.Parallel()
	for _, r := range []providers.Reply{
		reply(200), reply(450), reply(200, headerMessage, "Quota Exhausted"), reply(450, headerMessage, "no such text"), {Status: 200},
	} {
		if err := Check(r, Replies(200, 450)); err != nil {
			t.Errorf("status %d: %v, want nil", r.Status, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 0}, {"0", 0}, {"7", 7 * time.Second}, {"60", time.Minute}, {"61", time.Minute},
		{"999999999999999999999", time.Minute}, {"-1", 0}, {"1.5", 0}, {"Wed, 21 Oct 2026 07:28:00 GMT", 0},
	}
	for _, tt := range tests {
		var e *idv.Error
		if !errors.As(Check(reply(429, headerCode, "T429ID", "Retry-After", tt.header), Replies()), &e) || e.Retry != tt.want {
			t.Errorf("Retry-After %q: %v, want %v", tt.header, e.Retry, tt.want)
		}
	}
	var e *idv.Error
	if !errors.As(Check(reply(503, "Retry-After", "7"), Replies()), &e) || e.Retry != 0 {
		t.Errorf("a failure that is no throttling waits %v, want 0", e.Retry)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range Rows() {
		if row.Layer != providers.LayerGateway || row.Text == "" || row.Source == "" || seen[row.Code] {
			t.Errorf("row %q: a layer, text or source is missing, or the code is there twice", row.Code)
		}
		seen[row.Code] = true
		if row.Verdict != idv.Undetermined || row.Failure == idv.FailureUnknown {
			t.Errorf("row %q: a gateway gives failures of a known class, got %v and %v", row.Code, row.Verdict, row.Failure)
		}
		if (row.Delivery == idv.RefusedByGateway) != (row.Charge == idv.NotCharged) {
			t.Errorf("row %q: sent %v and charge %v do not agree", row.Code, row.Delivery, row.Charge)
		}
	}
	if len(seen) < 95 {
		t.Errorf("%d rows, want every code and text that is known (≥ 95)", len(seen))
	}
}

// The text of a refused signature holds the name and the number.
func FuzzCheck(f *testing.F) {
	f.Add(400, "", "Invalid Signature, Server StringToSign:`GET#/idcard?idCard=11010120990101005X&name=测试`", "1")
	f.Add(403, "B403MQ", "Api Market Subscription quota exhausted", "")
	f.Add(200, "", "", "x")
	f.Add(429, "T429ID", "Throttled by APP", "99999999999999999999")
	f.Fuzz(func(t *testing.T, status int, code, text, retry string) {
		const canary = "张三丰canary"
		err := Check(reply(status, headerCode, code, headerMessage, text+canary, "Retry-After", retry), Replies(200, 450))
		if err == nil {
			if code != "" || status != 200 && status != 450 {
				t.Fatalf("status %d with code %q passes for the vendor's", status, code)
			}
			return
		}
		var e *idv.Error
		if !errors.As(err, &e) || !e.Failure.Valid() || e.Retry < 0 || e.Retry > maxRetry || len(e.Code) > 40 {
			t.Fatalf("not a valid failure: %#v", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, *e, e), canary) {
			t.Fatalf("the gateway's text is in the error")
		}
	})
}

// What is wrong with the key itself concerns all products that are called with it; what is
// wrong with one subscription does not.
func TestCodesOfTheAccount(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"A400AC": true, "A403IS": true, "classic.arrears": true, "classic.invalid_signature": true,
		"I403AA": false, "B403MQ": false, "B403ME": false, "classic.unauthorized": false, "http_401": false,
	}
	for code, want := range tests {
		row, ok := providers.Table(Rows()).Row(providers.LayerGateway, code)
		if !ok || row.Account != want {
			t.Errorf("%s: account %v, found %v; want %v", code, row.Account, ok, want)
		}
	}
	if e := idv.AsError(Check(reply(400, code("A400AC")...), Replies())); !e.Account {
		t.Error("the failure of A400AC does not concern the account")
	}
}
