package sandbox_test

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// toy is an invented product. Each has a shape of its own.
type toy struct {
	card   idv.Descriptor
	encode func(idv.Query) providers.Call
	text   bool // replies are code|reference in place of JSON
}

// Describe returns the descriptor.
func (y toy) Describe() idv.Descriptor { return y.card }

// Encode refuses an empty claim.
func (y toy) Encode(q idv.Query) (providers.Call, error) {
	for _, c := range y.card.Check.Claims().List() {
		if q.Subject.Claim(c).IsZero() {
			return providers.Call{}, &idv.Error{Failure: idv.InvalidInput, Field: idv.FieldOf(c)}
		}
	}
	return y.encode(q), nil
}

// Decode reads {"code":"0","data":{"result":1,"id":"…","name":"…"}} or code|reference.
func (y toy) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, y.card.Replies); err != nil {
		return idv.Answer{}, err
	}
	table := providers.Table(y.card.Codes)
	if y.text {
		code, ref, _ := strings.Cut(string(r.Body), "|")
		return table.Decode(providers.Reading{Codes: []string{code}, Ref: ref})
	}
	var body struct {
		Code string `json:"code"`
		Data struct {
			Result strictjson.Number `json:"result"`
			ID     string            `json:"id"`
			Name   string            `json:"name"`
		} `json:"data"`
	}
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, providers.Garbled("not the documented form")
	}
	answer, err := table.Decode(providers.Reading{Codes: []string{body.Code, string(body.Data.Result)}, Ref: body.Data.ID})
	if err == nil && !q.Subject.Name.FitsMask(body.Data.Name) {
		return idv.Answer{}, providers.Garbled("about another person")
	}
	return answer, err
}

func row(code string, v idv.Verdict, f idv.Failure, c idv.Charge) idv.CodeRow {
	return idv.CodeRow{Layer: providers.LayerVendor, Code: code, Verdict: v, Failure: f, Charge: c, Delivery: idv.Answered, Text: code, Source: "made up"}
}

// cardOf returns a descriptor whose table has more rows than there are recordings.
func cardOf(name, join string, schemes ...string) idv.Descriptor {
	invalid := row("11", 0, idv.InvalidInput, idv.NotCharged)
	invalid.Field = idv.FieldName
	token := row("110", 0, idv.BadCredentials, idv.NotCharged)
	token.RenewsToken = true
	rows := []idv.CodeRow{
		row(join+"1", idv.Match, 0, idv.Charged), row(join+"2", idv.Mismatch, 0, idv.Charged), row(join+"3", idv.NoRecord, 0, idv.NotCharged),
		invalid, row("12", 0, idv.Maintenance, idv.ChargeUnknown), row("13", 0, idv.BadCredentials, idv.NotCharged),
	}
	if name != "oauth" { // refuses a token by HTTP 401 alone
		rows = append(rows, token)
	}
	return idv.Descriptor{
		Name: "toy/" + name, Version: "1", Title: name, Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18}, Schemes: schemes,
		Recipient: "none", Fidelity: idv.ThreeWay, Source: "made up",
		Settings: []idv.Setting{{Name: "base_url"}, {Name: "key", Secret: true}, {Name: "secret", Secret: true}, {Name: "client_secret", Secret: true}, {Name: "secret_key", Secret: true}},
		Codes:    append(rows, providers.StatusRows()...),
	}
}

func toyFixtures(y toy) []sandbox.Recording {
	person := idv.Subject{Name: secret("测试"), IDNumber: secret("11010120990101005X"), Mobile: secret("19900000000")}
	reply := func(name, body string) sandbox.Recording {
		return sandbox.Recording{Name: name, Subject: person, Reply: providers.Reply{
			Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
		}}
	}
	if y.text {
		return []sandbox.Recording{reply("match", "1|ref-20231114-0001")}
	}
	return []sandbox.Recording{
		reply("match", `{"code":"0","data":{"result":1,"id":"20231114221320001","name":"测*"},"msg":"一致"}`),
		reply("error", `{"code":"12","data":{},"msg":"维护"}`),
	}
}

