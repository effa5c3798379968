package draft_test

import (
	"bytes"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/heyan-id/heyan/cmd/internal/draft"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

const (
	realNumber = "110105194912310021"
	realName   = "李雷雷"
	realKey    = "0123456789abcdef0123456789abcdee"
)

// samples are exchanges of several shapes about one person.
func samples(t *testing.T) map[string]draft.Exchange {
	t.Helper()
	curl := func(command, reply string) draft.Exchange {
		e, err := draft.Curl(command)
		if err != nil {
			t.Fatal(err)
		}
		if e, err = e.WithReply(reply); err != nil {
			t.Fatal(err)
		}
		return e
	}
	har := `{"log":{"entries":[{"request":{"method":"GET","url":"https://x.example/"},"response":{"status":200,"content":{"text":"<html>"}}},
{"request":{"method":"POST","url":"https://api.example.com/v2/check","headers":[{"name":":authority","value":"x"},{"name":"X-Api-Key","value":"` + realKey + `"}],
"postData":{"text":"{\"data\":{\"realName\":\"` + realName + `\",\"idNo\":\"` + realNumber + `\"},\"requestId\":\"abc\"}"}},
"response":{"status":200,"content":{"text":"{\"success\":true,\"result\":{\"state\":\"1\",\"name\":\"` + realName + `\"}}"}}}]}}`
	fromHAR, err := draft.HAR([]byte(har))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]draft.Exchange{
		"appcode and form": curl(`curl -i -X POST 'https://api.example.com/idcard/check' \
  -H 'Authorization: APPCODE `+realKey+`' -H "Content-Type: application/x-www-form-urlencoded; charset=UTF-8" \
  --data 'name=%E6%9D%8E%E9%9B%B7%E9%9B%B7&idcard=`+realNumber+`'`,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"+`{"msg":"成功","code":200,"data":{"result":0,"desc":"一致","orderNo":"623","idcard":"1101**********0021","sex":"女","birthday":"19491231","address":"北京市朝阳区"}}`),
		"key in the query": curl(`curl "https://api.example.com/verify?idcard=`+realNumber+`&realname=`+realName+`&appkey=`+realKey+`"`,
			`{"status":"0","msg":"ok","result":{"idcard":"`+realNumber+`","realname":"`+realName+`","verifystatus":"0"}}`),
		"a signature": curl(`curl https://api.example.com/v4/check -d name=`+realName+` -d idcard=`+realNumber+` -d appid=someid -d timestamp=1700000000000 -d sign=`+realKey,
			`{"code":200,"data":{"result":1}}`),
		"HAR": fromHAR,
	}
}

// codes are the codes of the samples.
func codes() map[string]string {
	return map[string]string{"appcode and form": "200/0", "key in the query": "0/0", "a signature": "200/1", "HAR": "true/1"}
}

// A reply can follow the command, and curl prints it in several forms.
func TestPastedReplies(t *testing.T) {
	t.Parallel()
	const command = "curl -i \\\n  'https://api.example.com/v' \\\n  -d 'a=b\nc'\n\n"
	tests := []struct {
		name, reply string
		status      int
	}{
		{"a body", `{"code":0}`, 200},
		{"HTTP/1.1", "HTTP/1.1 450 No\r\nContent-Type: a/b\r\n\r\n{\"code\":0}", 450},
		{"HTTP/2 with the line ends of a page", "HTTP/2 200 \ncontent-type: a/b\n\n{\"code\":0}", 200},
		{"after an interim reply", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nA: b\r\n\r\n{\"code\":0}", 201},
		{"chunks that curl has joined", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{\"code\":0}", 200},
		{"a length of before compression", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{\"code\":0}", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := draft.Curl(command + tt.reply + "\n")
			if err != nil || e.URL != "https://api.example.com/v" || e.Body != "a=b\nc" || e.Status != tt.status || strings.TrimSpace(e.Reply) != `{"code":0}` {
				t.Errorf("got %+v, %v", e, err)
			}
		})
	}
	for _, broken := range []string{"HTTP/1.1 abc\r\n\r\n{}", "HTTP/1.1 200 OK\r\nno header\r\n\r\n{}", "HTTP/"} {
		if _, err := draft.Curl(command + broken); err == nil {
			t.Errorf("%q is a reply", broken)
		}
	}
}

// A reply is made for each other code that the author confirms, in the sample's types.
func TestMadeReplies(t *testing.T) {
	t.Parallel()
	e := draft.Exchange{Method: "GET", URL: "https://api.example.com/v?name=" + realName + "&id=" + realNumber, Reply: `{"code":0,"msg":"一致","result":{"state":"1"}}`}
	d, err := draft.From("example/idcard", e, draft.Options{Verdicts: map[string]idv.Verdict{
		"0/1": idv.Match, "0/2": idv.Mismatch, "x/3": idv.NoRecord, "9": idv.NoRecord,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Made) != 1 || d.Made[0].Name != "0-2" {
		t.Fatalf("made %v, want 0-2 alone: x is no number, 9 has another shape", d.Made)
	}
	p, err := declared.Parse("draft.yaml", d.File)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Factory.New(providers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := providertest.Recordings(fstest.MapFS{"a.json": {Data: d.Made[0].Text}, "b.json": {Data: d.Recording}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []idv.Verdict{idv.Mismatch, idv.Match} {
		if err := list[i].Check(t.Context(), c); err != nil || list[i].Want.Verdict != want {
			t.Errorf("%v, want %v: %v", list[i].Want, want, err)
		}
	}
	if strings.Contains(string(d.Made[0].Text), "一致") {
		t.Errorf("the sample's words are in the reply of another code: %s", d.Made[0].Text)
	}
}

// A key in the path becomes a setting, and a claim there is an error.
func TestPaths(t *testing.T) {
	t.Parallel()
	const reply = `{"code":0}`
	e := draft.Exchange{Method: "GET", URL: "https://api.example.com/v1/" + realKey + "/check?name=" + realName, Reply: reply}
	d, err := draft.From("a/b", e, draft.Options{})
	if err != nil || !strings.Contains(string(d.File), `path: "/v1/{path_key}/check"`) || strings.Contains(string(d.File), realKey) {
		t.Errorf("got %v\n%s", err, d.File)
	}
	for _, path := range []string{realNumber, url.PathEscape(realName)} {
		if d, err := draft.From("a/b", draft.Exchange{Method: "GET", URL: "https://api.example.com/" + path, Reply: reply}, draft.Options{}); err == nil {
			t.Errorf("%s is drafted:\n%s", path, d.File)
		}
	}
}

// The author's word about claims and codes counts more than the form of the values.
func TestOptions(t *testing.T) {
	t.Parallel()
	e := draft.Exchange{Method: "GET", URL: "https://api.example.com/v?a=LI&b=110105194912310021&c=110105194912310021", Reply: `{"code":"01"}`}
	d, err := draft.From("example/idcard", e, draft.Options{
		Claims:   map[string]string{"name": "a", "id_number": "c"},
		Verdicts: map[string]idv.Verdict{"01": idv.Match, "02": idv.Mismatch, "202": idv.NoRecord},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`{name: "a", claim: name}`, `{name: "c", claim: id_number}`, `code: "02", verdict: mismatch`, `code: "202", verdict: no_record`} {
		if !strings.Contains(string(d.File), part) {
			t.Errorf("the file lacks %q:\n%s", part, d.File)
		}
	}
	if strings.Contains(string(d.File), realNumber) {
		t.Errorf("the number is in the file:\n%s", d.File)
	}
	for _, o := range []draft.Options{{Claims: map[string]string{"sex": "a"}}, {Verdicts: map[string]idv.Verdict{"\"\n": idv.Match}}, {Verdicts: map[string]idv.Verdict{"": idv.Match}}} {
		if _, err := draft.From("example/idcard", e, o); err == nil {
			t.Errorf("%v is accepted", o)
		}
	}
}

// A draft is a valid file whose recorded reply is a match, and nothing in it is the
// person's or the account's.
func TestDrafts(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"appcode and form": {"auth: [xca, appcode]", "gateway: aliyun", `{name: "idcard", claim: id_number}`, `{at: "/data/result", types: [integer]}`, `code: "200/0"`, "{claim: id_number, at: \"/data/idcard\"}"},
		"key in the query": {"- {name: appkey, secret: true", "  query:", `{name: "appkey", setting: appkey}`, "types: [string]", `code: "0/0"`},
		"a signature":      {"generate: timestamp_ms", "hash: md5", "to: {in: form, name: \"sign\"}", "- {name: secret, secret: true", "- {name: appid, help"},
		"HAR":              {"  json:", `{name: "/data/realName", claim: name}`, `{name: "requestId", generate: nonce}`, "  header:", `{name: "X-Api-Key", setting: x_api_key}`, `code: "true/1"`},
	}
	for name, e := range samples(t) {
		t.Run(name, func(t *testing.T) {
			unconfirmed, err := draft.From("example/idcard", e, draft.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(unconfirmed.File)+string(unconfirmed.Recording), "verdict\": \"match") || strings.Contains(string(unconfirmed.File), "verdict: match") {
				t.Errorf("an unconfirmed code is a match:\n%s", unconfirmed.File)
			}
			var faults strictyaml.Faults
			if _, err := declared.Parse("draft.yaml", unconfirmed.File); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "codes" {
				t.Errorf("the unconfirmed draft has the faults %v, want one of codes", err)
			}
			d, err := draft.From("example/idcard", e, draft.Options{Verdicts: map[string]idv.Verdict{codes()[name]: idv.Match}})
			if err != nil {
				t.Fatal(err)
			}
			p, err := declared.Parse("draft.yaml", d.File)
			if err != nil {
				t.Fatalf("%v\n%s", err, d.File)
			}
			for _, part := range want[name] {
				if !strings.Contains(string(d.File), part) {
					t.Errorf("the file lacks %q:\n%s", part, d.File)
				}
			}
			for _, personal := range []string{realNumber, realName, realKey, "19491231", "朝阳", "0021", "someid"} {
				if strings.Contains(string(d.File)+string(d.Recording)+strings.Join(d.Open, ""), personal) {
					t.Errorf("the draft holds %q:\n%s\n%s\n%v", personal, d.File, d.Recording, d.Open)
				}
			}
			list, err := providertest.Recordings(fstest.MapFS{"sample.json": {Data: d.Recording}})
			if err != nil {
				t.Fatal(err)
			}
			settings := providers.Settings{}
			c, err := p.Factory.New(settings)
			if err != nil {
				t.Fatal(err)
			}
			if err := list[0].Check(t.Context(), c); err != nil {
				t.Errorf("%v\n%s\n%s", err, d.File, d.Recording)
			}
			if len(d.Open) == 0 {
				t.Error("nothing is left to the author")
			}
		})
	}
}

// A time in a request is generated in the form that the sample has.
func TestTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, value, want string }{
		{"t", "1700000000000", "generate: timestamp_ms"},
		{"when", "1700000000", "generate: timestamp"},
		{"reqTime", "20261130120000", `generate: time, pattern: "yyyyMMddHHmmss"`},
		{"reqDate", "20261130", `generate: time, pattern: "yyyyMMdd"`},
		{"day", "20261130", `const: "20261130"`},
		{"time", "2026-11-30 12:00:00", `generate: time, pattern: "yyyy-MM-dd HH:mm:ss"`},
		{"X-Date", "Mon, 30 Nov 2026 12:00:00 GMT", "generate: http_date"},
		{"time", "2026-11-30T12:00:00Z", `generate: time, pattern: "yyyy-MM-dd'T'HH:mm:ssXXX", utc: true`},
		{"time", "2026-11-30T12:00:00+08:00", `generate: time, pattern: "yyyy-MM-dd'T'HH:mm:ssXXX"}`},
		{"time", "20261130T120000Z", `generate: time, pattern: "yyyyMMdd'T'HHmmss'Z'", utc: true`},
		{"seq", "9700000000", `const: "9700000000"`},
	} {
		t.Run(tt.value, func(t *testing.T) {
			e := draft.Exchange{
				Method: "POST", URL: "https://api.example.com/check", Reply: `{"code":"0"}`,
				Body: url.Values{"name": {realName}, "idcard": {realNumber}, tt.name: {tt.value}}.Encode(),
			}
			d, err := draft.From("a/b", e, draft.Options{Verdicts: map[string]idv.Verdict{"0": idv.Match}})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(d.File), "{name: "+strconv.Quote(tt.name)+", "+tt.want) {
				t.Errorf("the file lacks %q:\n%s", tt.want, d.File)
			}
			if _, err := declared.Parse("draft.yaml", d.File); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSamplesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "wget https://x.example", "curl 'https://x.example", "curl https://x.example -F a=b"} {
		if e, err := draft.Curl(text); err == nil {
			t.Errorf("%q is %+v", text, e)
		}
	}
	for _, text := range []string{"", "{}", `{"log":{"entries":[{"response":{"content":{"text":"<a>"}}}]}}`} {
		if e, err := draft.HAR([]byte(text)); err == nil {
			t.Errorf("%q is %+v", text, e)
		}
	}
	for _, e := range []draft.Exchange{{URL: "x"}, {URL: "https://x.example", Reply: "<a>"}, {URL: "https://x.example/?%zz"}, {URL: "https://x.example", Body: "{"}} {
		if d, err := draft.From("a/b", e, draft.Options{}); err == nil {
			t.Errorf("%+v is drafted: %s", e, d.File)
		}
	}
}

// FuzzDraft: whatever the sample is, a draft has no fault but missing claims, and no
// sample makes the drafter panic.
func FuzzDraft(f *testing.F) {
	f.Add("curl 'https://x.example/a?b=c' -d 'd=e'", `{"code":0}`)
	f.Add("curl https://x.example --json '{\"a\":[{\"b\":1}]}'", `{"a":{"result":[true]}}`)
	f.Fuzz(func(t *testing.T, command, reply string) {
		e, err := draft.Curl(command)
		if err != nil {
			return
		}
		if e, err = e.WithReply(reply); err != nil {
			return
		}
		drafted(t, e)
	})
}

// FuzzHAR is FuzzDraft for a HAR file.
func FuzzHAR(f *testing.F) {
	f.Add([]byte(`{"log":{"entries":[{"request":{"method":"POST","url":"https://x.example/a","headers":[{"name":"a","value":"b"}],"postData":{"text":"c=d"}},"response":{"status":200,"content":{"text":"{\"code\":0}"}}}]}}`))
	f.Add([]byte(`{"log":{"entries":[{"request":{"url":"https://x.example/a"},"response":{"content":{"text":"eyJhIjoxfQ==","encoding":"base64"}}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := draft.HAR(text); err == nil {
			drafted(t, e)
		}
	})
}

func drafted(t *testing.T, e draft.Exchange) {
	t.Helper()
	d, err := draft.From("a/b", e, draft.Options{})
	if err == nil && (len(d.File) == 0 || len(d.Recording) == 0) {
		t.Error("an empty draft")
	}
	if err == nil && (bytes.Contains(d.File, []byte("verdict:")) || bytes.Contains(d.Recording, []byte(`"verdict"`))) {
		t.Errorf("an unconfirmed code is a verdict:\n%s\n%s", d.File, d.Recording)
	}
}
