package auth_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

func field(in auth.Place, name, prefix string, from auth.Source) auth.Field {
	return auth.Field{To: auth.Target{In: in, Name: name, Prefix: prefix}, From: from}
}

func body(text string) providers.Call {
	return providers.Call{Method: "POST", Path: "/p", Body: idv.NewSensitive(text), ContentType: "application/json"}
}

// A recipe without a signature is a plain key.
func TestPlainKeys(t *testing.T) {
	t.Parallel()
	get := providers.Call{Method: "GET", Path: "/p", Query: []providers.Param{param("name", name)}}
	stamp := providers.Stamp{At: time.UnixMilli(1700000000999), Nonce: nonce}
	tests := []struct {
		name   string
		fields []auth.Field
		call   providers.Call
		want   []string
	}{
		{"query", []auth.Field{field(auth.InQuery, "appkey", "", setting("k"))}, get, []string{"query name=" + name, "query appkey=test-key"}},
		{"form", []auth.Field{field(auth.InForm, "key", "", setting("k"))}, posted(), []string{"form key=test-key"}},
		{"header", []auth.Field{field(auth.InHeader, "apix-key", "", setting("k"))}, get, []string{"header apix-key=test-key", "query name=" + name}},
		{"header with a prefix", []auth.Field{field(auth.InHeader, "Authorization", "APPCODE ", setting("k"))}, get,
			[]string{"header Authorization=APPCODE test-key", "query name=" + name}},
		{"two headers", []auth.Field{
			field(auth.InHeader, "x-client-id", "", setting("k")), field(auth.InHeader, "x-client-secret", "", setting("secret")),
		}, posted(), []string{"header x-client-id=test-key", "header x-client-secret=test-secret"}},
		{"json", []auth.Field{field(auth.InJSON, "k", "", setting("k"))}, body(`{"a":"<测试>" }`), []string{`body {"a":"<测试>" ,"k":"test-key"}`}},
		{"json without members", []auth.Field{field(auth.InJSON, "k&", "<", setting("k"))}, body(`{}`), []string{`body {"k&":"<test-key"}`}},
		{"generators and a constant", []auth.Field{
			field(auth.InQuery, "s", "", auth.Source{Generate: auth.Timestamp}), field(auth.InQuery, "ms", "", auth.Source{Generate: auth.TimestampMS}),
			field(auth.InQuery, "uuid", "", auth.Source{Generate: auth.UUID}), field(auth.InQuery, "nonce", "", auth.Source{Generate: auth.Nonce}),
			field(auth.InQuery, "v", "", auth.Source{Const: "v1"}),
		}, providers.Call{Method: "GET", Path: "/p"}, []string{
			"query s=1700000000", "query ms=1700000000999", "query uuid=" + nonce, "query nonce=00000000000040008000000000000001", "query v=v1",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := authenticate(t, auth.Recipe{Fields: tt.fields}, map[string]string{"k": key, "secret": secret}, tt.call, stamp)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, sent(got)); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFieldsThatDoNotFit(t *testing.T) {
	t.Parallel()
	at := func(in auth.Place) auth.Recipe {
		return auth.Recipe{Fields: []auth.Field{field(in, "k", "", setting("k"))}}
	}
	get := providers.Call{Method: "GET", Path: "/p"}
	twice := providers.Call{Method: "POST", Path: "/p", Query: []providers.Param{param("k", "1")}, Form: []providers.Param{param("k", "1")}}
	tests := []struct {
		name   string
		recipe auth.Recipe
		call   providers.Call
	}{
		{"a form of a GET", at(auth.InForm), get},
		{"a form beside a body", at(auth.InForm), body("{}")},
		{"no body", at(auth.InJSON), posted()},
		{"a body that is no object", at(auth.InJSON), body(`["a"]`)},
		{"a body that is null", at(auth.InJSON), body(`null`)},
		{"a body with more behind", at(auth.InJSON), body(`{} {}`)},
		{"header twice", at(auth.InHeader), get.WithHeader(param("K", "1"))},
		{"query twice", at(auth.InQuery), twice},
		{"form twice", at(auth.InForm), twice},
		{"member twice", at(auth.InJSON), body(`{"k":1}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := authenticate(t, tt.recipe, map[string]string{"k": key}, tt.call, stamp(nonce))
			adapterFault(t, err, "k")
		})
	}
}

// adapterFault fails unless err is a failure before the call that names a parameter.
func adapterFault(t *testing.T, err error, code string) {
	t.Helper()
	got := idv.AsError(err)
	if err == nil || got.Failure != idv.Internal || got.Code != code || got.Delivery != idv.NotSent || got.Charge != idv.NotCharged {
		t.Errorf("got %+v, want an internal failure that names %s, not sent and not charged", got, code)
	}
}

// The host's random number is checked where it is used, and only there.
func TestRecipeNonce(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"k": key}
	keyed := auth.Recipe{Fields: []auth.Field{field(auth.InHeader, "k", "", setting("k"))}}
	if _, err := authenticate(t, keyed, settings, posted(), providers.Stamp{}); err != nil {
		t.Errorf("a key without a nonce: %v", err)
	}
	for _, g := range []auth.Generator{auth.UUID, auth.Nonce} {
		r := keyed
		r.Sign = auth.Signature{Suffix: []auth.Source{{Generate: g}}, Hash: auth.MD5, To: form("sign")}
		for _, bad := range []string{"", "a\r\nb"} {
			_, err := authenticate(t, r, settings, posted(), providers.Stamp{Nonce: bad})
			if e := idv.AsError(err); err == nil || e.Code != "nonce" || e.Delivery != idv.NotSent {
				t.Errorf("%s of %q: %v, want a refusal that names the nonce", g, bad, err)
			}
		}
	}
}
