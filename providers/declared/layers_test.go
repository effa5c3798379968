package declared_test

import (
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The tables of docs/declared.md about layers and errors.
func TestLayersAndErrors(t *testing.T) {
	t.Parallel()
	p := parse(t, head, requestPart, nonePart,
		"reply: {codes: [{at: /code, types: [integer]}, {at: /data/result, types: [integer]}], error: {at: /error/code, types: [string]}}\n",
		`codes: [{code: "200/0", verdict: match, charge: charged, text: x, source: x}, {code: "200/1", verdict: mismatch, charge: charged, text: x, source: x}, `+
			`{code: "501", failure: unavailable, charge: not_charged, text: x, source: x}, {code: E1, failure: credentials, charge: not_charged, text: x, source: x}]`+"\n")
	c := codec(t, p.Factory)
	for body, want := range map[string]struct {
		verdict idv.Verdict
		failure idv.Failure
		charge  idv.Charge
	}{
		`{"code":200,"data":{"result":0}}`:                          {idv.Match, 0, idv.Charged},
		`{"code":200,"data":{"result":9}}`:                          {idv.Undetermined, idv.FailureUnknown, idv.ChargeUnknown},
		`{"code":200,"data":null}`:                                  {idv.Undetermined, idv.Garbled, idv.ChargeUnknown},
		`{"code":200,"data":{"result":""}}`:                         {idv.Undetermined, idv.Garbled, idv.ChargeUnknown},
		`{"code":501,"data":{"result":0}}`:                          {idv.Undetermined, idv.Unavailable, idv.NotCharged},
		`{"code":"200","data":{"result":0}}`:                        {idv.Undetermined, idv.Garbled, idv.ChargeUnknown},
		`{"error":{"code":"E1"}}`:                                   {idv.Undetermined, idv.BadCredentials, idv.NotCharged},
		`{"error":{"code":""},"code":200,"data":{"result":0}}`:      {idv.Match, 0, idv.Charged},
		`{"error":{"code":"E1"},"code":200,"data":{"result":0}}`:    {idv.Undetermined, idv.BadCredentials, idv.NotCharged},
		`{"error":{"code":null},"code":200,"data":{"result":null}}`: {idv.Undetermined, idv.Garbled, idv.ChargeUnknown},
	} {
		t.Run(body, func(t *testing.T) {
			reply := providers.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
			answer, err := c.Decode(question(t, p.Factory.Descriptor), reply)
			charge := answer.Charge
			if err != nil {
				charge = idv.AsError(err).Charge
			}
			if answer.Verdict != want.verdict || charge != want.charge || want.verdict == idv.Undetermined && idv.FailureOf(err) != want.failure {
				t.Errorf("got %v, %v, charge %v; want %v, %v, charge %v", answer.Verdict, idv.FailureOf(err), charge, want.verdict, want.failure, want.charge)
			}
		})
	}
}
