package huawei

import (
	stdjson "encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
)

func made(t testing.TB) providers.Codec {
	t.Helper()
	c, err := Factory().New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func query(t testing.TB) idv.Query {
	t.Helper()
	q, err := providertest.Query(descriptor())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestContract(t *testing.T) {
	t.Parallel()
	providertest.RunFactory(t, Factory(), nil)
}

// The uuid of a call goes to a plugin and back.
func TestContractOverTheWire(t *testing.T) {
	t.Parallel()
	list, err := providertest.RecordingsOf(Factory())
	if err != nil {
		t.Fatal(err)
	}
	providertest.RunRecordings(t, plugintest.Codec(t, Factory(), nil), list, Factory().NotEchoed)
}

// The vector of the scheme comes out of the product's own call.
func TestSignedCall(t *testing.T) {
	t.Parallel()
	const want = "SDK-HMAC-SHA256 Access=test-ak, SignedHeaders=content-type;host;x-sdk-date, " +
		"Signature=f46ff9e802f3ac96f69f21f580af84bbaf0177251714d3de324e0e55193657fb"
	settings := map[string]string{"access_key": "test-ak", "secret_key": "test-secret"}
	scheme, err := auth.Select(descriptor().Schemes, auth.Env{Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) }})
	if err != nil {
		t.Fatal(err)
	}
	call, err := made(t).Encode(query(t))
	if err != nil {
		t.Fatal(err)
	}
	call, err = scheme.Authenticate(t.Context(), call, providers.Stamp{Host: "ivs.cn-north-4.myhuaweicloud.com", At: time.UnixMilli(1700000000000)})
	if err != nil {
		t.Fatal(err)
	}
	if got := call.HeaderValue("Authorization").Reveal(); got != want {
		t.Errorf("Authorization %s, want %s, for the body %s", got, want, call.Payload().Reveal())
	}
	if got := call.ContentTypeHeader(); got != "application/json;charset=utf8" || call.Method != http.MethodPost {
		t.Errorf("%s with %q", call.Method, got)
	}
}

// A reply of another call, or with more or fewer results than one, has no verdict.
func TestOneResultOfThisCall(t *testing.T) {
	t.Parallel()
	const (
		valid = `{"verification_result":"valid","verification_code":1000}`
		other = `{"verification_result":"invalid","verification_code":2001}`
	)
	body := func(uuid, count, list string) string {
		return `{"meta":{"uuid":"` + uuid + `"},"result":{"count":` + count + `,"resp_data":[` + list + `]}}`
	}
	tests := []struct {
		name, body string
		want       idv.Failure
		match      bool
	}{
		{"one result", body("heyan-test", "1", valid), 0, true},
		{"another call", body("heyan-other", "1", valid), idv.Garbled, false},
		{"no uuid", `{"result":{"count":1,"resp_data":[` + valid + `]}}`, idv.Garbled, false},
		{"two results", body("heyan-test", "2", valid+","+other), idv.Garbled, false},
		{"two results that are counted as one", body("heyan-test", "1", valid+","+valid), idv.Garbled, false},
		{"one result that is counted as two", body("heyan-test", "2", valid), idv.Garbled, false},
		{"no result", body("heyan-test", "0", ""), idv.Garbled, false},
		{"no count", `{"meta":{"uuid":"heyan-test"},"result":{"resp_data":[` + valid + `]}}`, idv.Garbled, false},
		{"the word and the number contradict", body("heyan-test", "1", `{"verification_result":"valid","verification_code":2001}`), idv.FailureUnknown, false},
		{"an error beside a result", `{"error_code":"IVS.0101",` + body("heyan-test", "1", valid)[1:], idv.Unavailable, false},
		{"an empty error beside a result", `{"error_code":"",` + body("heyan-test", "1", valid)[1:], idv.Garbled, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reply := providers.Reply{Status: 200, Header: http.Header{"X-Request-Id": {"hw-1"}}, Body: []byte(tt.body)}
			answer, err := made(t).Decode(query(t), reply)
			if tt.match {
				if err != nil || answer.Verdict != idv.Match || answer.VendorRef != "hw-1" {
					t.Errorf("got %+v, %v, want a match with its reference", answer, err)
				}
				return
			}
			if e := idv.AsError(err); err == nil || e.Failure != tt.want || e.Charge == idv.NotCharged || e.Ref != "hw-1" {
				t.Errorf("got %v, %+v, want %v with the reference", answer.Verdict, e, tt.want)
			}
		})
	}
}

// Another status than 200 gives an error of the table, or what the status alone says.
func TestStatuses(t *testing.T) {
	t.Parallel()
	const match = `{"meta":{"uuid":"heyan-test"},"result":{"count":1,"resp_data":[{"verification_result":"valid","verification_code":1000}]}}`
	tests := []struct {
		name   string
		status int
		body   string
		want   idv.Error
	}{
		{"an error", 403, `{"error_code":"IVS.0014","error_msg":"text"}`, idv.Error{Failure: idv.QuotaExhausted, Code: "IVS.0014"}},
		{"an error that is not listed", 403, `{"error_code":"IVS.9999"}`, idv.Error{Failure: idv.FailureUnknown, Code: "IVS.9999"}},
		{"a page", 504, "<html>", idv.Error{Failure: idv.Unavailable, Code: "http_504"}},
		{"a match", 500, match, idv.Error{Failure: idv.Unavailable, Code: "http_500"}},
		{"a match without permission", 401, match, idv.Error{Failure: idv.BadCredentials, Code: "http_401"}},
		{"a status that is not listed", 302, match, idv.Error{Failure: idv.Garbled, Code: "http_302"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := made(t).Decode(query(t), providers.Reply{Status: tt.status, Body: []byte(tt.body)})
			if e := idv.AsError(err); err == nil || e.Failure != tt.want.Failure || e.Code != tt.want.Code {
				t.Errorf("got %v, %+v, want %v, %s", answer.Verdict, e, tt.want.Failure, tt.want.Code)
			}
		})
	}
}

// FuzzDecode: a verdict comes only from the one result of this call.
func FuzzDecode(f *testing.F) {
	list, err := providertest.RecordingsOf(Factory())
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range list {
		f.Add(r.Reply.Status, r.Reply.Body)
	}
	c, q := made(f), query(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer, err := c.Decode(q, providers.Reply{Status: status, Body: body})
		if err != nil {
			return
		}
		var lenient struct {
			ErrorCode any `json:"error_code"`
			Meta      meta
			Result    struct {
				RespData []struct {
					Result string         `json:"verification_result"`
					Code   stdjson.Number `json:"verification_code"`
				} `json:"resp_data"`
			}
		}
		if stdjson.Unmarshal(body, &lenient) != nil || status != 200 || lenient.ErrorCode != nil || lenient.Meta.UUID != q.ID || len(lenient.Result.RespData) != 1 {
			t.Fatalf("%v from status %d and %q", answer.Verdict, status, body)
		}
		only := lenient.Result.RespData[0]
		row, ok := providers.Table(c.Describe().Codes).Row(providers.LayerVendor, only.Result+"/"+only.Code.String())
		if !ok || row.Verdict != answer.Verdict || row.Verdict == idv.Undetermined {
			t.Fatalf("%v from %q", answer.Verdict, body)
		}
	})
}