func params(pairs ...string) []providers.Param {
	var list []providers.Param
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, providers.Param{Name: pairs[i], Value: secret(pairs[i+1])})
	}
	return list
}

func jsonOf(v any) idv.Sensitive {
	b, _ := json.Marshal(v)
	return idv.NewSensitive(string(b))
}

func md5Of(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// recipe signs a form with a key, the time and a nonce.
func recipe() auth.Table {
	r := auth.Recipe{
		Fields: []auth.Field{
			{To: auth.Target{In: auth.InForm, Name: "appid"}, From: auth.Source{Setting: "key"}},
			{To: auth.Target{In: auth.InForm, Name: "ts"}, From: auth.Source{Generate: auth.TimestampMS}},
			{To: auth.Target{In: auth.InForm, Name: "nonce"}, From: auth.Source{Generate: auth.Nonce}},
		},
		Sign: auth.Signature{
			Suffix: []auth.Source{{Setting: "secret"}}, Names: true, KeyValue: "=", Pair: "&", Hash: auth.MD5, To: auth.Target{In: auth.InForm, Name: "sign"},
		},
	}
	key := auth.Recipe{Fields: []auth.Field{{To: auth.Target{In: auth.InHeader, Name: "X-Key"}, From: auth.Source{Setting: "key"}}}}
	// A token whose endpoint answers in a form of its own, and a signature over it.
	chained := auth.Scheme{Name: "toy_token", Needs: []string{"key", "secret"}, New: chainedScheme}
	member := auth.Recipe{Fields: []auth.Field{{To: auth.Target{In: auth.InJSON, Name: "key"}, From: auth.Source{Setting: "key"}}}}
	return append(auth.Schemes(), r.Scheme("toy_recipe"), key.Scheme("toy_key"), member.Scheme("toy_member"), chained)
}

const multipartBody = "--b\r\nContent-Disposition: form-data; name=\"given\"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name=\"family\"\r\n\r\n%s\r\n" +
	"--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n%s\r\n--b--\r\n"

// toys returns products of every shape that the sandbox reads.
func toys() map[string]toy {
	post := func(path string, body idv.Sensitive) providers.Call {
		return providers.Call{Method: "POST", Path: path, Body: body, ContentType: "application/json"}
	}
	list := map[string]toy{
		"form": {cardOf("form", "0/", "toy_recipe"), func(q idv.Query) providers.Call {
			return providers.Call{Method: "POST", Path: "/form", Form: params("name", q.Subject.Name.Reveal(), "idcard", q.Subject.IDNumber.Reveal(), "type", "2", "order", q.ID)}
		}, false},
		"json": {cardOf("json", "0/", "tc3"), func(q idv.Query) providers.Call {
			c := post("/", jsonOf(map[string]any{"Name": q.Subject.Name.Reveal(), "Deep": []any{map[string]any{"IdCard": q.Subject.IDNumber.Reveal()}}}))
			c.Header = params("X-TC-Action", "Check", "X-TC-Version", "2018-03-01")
			return c
		}, false},
		"member": {cardOf("member", "0/", "toy_member"), func(q idv.Query) providers.Call {
			inner := jsonOf(map[string]any{"n": q.Subject.Name.Reveal(), "i": strings.ToLower(q.Subject.IDNumber.Reveal())})
			return post("/member", jsonOf(map[string]any{"param": inner.Reveal(), "v": 1}))
		}, false},
		"token": {cardOf("token", "0/", "baidu_token"), func(q idv.Query) providers.Call {
			return post("/rest/check", jsonOf(map[string]any{"name": q.Subject.Name.Reveal(), "id": q.Subject.IDNumber.Reveal()}))
		}, false},
		"chained": {cardOf("chained", "0/", "toy_token"), func(q idv.Query) providers.Call {
			return providers.Call{Method: "GET", Path: "/chained", Query: params("name", q.Subject.Name.Reveal(), "id", q.Subject.IDNumber.Reveal())}
		}, false},
		"oauth": {cardOf("oauth", "0/", "oauth2"), func(q idv.Query) providers.Call {
			return post("/check", jsonOf(map[string]any{"name": q.Subject.Name.Reveal(), "id": q.Subject.IDNumber.Reveal()}))
		}, false},
		"multipart": {cardOf("multipart", "0/", "toy_key"), func(q idv.Query) providers.Call {
			given, family, _ := strings.Cut(q.Subject.Name.Reveal(), " ")
			body := fmt.Sprintf(multipartBody, given, family, q.Subject.IDNumber.Reveal())
			return providers.Call{Method: "POST", Path: "/multipart", Body: secret(body), ContentType: "multipart/form-data; boundary=b"}
		}, false},
		"hashed": {cardOf("hashed", "", "toy_key"), func(q idv.Query) providers.Call {
			return providers.Call{Method: "GET", Path: "/hashed", Query: params("name", md5Of(q.Subject.Name.Reveal()), "id", q.Subject.IDNumber.Reveal())}
		}, true},
		"text": {cardOf("text", "", "toy_key"), func(q idv.Query) providers.Call {
			name, _ := simplifiedchinese.GBK.NewEncoder().String(q.Subject.Name.Reveal())
			return providers.Call{Method: "GET", Path: "/text", Query: params("name", name, "id", q.Subject.IDNumber.Reveal())}
		}, true},
	}
	return list
}

// playToy starts the vendor of a toy.
func playToy(t testing.TB, y toy, change func(*sandbox.VendorConfig)) (*sandbox.Sandbox, sandbox.Vendor) {
	t.Helper()
	cfg := sandbox.VendorConfig{Name: "toy", Product: &sandbox.Product{
		Factory: providers.Factory{Descriptor: y.card, New: func(providers.Settings) (providers.Codec, error) { return y, nil }},
		Schemes: recipe(), Recordings: toyFixtures(y),
	}}
	if change != nil {
		change(&cfg)
	}
	s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{cfg}})
	return s, s.Vendors()[0]
}

