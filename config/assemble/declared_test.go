package assemble_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// tokenFile declares a product with a token, which expires when the vendor says so, and a
// signature over the token and the time.
const tokenFile = `name: test/idcard
version: 1.0.0
title: a product of a test
check: id_name
documents: [resident18]
source: made up
recipient: Example Ltd.
settings: [{name: appid, help: x}, {name: secret, secret: true, help: x}]
token:
  request: {method: POST, path: /token, json: [{name: appid, setting: appid}, {name: secret, setting: secret}]}
  require: [{at: /code, is: ["0"]}]
  at: /data/token
  expires: /data/expires
  to: {in: header, name: X-Token}
request:
  method: POST
  path: /check
  query: [{name: id, claim: id_number}, {name: name, claim: name}, {name: ts, generate: timestamp_ms}]
sign: {to: {in: query, name: sign}, hash: md5, parts: [{param: ts}, {setting: secret}]}
reply: {codes: [{at: /code, types: [string]}]}
codes:
  - {code: "1", verdict: match, charge: charged, text: x, source: x}
  - {code: "2", verdict: mismatch, charge: charged, text: x, source: x}
  - {code: "401", failure: credentials, renews_token: true, charge: not_charged, text: x, source: x}
`

// tokenVendor is a vendor that accepts its latest token alone.
type tokenVendor struct {
	tokens atomic.Int32
	revoke atomic.Bool
}

func (v *tokenVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	sum := md5.Sum([]byte(q.Get("ts") + "s3cret"))
	switch {
	case r.URL.Path == "/token":
		_, _ = fmt.Fprintf(w, `{"code":0,"data":{"token":"token-%d","expires":"7200"}}`, v.tokens.Add(1))
	case v.revoke.CompareAndSwap(true, false) || r.Header.Get("X-Token") != fmt.Sprintf("token-%d", v.tokens.Load()):
		_, _ = fmt.Fprint(w, `{"code":"401"}`)
	case q.Get("sign") != hex.EncodeToString(sum[:]):
		_, _ = fmt.Fprint(w, `{"code":"sign"}`)
	case q.Get("name") == "张三":
		_, _ = fmt.Fprint(w, `{"code":"1"}`)
	default:
		_, _ = fmt.Fprint(w, `{"code":"2"}`)
	}
}

// A product of a file is asked like a built-in one: its token is fetched once and renewed
// when the vendor refuses it, and its signature is that of the call.
func TestDeclaredProductIsAsked(t *testing.T) {
	vendor := &tokenVendor{}
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(path, []byte(tokenFile), 0o600); err != nil {
		t.Fatal(err)
	}
	p, route, c := config.DefaultProvider(), config.DefaultRoute(), config.Defaults()
	p.Name, p.Declared = "mine", path
	p.Settings = config.Settings{"base_url": server.URL, "appid": "a", "secret": "env:SECRET"}
	route.Check, route.Providers = "id_name", []string{"mine"}
	c.Store, c.Policy.Consent.Mode = config.Store{Driver: "memory"}, "off"
	c.Providers, c.Routes = []config.Provider{p}, []config.Route{route}
	app := build(t, c, map[string]string{"SECRET": "s3cret"})
	ask := func(name, want string, fetched int32) {
		t.Helper()
		v, err := app.Engine.Verify(t.Context(), request(name, even))
		if err != nil || v.Verdict.String()+string(v.Reason) != want || vendor.tokens.Load() != fetched {
			t.Fatalf("%s: got %v %v, %v, %d tokens; want %s, %d tokens", name, v.Verdict, v.Reason, err, vendor.tokens.Load(), want, fetched)
		}
	}
	ask("张三", "match", 1)
	ask("李四", "mismatch", 1)
	vendor.revoke.Store(true)
	ask("王五", idv.Undetermined.String()+"unavailable", 1)
	ask("王五", "mismatch", 2)
}
