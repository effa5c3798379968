package idcert

import (
	"net/http"
	"testing"
	"unicode/utf16"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// TestUnclearPayloads decides what docs/decisions/0047 lists. Each reply is about the
// fictitious person unless the row changes its name.
func TestUnclearPayloads(t *testing.T) {
	t.Parallel()
	const sound = `{"status":"01","msg":"","idCard":"11*****005X","name":"测*","traceId":"t-1"}`
	code := http.Header{"X-Ca-Error-Code": {"B403MQ"}, "X-Ca-Request-Id": {"r-1"}}
	tests := []struct {
		name    string
		body    string
		header  http.Header
		verdict idv.Verdict
		failure idv.Failure
		ref     string
	}{
		{name: "sound", body: sound, verdict: idv.Match, ref: "t-1"},

		{name: "202 with an empty echo", body: `{"status":"202","msg":"","idCard":"","name":"","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "202 without an echo", body: `{"status":"202","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "202 with null", body: `{"status":"202","idCard":null,"name":null,"traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "202 with the number only", body: `{"status":"202","idCard":"11*****005X","name":"","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "202 with the name only", body: `{"status":"202","idCard":"","name":"测*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "202 about another person", body: `{"status":"202","idCard":"11*****0051","name":"测*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "01 with an empty echo", body: `{"status":"01","idCard":"","name":"","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},

		{name: "byte order mark", body: "\ufeff" + sound, failure: idv.Garbled},
		{name: "two byte order marks", body: "\ufeff\ufeff" + sound, failure: idv.Garbled},
		{name: "byte order mark behind it", body: sound + "\ufeff", failure: idv.Garbled},
		{name: "byte order mark in the status", body: `{"status":"` + "\ufeff" + `01","idCard":"11*****005X","name":"测*","traceId":"t-1"}`, failure: idv.FailureUnknown, ref: "t-1"},
		{name: "UTF-16", body: inUTF16(sound), failure: idv.Garbled},

		{name: "numeric traceId", body: `{"status":"01","idCard":"11*****005X","name":"测*","traceId":20260101013}`, verdict: idv.Match, ref: "20260101013"},
		{name: "traceId in exponents", body: `{"status":"01","idCard":"11*****005X","name":"测*","traceId":2.0e10}`, verdict: idv.Match, ref: "2.0e10"},
		{name: "null traceId", body: `{"status":"01","idCard":"11*****005X","name":"测*","traceId":null}`, verdict: idv.Match},
		{name: "no traceId", body: `{"status":"01","idCard":"11*****005X","name":"测*"}`, verdict: idv.Match},
		{name: "traceId of an object", body: `{"status":"01","idCard":"11*****005X","name":"测*","traceId":{"id":"1"}}`, verdict: idv.Match},
		{name: "numeric status", body: `{"status":1,"idCard":"11*****005X","name":"测*","traceId":"t-1"}`, failure: idv.Garbled},
		{name: "numeric echo", body: `{"status":"01","idCard":110101,"name":"测*","traceId":"t-1"}`, failure: idv.Garbled},

		{name: "a mask cut in a surrogate pair", body: `{"status":"01","idCard":"11*****005X","name":"\ud842*","traceId":"t-1"}`, failure: idv.Garbled},
		{name: "cut, low half", body: `{"status":"01","idCard":"11*****005X","name":"*\udfb7","traceId":"t-1"}`, failure: idv.Garbled},
		{name: "cut in UTF-8", body: `{"status":"01","idCard":"11*****005X","name":"` + "\xf0\xa0" + `*","traceId":"t-1"}`, failure: idv.Garbled},
		{name: "cut, as a question mark", body: `{"status":"01","idCard":"11*****005X","name":"?*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "cut, as U+FFFD", body: `{"status":"01","idCard":"11*****005X","name":"\ufffd*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},

		{name: "an echo of the district only", body: `{"status":"01","idCard":"1101*","name":"测*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "the district in full length", body: `{"status":"01","idCard":"1101**************","name":"测*","traceId":"t-1"}`, failure: idv.Garbled, ref: "t-1"},
		{name: "the end only", body: `{"status":"01","idCard":"*****005X","name":"测*","traceId":"t-1"}`, verdict: idv.Match, ref: "t-1"},

		{name: "an answer beside a gateway's code", body: sound, header: code, failure: idv.Garbled, ref: "r-1"},
		{name: "an answer beside an unlisted code", body: sound, header: http.Header{"X-Ca-Error-Code": {"Z1"}}, failure: idv.Garbled},
		{name: "a mismatch beside a gateway's code", body: `{"status":"02","idCard":"11*****005X","name":"测*","traceId":"t-1"}`, header: code, failure: idv.Garbled, ref: "r-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := made(t).Decode(person(), providers.Reply{Status: http.StatusOK, Header: tt.header, Body: []byte(tt.body)})
			ref := answer.VendorRef
			if err != nil {
				e := idv.AsError(err)
				ref = e.Ref
				checked := descriptorTable().ValidateFailure(*e)
				if checked.Charge == idv.NotCharged || checked.Delivery == idv.RefusedByGateway || checked.Delivery == idv.NotSent {
					t.Errorf("delivery %v, charge %v: it may have been billed", checked.Delivery, checked.Charge)
				}
			}
			if answer.Verdict != tt.verdict || err != nil && idv.FailureOf(err) != tt.failure || (err == nil) != (tt.verdict != 0) || ref != tt.ref {
				t.Errorf("got %v, %v, reference %q; want %v, %v, %q", answer.Verdict, err, ref, tt.verdict, tt.failure, tt.ref)
			}
		})
	}
}

func descriptorTable() providers.Table { return descriptor().Codes }

func inUTF16(text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8)) //nolint:gosec // the low byte is meant
	}
	return string(b)
}
