package providertest

import (
	"cmp"
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// envelope is a codec of a vendor that answers {"code":0,"result":{"status":1,…}}: a
// composite code of two numbers. read reads the codes, and is wrong in some tests.
type envelope struct {
	toy
	read func(envelopeReply) []string
}

type envelopeReply struct {
	Code   strictjson.Number `json:"code"`
	Result struct {
		Status strictjson.Number `json:"status"`
		ID     string            `json:"id"`
		Name   string            `json:"name"`
	} `json:"result"`
}

func bothCodes(r envelopeReply) []string { return []string{string(r.Code), string(r.Result.Status)} }

func (e envelope) Describe() idv.Descriptor {
	d := e.toy.Describe()
	d.Codes = envelopeCodes()
	return d
}

func envelopeCodes() providers.Table {
	codes := toyCodes()[:3]
	codes[0].Code, codes[1].Code, codes[2].Code = "0/1", "0/2", "9"
	return codes
}

func (e envelope) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	var body envelopeReply
	if r.Status != http.StatusOK || strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, providers.Garbled("no answer")
	}
	answer, err := envelopeCodes().Decode(providers.Reading{Codes: e.read(body)})
	if err == nil && !isAbout(q.Subject, body.Result.ID, body.Result.Name) {
		return idv.Answer{}, providers.Garbled("another person's")
	}
	return answer, err
}

func envelopeHarness(t *testing.T, c providers.Codec) Harness {
	t.Helper()
	body := func(outer, inner string) string {
		return `{"code":` + outer + `,"result":{"status":` + inner + `,"id":"11*****005X","name":"测*"}}`
	}
	h := toyHarness(t, c)
	h.Fixtures = bodies(map[string]string{"0/1": body("0", "1"), "0/2": body("0", "2"), "9": body("9", "null")})
	return h
}

func TestCompositeCodes(t *testing.T) {
	t.Parallel()
	Run(t, envelopeHarness(t, envelope{read: bothCodes}))
}

// Codecs that read an envelope carelessly break a rule.
func TestCompositeCodesSabotaged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule string
		read func(envelopeReply) []string
	}{
		"the outer code is not read": {"unlisted-code", func(r envelopeReply) []string { return []string{"0", string(r.Result.Status)} }},
		"a missing outer code is 0":  {"missing", func(r envelopeReply) []string { return []string{cmp.Or(string(r.Code), "0"), string(r.Result.Status)} }},
		"a missing inner code is 1":  {"missing", func(r envelopeReply) []string { return []string{string(r.Code), cmp.Or(string(r.Result.Status), "1")} }},
		"the inner code is not read": {"fixtures", func(r envelopeReply) []string { return []string{string(r.Code), "1"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := envelopeHarness(t, envelope{read: test.read})
			for _, r := range Rules() {
				if r.Name == test.rule && r.Test(t.Context(), h) == nil {
					t.Errorf("the rule %s passes", r.Name)
				}
			}
		})
	}
}
