package draft_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/heyan-id/heyan/cmd/internal/draft"
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
			d, err := draft.From("example/idcard", e)
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
		if d, err := draft.From("a/b", e); err == nil {
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
		d, err := draft.From("a/b", e)
		if err == nil && (len(d.File) == 0 || len(d.Recording) == 0) {
			t.Error("an empty draft")
		}
	})
}
