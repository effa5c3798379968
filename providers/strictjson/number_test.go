package strictjson_test

import (
	"testing"

	"github.com/heyan-id/heyan/providers/strictjson"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	const refused = "refused"
	for body, want := range map[string]strictjson.Number{
		`{"code":0}`: "0", `{"code": 12 }`: "12", `{"code":-1}`: "-1", `{"code":1.0}`: "1.0", `{"code":1e0}`: "1e0", `{"code":-0}`: "-0",
		`{}`: "", `{"code":null}`: "", `{"Code":1}`: "",
		`{"code":"0"}`: refused, `{"code":true}`: refused, `{"code":[0]}`: refused, `{"code":{"code":0}}`: refused, `{"code":00}`: refused, `{"code":1,"Code":1}`: refused,
	} {
		var reply struct {
			Code strictjson.Number `json:"code"`
		}
		got := strictjson.Number(refused)
		if strictjson.Decode([]byte(body), &reply) == nil {
			got = reply.Code
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
