package declared_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// echoed are the claims of the person asked for, as some vendors repeat them.
const echoed = `"name":"测试","idcard":"11010120990101005X","mobile":"19900000000"`

// bodies are replies whose result is $. Two vendors, two products of one vendor and two
// lists in one reply have the same numbers with other meanings.
var bodies = map[string]string{
	"apix-idcard":            `{"code":$,"data":{"name":"测试","cardno":"11010120990101005X"}}`,
	"chinadatapay-idcard":    `{"code":"10000","data":{"result":"$"}}`,
	"chinadatapay-mobile3":   `{"code":"10000","data":{"state":"$"}}`,
	"id98-idcard":            `{"isok":1,"code":$}`,
	"id98-idcard, isok 0":    `{"isok":0,"code":$}`,
	"jumdata-idcard":         `{"code":200,"data":{"result":"$"}}`,
	"kz-idcard":              `{"code":200,"success":true,"data":{"result":$}}`,
	"kz-mobile3":             `{"code":200,"success":true,"data":{"result":$}}`,
	"kz-mobile3, as a text":  `{"code":200,"success":true,"data":{"result":"$"}}`,
	"lianzhuo-idcard":        `{"resp":{"code":$},"data":{}}`,
	"lianzhuo-mobile3":       `{"resp":{"code":$},"data":{}}`,
	"lundear-huawei-bank4":   `{"code":$}`,
	"lundroid-bank4":         `{"resp":{"code":$},"data":{}}`,
	"shumai-direct-idcard":   `{"code":200,"success":true,"data":{"result":$}}`,
	"shumai-direct-mobile3":  `{"code":200,"success":true,"data":{"result":"$"}}`,
	"shumai-market-bank4c":   `{"code":200,"success":true,"data":{"result":$}}`,
	"shumai-market-eid":      `{"code":"0","result":{` + echoed + `,"res":"$"}}`,
	"shumai-market-mobile3":  `{"code":"0","result":{` + echoed + `,"res":"$"}}`,
	"sxidcheck-idcard":       `{"code":"0","isFee":1,"data":{"result":$}}`,
	"yidun-idcard":           `{"code":200,"result":{"status":$,"reasonType":2}}`,
	"apistore-idcard3":       `{"error_code":$,"result":{"realName":"测试","cardNo":"11010120990101005X"}}`,
	"juhe-idcard":            `{"error_code":0,"result":{"realname":"测试","idcard":"11010120990101005X","res":$}}`,
	"juhe-idcard, error":     `{"error_code":$,"result":null}`,
	"showapi-idcard":         `{"showapi_res_code":0,"showapi_res_body":{"ret_code":0,"code":$}}`,
	"showapi-idcard, ret -1": `{"showapi_res_code":0,"showapi_res_body":{"ret_code":-1,"code":$}}`,
}

// The same number is a match of one product and a mismatch, no record or nothing at all of
// its sibling. Nothing is `unknown`.
func TestSiblingsWithInvertedCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		number string
		want   map[string][]string // bodies by their outcome
	}{
		{"0", map[string][]string{
			"match": {
				"kz-idcard", "kz-mobile3", "kz-mobile3, as a text", "shumai-direct-idcard", "shumai-direct-mobile3", "shumai-market-bank4c",
				"lianzhuo-idcard", "lianzhuo-mobile3", "lundroid-bank4", "lundear-huawei-bank4", "apix-idcard", "apistore-idcard3", "jumdata-idcard", "showapi-idcard",
			},
			"unavailable": {"showapi-idcard, ret -1"},
			"unknown":     {"shumai-market-eid", "shumai-market-mobile3", "sxidcheck-idcard", "chinadatapay-idcard", "chinadatapay-mobile3", "id98-idcard", "juhe-idcard"},
		}},
		{"1", map[string][]string{
			"match": {"shumai-market-eid", "shumai-market-mobile3", "sxidcheck-idcard", "chinadatapay-idcard", "chinadatapay-mobile3", "id98-idcard", "juhe-idcard"},
			"mismatch": {
				"kz-idcard", "kz-mobile3", "kz-mobile3, as a text", "shumai-direct-idcard", "shumai-direct-mobile3", "shumai-market-bank4c",
				"lianzhuo-mobile3", "lundear-huawei-bank4", "showapi-idcard",
			},
			"mismatch_or_no_record": {"jumdata-idcard"},
			"unknown":               {"lianzhuo-idcard", "lundroid-bank4", "id98-idcard, isok 0", "apix-idcard", "apistore-idcard3", "juhe-idcard, error"},
		}},
		{"2", map[string][]string{
			"mismatch":    {"shumai-market-eid", "shumai-market-mobile3", "sxidcheck-idcard", "chinadatapay-idcard", "chinadatapay-mobile3", "id98-idcard", "juhe-idcard", "lundear-huawei-bank4"},
			"no_record":   {"kz-idcard", "kz-mobile3", "shumai-direct-idcard", "shumai-direct-mobile3", "lianzhuo-mobile3", "showapi-idcard"},
			"unavailable": {"shumai-market-bank4c"},
			"unknown":     {"lianzhuo-idcard", "lundroid-bank4"},
		}},
		{"3", map[string][]string{
			"mismatch":  {"shumai-market-bank4c", "lundear-huawei-bank4"},
			"no_record": {"shumai-market-eid", "shumai-market-mobile3", "sxidcheck-idcard", "chinadatapay-mobile3", "id98-idcard"},
			"unknown":   {"chinadatapay-idcard", "kz-idcard", "shumai-direct-idcard"},
		}},
		{"5", map[string][]string{
			"mismatch": {"lianzhuo-idcard", "lundroid-bank4", "lundear-huawei-bank4"},
			"unknown":  {"lianzhuo-mobile3"},
		}},
		{"14", map[string][]string{
			"mismatch":    {"lundroid-bank4"},
			"no_record":   {"lianzhuo-idcard"},
			"credentials": {"id98-idcard, isok 0"},
			"unknown":     {"lianzhuo-mobile3", "id98-idcard"},
		}},
		{"-1", map[string][]string{
			"unavailable": {"shumai-market-mobile3"},
			"unknown":     {"shumai-market-eid"},
		}},
		{"90099", map[string][]string{"mismatch": {"apistore-idcard3"}}},
		{"210301", map[string][]string{
			"no_record": {"juhe-idcard, error"},
			"unknown":   {"juhe-idcard"},
		}},
	}
	for _, tt := range tests {
		for want, replies := range tt.want {
			for _, name := range replies {
				t.Run(tt.number+"/"+name, func(t *testing.T) {
					body, ok := bodies[name]
					if !ok {
						t.Fatal("no such body")
					}
					file, _, _ := strings.Cut(name, ",")
					if got := outcome(t, file, strings.ReplaceAll(body, "$", tt.number)); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				})
			}
		}
	}
}

// outcome is the verdict, or the failure, of a body.
func outcome(t *testing.T, file, body string) string {
	t.Helper()
	f := factory(t, file)
	reply := providers.Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
	answer, err := codec(t, f).Decode(question(t, f.Descriptor), reply)
	if err != nil {
		return idv.FailureOf(err).String()
	}
	return answer.Verdict.String()
}
