package declared_test

import (
	"crypto/md5"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
)

// The signatures of the shipped products are those that other clients compute.
func TestSignatures(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"appid": "test-appid", "secret": "test-secret", "key": "test-key", "secret_id": "test-id", "business_id": "test-biz", "secret_key": "test-secret",
		"client_id": "test-client", "client_secret": "test-secret", "appcode": "test-appcode", "base_url": "https://v.example",
		"openid": "test-openid", "seller": "test-seller", "api": "idcard",
	}
	for file, want := range map[string][]string{
		"shumai-direct-idcard":  {"&timestamp=1700000000000&", "&sign=94c940ae170441bdff9702a59431a96a"},
		"jumdata-idcard":        {"&sign=7ebfca200ac0ccb4f836b463aa9f8330783d6d4cfff6c17c07dbdc5b16476152"},
		"yidun-idcard":          {"secretId=test-id", "&nonce=1700000000001", "&signature=aedafd18d750b0550bad1f8ac41699a3"},
		"jisu-idcard":           {"GET /idcardverify/verify?idcard=11010120990101005X&realname=%E6%B5%8B%E8%AF%95&appkey=test-key"},
		"kz-idcard":             {"\nAuthorization: APPCODE test-appcode\n", "name=%E6%B5%8B%E8%AF%95&idcard=11010120990101005X"},
		"juhe-idcard-sign":      {"&openid=test-openid&key=test-key&sign=e35652c0b9ef02d38ceb559bc370dd23"},
		"shumai-direct-mobile3": {"&timestamp=1700000000000&", "&sign=94c940ae170441bdff9702a59431a96a"},
		"shumai-market-eid":     {"POST /eid/check?idcard=11010120990101005X&name=%E6%B5%8B%E8%AF%95\nAuthorization: APPCODE test-appcode"},
		"jd-wanxiang-idcard":    {"GET /test-seller/idcard?idcard=11010120990101005X&realname=%E6%B5%8B%E8%AF%95&appkey=test-key"},
		"id98-idcard":           {"cardno=11010120990101005X&output=json&appkey=test-key"},
		"apix-idcard":           {"GET /apixcredit/idcheck/idcard?type=idcard&cardno=11010120990101005X&name=%E6%B5%8B%E8%AF%95\napix-key: test-key"},
		"apispace-mobile3":      {"\nX-APISpace-Token: test-key\n", "idNum=11010120990101005X&mobile=19900000000"},
		"chuanglan253-bank4":    {"&cardNo=6228480000000000000&mobile=19900000000&appId=test-appid&appKey=test-key"},
		"topthink-bank4":        {"&bankcard=6228480000000000000&mobile=19900000000&appCode=test-appcode"},
		"yunyi-bank4":           {"ReturnBankInfo=YES&cardNo=6228480000000000000&idNo=11010120990101005X"},
		"cashfree-pan":          {"\nx-client-id: test-client\nx-client-secret: test-secret\n", `{"pan":"11010120990101005X","name":"测试"}`},
	} {
		t.Run(file, func(t *testing.T) {
			got := sent(t, product(t, file), values, "1700000000001")
			for _, part := range want {
				if !strings.Contains(got, part) {
					t.Errorf("the call lacks %q:\n%s", part, got)
				}
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	const settings = "settings: [{name: secret, secret: true, help: x}, {name: appid, help: x}]\n"
	request := func(text string) string {
		if !strings.Contains(text, "path: ") {
			text = "  path: /p\n" + text
		}
		return "request:\n  base_url: https://v.example\n  method: POST\n" + text
	}
	tests := []struct{ name, text, want string }{
		{
			"JSON with generated values, numbers and arrays",
			settings + request(`  json:
    - {name: /meta/uuid, generate: uuid}
    - {name: /meta/ts, generate: timestamp, type: number}
    - {name: /data/0/name, claim: name}
    - {name: /data/0/id, claim: id_number, then: [lower]}
    - {name: v, const: "2", type: number}
    - {name: ok, const: "true", type: boolean}
    - {name: app, setting: appid}
    - {name: key, setting: secret}
`),
			`POST /p
application/json; charset=UTF-8
{"meta":{"uuid":"00000000-0000-4000-8000-000000000001","ts":1700000000},"data":[{"name":"测试","id":"11010120990101005x"}],"v":2,"ok":true,"app":"A-1","key":"S"}`,
		},
		{
			"sorted parameters in capitals",
			settings + request(`  query: [{name: b, claim: name}, {name: a, claim: id_number}, {name: time, generate: time, pattern: yyyyMMddHHmmss}]
sign: {to: {in: query, name: sign}, hash: md5, upper: true, names: true, key_value: "=", pair: "&", suffix: [{const: "&key="}, {setting: secret}]}
`),
			"POST /p?b=%E6%B5%8B%E8%AF%95&a=11010120990101005X&time=20231115061320&sign=E326F8FED17F8367F5DAEC2D084A2E62",
		},
		{
			"a signature over method, path, time and the body's hash",
			settings + request(`  content_type: application/json
  header: [{name: X-Time, generate: http_date}, {name: X-App, setting: appid}]
  json: [{name: n, claim: name}, {name: i, claim: id_number}]
sign:
  to: {in: header, name: X-Sign, prefix: "v1 "}
  hash: hmac-sha256
  key: secret
  encoding: base64
  pair: "\n"
  parts: [{aspect: method}, {aspect: path}, {param: X-Time}, {aspect: body, then: [sha256]}]
`),
			"POST /p\nX-App: A-1\nX-Time: Tue, 14 Nov 2023 22:13:20 GMT\nX-Sign: v1 idbTyva/G2pgf1erJwuU1sUCp3Foo/qX2IllPy6L9bc=\napplication/json\n{\"n\":\"测试\",\"i\":\"11010120990101005X\"}",
		},
		{
			"a signature within a header, over a text in capitals",
			settings + request(`  path: "/v1/{appid}/p"
  header: [{name: X-Date, generate: http_date}]
  query: [{name: i, claim: id_number}, {name: n, claim: name}]
sign:
  to: {in: header, name: Authorization}
  hash: hmac-sha1
  key: secret
  encoding: base64
  parts: [{const: "x-date: "}, {param: X-Date}]
  then: [upper]
  write: [{const: "hmac id=\""}, {setting: appid}, {const: "\", signature=\""}, {aspect: signature}, {const: "\""}]
`),
			"POST /v1/A-1/p?i=11010120990101005X&n=%E6%B5%8B%E8%AF%95\nX-Date: Tue, 14 Nov 2023 22:13:20 GMT\nAuthorization: hmac id=\"A-1\", signature=\"s1a9LMgG8XYXP7hZmF8aAnxK5r0=\"",
		},
		{
			"a signature in the head of a JSON body over parts of it",
			settings + request(`  header: [{name: Content-MD5, aspect: body, then: [md5, unhex, base64]}]
  json: [{name: /head/app, setting: appid}, {name: /head/ts, generate: timestamp}, {name: /body/n, claim: name}, {name: /body/i, claim: id_number}]
sign: {to: {in: json, name: /head/sign}, hash: md5, parts: [{param: /head/app}, {param: /head/ts}, {param: /body}, {setting: secret}]}
`),
			"POST /p\nContent-MD5: elKYMthYefhrN2/lOdXObw==\napplication/json; charset=UTF-8\n" + `{"head":{"app":"A-1","ts":"1700000000","sign":"86a9b02d6c2ca12b9f2ed2d7d95acbef"},"body":{"n":"测试","i":"11010120990101005X"}}`,
		},
		{
			"JSON text in a form, hashed and cut claims, GBK",
			nonePart + request(`  form:
    - {name: params, json: [{name: id, claim: id_number}, {name: /n/0, claim: name}]}
    - {name: birthday, claim: id_number, then: [{slice: ["6", "14"]}, {date: [yyyyMMdd, yyyy-MM-dd]}]}
    - {name: hash, claim: name, then: [md5, upper]}
    - {name: gbk, claim: name, then: [gbk]}
`),
			"POST /p\napplication/x-www-form-urlencoded; charset=UTF-8\n" +
				"params=%7B%22id%22%3A%2211010120990101005X%22%2C%22n%22%3A%5B%22%E6%B5%8B%E8%AF%95%22%5D%7D&birthday=2099-01-01&hash=DB06C78D1E24CF708A14CE81C9B617EC&gbk=%B2%E2%CA%D4",
		},
		{
			"XML",
			nonePart + request(`  content_type: text/xml; charset=UTF-8
  body: {join: [{const: "<q><n>"}, {claim: name, then: [xml]}, {const: "</n><i>"}, {claim: id_number}, {const: "</i></q>"}]}
`),
			"POST /p\ntext/xml; charset=UTF-8\n<q><n>测试</n><i>11010120990101005X</i></q>",
		},
		{
			"multipart",
			nonePart + request("  multipart: [{name: id, claim: id_number}, {name: \"n\\\"1\", claim: name}]\n"),
			"POST /p\nmultipart/form-data; boundary=heyan-7c1f0e6b2a9d4c35-boundary\n" +
				"--heyan-7c1f0e6b2a9d4c35-boundary\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n11010120990101005X\r\n" +
				"--heyan-7c1f0e6b2a9d4c35-boundary\r\nContent-Disposition: form-data; name=\"n\\\"1\"\r\n\r\n测试\r\n--heyan-7c1f0e6b2a9d4c35-boundary--\r\n",
		},
		{
			"sorted parameters with the header of a public setting",
			settings + request(`  header: [{name: A-App, setting: appid}, {name: X-Version, const: "1"}]
  query: [{name: i, claim: id_number}, {name: n, claim: name}]
sign: {to: {in: query, name: sign}, hash: md5, names: true, key_value: "=", pair: "&", exclude: [sign], suffix: [{setting: secret}]}
`),
			"POST /p?i=11010120990101005X&n=%E6%B5%8B%E8%AF%95&sign=" + hashed("A-App=A-1&i=11010120990101005X&n=测试S") + "\nX-Version: 1\nA-App: A-1",
		},
		{
			"included headers of a constant and of a claim",
			settings + request(`  header: [{name: X-App, setting: appid}, {name: X-Version, const: "1"}, {name: X-Id, claim: id_number}]
  query: [{name: n, claim: name}]
sign: {to: {in: query, name: sign}, hash: md5, include: [n, X-Id, X-Version], suffix: [{setting: secret}]}
`),
			"POST /p?n=%E6%B5%8B%E8%AF%95&sign=" + hashed("11010120990101005X1测试S") + "\nX-Version: 1\nX-Id: 11010120990101005X\nX-App: A-1",
		},
		{
			"listed headers of a public setting and of a claim",
			settings + request(`  header: [{name: X-App, setting: appid}, {name: X-Id, claim: id_number}]
  query: [{name: n, claim: name}]
sign: {to: {in: query, name: sign}, hash: md5, parts: [{param: X-App}, {param: X-Id}, {setting: secret}]}
`),
			"POST /p?n=%E6%B5%8B%E8%AF%95&sign=" + hashed("A-111010120990101005XS") + "\nX-App: A-1\nX-Id: 11010120990101005X",
		},
		{
			"a built-in scheme after parameters of the product's own",
			"auth: [appcode]\nsettings: [{name: secret, secret: true, help: x}]\n" + request("  query: [{name: id, claim: id_number}, {name: n, claim: name}, {name: k, setting: secret}]\n"),
			"POST /p?id=11010120990101005X&n=%E6%B5%8B%E8%AF%95&k=S\nAuthorization: APPCODE C",
		},
	}
	values := map[string]string{"secret": "S", "appid": "A-1", "appcode": "C"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := tt.text
			if !strings.Contains(text, "setting: appid") { // a setting without a use is a fault
				text = strings.ReplaceAll(text, ", {name: appid, help: x}", "")
			}
			got := sent(t, parse(t, head, text, replyPart, codesPart), values, "00000000-0000-4000-8000-000000000001")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func hashed(text string) string { return fmt.Sprintf("%x", md5.Sum([]byte(text))) }

// A signature can cover the token, which is added before.
func TestSignatureOverToken(t *testing.T) {
	t.Parallel()
	const settings = "settings: [{name: key, secret: true, help: x}]\n"
	const token = "token: {request: {method: POST, path: /t, json: [{name: key, setting: key}]}, at: /token, to: {in: query, name: access_token}}\n"
	for _, sign := range []string{"include: [id, access_token]", "exclude: [access_token]", "parts: [{param: access_token}]"} {
		t.Run(sign, func(t *testing.T) {
			parse(t, head, settings, requestPart, token, "sign: {to: {in: query, name: s}, hash: md5, suffix: [{setting: key}], ", sign, "}\n", replyPart, codesPart)
		})
	}
}

// Given and family name go into parts of their own; a name of one word is not sent.
func TestNameInTwoParts(t *testing.T) {
	t.Parallel()
	f := factory(t, "didit-nga-nin")
	q := question(t, f.Descriptor)
	q.Subject.Name = idv.NewSensitive("TEST OTHER PERSON")
	call, err := codec(t, f).Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"name=\"first_name\"\r\n\r\nTEST OTHER\r\n", "name=\"last_name\"\r\n\r\nPERSON\r\n", "name=\"issuing_state\"\r\n\r\nNGA\r\n"} {
		if got := written(call); !strings.Contains(got, part) {
			t.Errorf("the call lacks %q:\n%s", part, got)
		}
	}
	q.Subject.Name = idv.NewSensitive("PERSON")
	_, err = codec(t, f).Encode(q)
	if e := idv.AsError(err); err == nil || e.Failure != idv.Unsupported || e.Field != idv.FieldName || e.Code != idv.CodeNameParts {
		t.Errorf("a name of one word: got %v, want unsupported, of the name", err)
	}
}

// A claim that cannot be written as the vendor needs it is not sent, and the next vendor
// is asked.
func TestUnsuitableClaim(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]string{
		"a name of one word":        "{name: f, claim: name, then: [family_name]}, {name: i, claim: id_number}",
		"a number with other signs": "{name: n, claim: name}, {name: i, claim: id_number, type: number}",
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, head, nonePart, "request: {base_url: \"https://v.example\", method: POST, path: /p, json: [", params, "]}\n", replyPart, codesPart)
			c := codec(t, p.Factory)
			call, err := c.Encode(question(t, p.Factory.Descriptor))
			want := &idv.Error{Failure: idv.Unsupported}
			if !errors.Is(err, want) || !call.Body.IsZero() {
				t.Errorf("got %v, %v; want unsupported", call, err)
			}
		})
	}
}