func body(c providers.Call) *strings.Reader { return strings.NewReader(c.Payload().Reveal()) }

func nonce() string { return hex.EncodeToString([]byte(rand.Text()))[:32] }

// chain fetches a token and then signs the call together with it.
type chain struct {
	*auth.Token
	sign auth.Authenticator
}

func (c chain) Authenticate(ctx context.Context, call providers.Call, s providers.Stamp) (providers.Call, error) {
	call, err := c.Token.Authenticate(ctx, call, s)
	if err != nil {
		return call, err
	}
	credential := call.Credential
	call, err = c.sign.Authenticate(ctx, call, s)
	call.Credential = credential
	return call, err
}

func chainedScheme(e auth.Env) (auth.Authenticator, error) {
	endpoint, err := e.Connect(e.Value("base_url").Reveal(), auth.None())
	if err != nil {
		return nil, err
	}
	sign, err := auth.Recipe{Sign: auth.Signature{
		Suffix: []auth.Source{{Setting: "secret"}}, Names: true, Hash: auth.SHA256, To: auth.Target{In: auth.InHeader, Name: "X-Sign"},
	}}.Scheme("sign").New(e)
	call := providers.Call{Method: "GET", Path: "/token", Query: []providers.Param{{Name: "key", Value: e.Value("key")}}}
	return chain{auth.NewToken("toy_token", auth.Target{In: auth.InQuery, Name: "t"}, func(ctx context.Context) (auth.Grant, error) {
		reply, err := endpoint.Do(ctx, call)
		var body struct {
			Data struct {
				Token string `json:"token"`
			} `json:"data"`
		}
		if err == nil && reply.Status == http.StatusUnauthorized {
			err = &idv.Error{Failure: idv.BadCredentials}
		}
		if err == nil {
			err = json.Unmarshal(reply.Body, &body)
		}
		return auth.Grant{Token: idv.NewSensitive(body.Data.Token), Life: time.Hour}, err
	}), sign}, err
}
