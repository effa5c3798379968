package providertest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// unsafe reads {"code":0,"data":{"result":1}} as 1, a match, which is right, and
// {"code":1,"msg":"system error"} as 1 too, which is not.
func unsafe(codes ...idv.CodeRow) product {
	d := described("unsafe", codes, providers.StatusRows())
	read := func(body []byte) (providers.Reading, error) {
		var reply struct {
			Code integer `json:"code"`
			Data struct {
				Result integer `json:"result"`
			} `json:"data"`
		}
		if err := strictjson.Decode(body, &reply); err != nil {
			return providers.Reading{}, err
		}
		code := reply.Data.Result
		if code == "" {
			code = reply.Code
		}
		return providers.Reading{Codes: []string{string(code)}}, nil
	}
	return product{descriptor: d, params: form("name", "number"), check: providers.CheckStatus, read: read}
}

// The unsafe codec is caught with and without an error in its table.
func TestUnsafeCodecIsCaught(t *testing.T) {
	t.Parallel()
	verdicts := []idv.CodeRow{answered(idv.Match, idv.Charged, "1"), answered(idv.Mismatch, idv.Charged, "2")}
	fixtures := append(bodies(map[string]string{"1": `{"code":0,"msg":"ok","data":{"result":1}}`, "2": `{"code":0,"msg":"ok","data":{"result":2}}`}),
		Fixture{Layer: providers.LayerGateway, Code: "http_429", Reply: providers.Reply{Status: 429}})
	withError := append(bodies(map[string]string{"9": `{"code":9,"msg":"system error"}`}), fixtures...)
	tests := []struct {
		name     string
		codec    product
		fixtures []Fixture
		want     []string
	}{
		{"verdicts alone", unsafe(verdicts...), fixtures, []string{"other-members"}},
		{"with an error", unsafe(append(failing(idv.Unavailable, idv.ChargeUnknown, "9"), verdicts...)...), withError, []string{"other-members", "envelope-errors"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Harness{Codec: tt.codec, Query: toyQuery(), Fixtures: tt.fixtures, NotEchoed: toyQuery().Check.Claims()}
			found := brokenRules(Check(t.Context(), h))
			for _, rule := range tt.want {
				if !found[rule] {
					t.Errorf("%s does not catch the codec; the findings are of %v", rule, found)
				}
			}
		})
	}
}

func brokenRules(list []Finding) map[string]bool {
	rules := map[string]bool{}
	for _, f := range list {
		rules[f.Rule] = true
	}
	return rules
}

// Mutants of a composite codec: each mistake that clients of the product really make.
func TestMutantsOfCompositeCodesAreCaught(t *testing.T) {
	t.Parallel()
	type reading = providers.Reading
	// changed reads as the codec does and then changes the codes, knowing the whole reply.
	changed := func(read func([]byte) (reading, error), change func(reply map[string]any, r *reading)) func([]byte) (reading, error) {
		return func(body []byte) (reading, error) {
			r, err := read(body)
			var reply map[string]any
			if err == nil && json.Unmarshal(body, &reply) == nil {
				change(reply, &r)
			}
			return r, err
		}
	}
	tests := []struct {
		name    string
		product sold
		change  func(reply map[string]any, r *reading)
		want    string
	}{
		{"the call worked, so the person matches", soldToday()[0], func(_ map[string]any, r *reading) {
			if r.Codes[0] == "200" {
				r.Codes[1] = "0"
			}
		}, "fixtures"},
		{"a missing result is 0", soldToday()[0], func(_ map[string]any, r *reading) {
			if r.Codes[0] == "200" && r.Codes[1] == "" {
				r.Codes[1] = "0"
			}
		}, "empty-results"},
		{"the first of two results counts", soldToday()[0], func(reply map[string]any, r *reading) {
			if list, ok := reply["data"].([]any); ok && len(list) > 0 {
				if first, ok := list[0].(map[string]any); ok {
					r.Codes[1] = fmt.Sprint(first["result"])
				}
			}
		}, "empty-results"},
		{"the code of the envelope is not read", soldToday()[0], func(_ map[string]any, r *reading) {
			if r.Codes[1] != "" {
				r.Codes[0] = "200"
			}
		}, "envelope-errors"},
		{"an unlisted code of the envelope is success", soldToday()[0], func(_ map[string]any, r *reading) {
			if len(r.Codes[0]) < 3 {
				r.Codes[0] = "200"
			}
		}, "unlisted-code"},
		{"a code of the envelope counts as the result if there is none", soldToday()[0], func(_ map[string]any, r *reading) {
			if r.Codes[1] == "" {
				r.Codes = []string{"200", r.Codes[0]}
			}
		}, "other-members"},
		{"success decides", soldToday()[0], func(reply map[string]any, r *reading) {
			if reply["success"] == true {
				r.Codes[0] = "200"
			}
		}, "unlisted-code"},
		{"a missing charge flag is free", soldToday()[1], func(_ map[string]any, r *reading) {
			if r.Flag == idv.ChargeUnknown {
				r.Flag = idv.NotCharged
			}
		}, "charge-flag"},
		{"the charge flag is not read", soldToday()[1], func(_ map[string]any, r *reading) { r.Flag = idv.Charged }, "charge-flag"},
		{"an error in its own member is not read", soldToday()[2], func(reply map[string]any, r *reading) {
			if len(r.Codes) == 2 && r.Codes[1] != "" {
				r.Codes = r.Codes[1:]
			}
		}, "envelope-errors"},
		{"an error that is not listed is not read", soldToday()[2], func(_ map[string]any, r *reading) {
			if _, listed := providers.Table(tencentIDCard().descriptor.Codes).Row(providers.LayerVendor, r.Codes[0]); !listed && len(r.Codes) == 2 {
				r.Codes = r.Codes[1:]
			}
		}, "envelope-errors"},
		{"the code of an error counts as a result", soldToday()[2], func(_ map[string]any, r *reading) { r.Codes = r.Codes[:1] }, "other-members"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.product.harness(t)
			mutant := tt.product.product
			mutant.read = changed(mutant.read, tt.change)
			h.Codec = mutant
			if found := brokenRules(Check(t.Context(), h)); !found[tt.want] {
				t.Errorf("%s does not catch the codec; the findings are of %v", tt.want, found)
			}
		})
	}
}
