package auth_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// sum is the signature of a text in the plainest recipe.
func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// signature returns what a recipe with a signature in the query signs a call with.
func signature(t *testing.T, s auth.Signature, c providers.Call, fields ...auth.Field) (string, error) {
	t.Helper()
	s.To = auth.Target{In: auth.InQuery, Name: "sign"}
	if s.Hash == "" {
		s.Hash = auth.SHA256
	}
	got, err := authenticate(t, auth.Recipe{Fields: fields, Sign: s}, map[string]string{"k": key, "secret": secret}, c, stamp(nonce))
	if err != nil {
		return "", err
	}
	return got.Query[len(got.Query)-1].Value.Reveal(), nil
}

func TestSignedText(t *testing.T) {
	t.Parallel()
	mixed := providers.Call{
		Method: "POST", Path: "/p", Header: []providers.Param{param("codec", "1")},
		Query: []providers.Param{param("c", "3 %"), param("B", "2")}, Form: []providers.Param{param("a", ""), param("name", name)},
	}
	object := body(`{"b":"2","a":1.50,"c":true}`)
	tests := []struct {
		name   string
		sign   auth.Signature
		call   providers.Call
		fields []auth.Field
		want   string
	}{
		{"sorted values", auth.Signature{}, mixed, nil, "2" + "" + "3 %" + name},
		{"sorted pairs", auth.Signature{Names: true, KeyValue: "=", Pair: "&"}, mixed, nil, "B=2&a=&c=3 %&name=" + name},
		{"without empty ones", auth.Signature{Names: true, KeyValue: "=", Pair: "&", OmitEmpty: true}, mixed, nil, "B=2&c=3 %&name=" + name},
		{"include", auth.Signature{Names: true, Pair: ",", Include: []string{"name", "c"}}, mixed, nil, "c3 %,name" + name},
		{"exclude", auth.Signature{Names: true, Pair: ",", Exclude: []string{"name", "a"}}, mixed, nil, "B2,c3 %"},
		{"escaped", auth.Signature{Names: true, KeyValue: "=", Pair: "&", Escape: true, OmitEmpty: true}, mixed, nil, "B=2&c=3%20%25&name=%E6%B5%8B%E8%AF%95"},
		{"headers of the recipe", auth.Signature{Names: true, Pair: ","}, posted(), []auth.Field{field(auth.InHeader, "X-Key", "", setting("k"))}, "X-Key" + key},
		{"json", auth.Signature{Names: true, KeyValue: "=", Pair: "&"}, object, nil, "a=1.50&b=2&c=true"},
		{"prefix and suffix", auth.Signature{
			Names: true, KeyValue: "=", Pair: "&", Include: []string{"B", "c"},
			Prefix: []auth.Source{setting("k"), {Const: ":"}}, Suffix: []auth.Source{{Const: "&key="}, setting("secret")},
		}, mixed, nil, key + ":B=2&c=3 %&key=" + secret},
		{"listed", auth.Signature{Pair: "|", Parts: []auth.Source{
			named("name"), setting("secret"), named("B"), {Generate: auth.Timestamp}, {Const: "x"}, {Aspect: auth.AspectBody},
		}}, mixed, nil, name + "|" + secret + "|2|1700000000|x|a=&name=%E6%B5%8B%E8%AF%95"},
		{"listed pairs", auth.Signature{Names: true, KeyValue: "=", Pair: "&", Parts: []auth.Source{named("c"), named("B"), setting("secret")}}, mixed, nil,
			"c=3 %&B=2&" + secret},
		{"listed, absent ones left out", auth.Signature{Pair: "&", OmitEmpty: true, Parts: []auth.Source{named("x"), named("a"), named("B")}}, mixed, nil, "2"},
		{"listed in json", auth.Signature{Pair: "&", Parts: []auth.Source{named("a"), named("b")}}, object, nil, "1.50&2"},
		{"nested json that is not signed", auth.Signature{Exclude: []string{"o"}}, body(`{"o":{},"a":"1"}`), nil, "1"},
		{"a body that is no object", auth.Signature{Suffix: []auth.Source{{Aspect: auth.AspectBody}}}, body("text"), nil, "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := signature(t, tt.sign, tt.call, tt.fields...)
			if want := sum(tt.want); err != nil || got != want {
				t.Errorf("got %q, %v; want %q, the hash of %q", got, err, want, tt.want)
			}
		})
	}
}

func TestSignedTextRefused(t *testing.T) {
	t.Parallel()
	nested := body(`{"o":{"a":1},"n":null}`)
	tests := []struct {
		name string
		sign auth.Signature
		call providers.Call
		code string
	}{
		{"absent", auth.Signature{Parts: []auth.Source{named("x")}}, posted(), "x"},
		{"absent in a suffix", auth.Signature{Suffix: []auth.Source{named("x")}}, posted(), "x"},
		{"absent in a prefix", auth.Signature{Prefix: []auth.Source{named("x")}}, posted(), "x"},
		{"nested, listed", auth.Signature{Parts: []auth.Source{named("o")}}, nested, "o"},
		{"null, sorted", auth.Signature{}, nested, "n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := signature(t, tt.sign, tt.call)
			adapterFault(t, err, tt.code)
		})
	}
}

func TestDigests(t *testing.T) {
	t.Parallel()
	hashes := map[auth.Hash]func() hash.Hash{auth.MD5: md5.New, auth.SHA1: sha1.New, auth.SHA256: sha256.New, auth.SHA512: sha512.New}
	const text = "1"
	call := posted(param("a", text))
	for h, newHash := range hashes {
		plain, keyed := newHash(), hmac.New(newHash, []byte(secret))
		plain.Write([]byte(text))
		keyed.Write([]byte(text))
		for name, tt := range map[string]struct {
			sign auth.Signature
			want string
		}{
			"hex":         {auth.Signature{Hash: h}, hex.EncodeToString(plain.Sum(nil))},
			"upper":       {auth.Signature{Hash: h, Encoding: auth.Hex, Upper: true}, strings.ToUpper(hex.EncodeToString(plain.Sum(nil)))},
			"base64":      {auth.Signature{Hash: h, Encoding: auth.Base64}, base64.StdEncoding.EncodeToString(plain.Sum(nil))},
			"hmac":        {auth.Signature{Hash: "hmac-" + h, Key: "secret"}, hex.EncodeToString(keyed.Sum(nil))},
			"hmac base64": {auth.Signature{Hash: "hmac-" + h, Key: "secret", Encoding: auth.Base64}, base64.StdEncoding.EncodeToString(keyed.Sum(nil))},
		} {
			t.Run(string(h)+" "+name, func(t *testing.T) {
				if got, err := signature(t, tt.sign, call); err != nil || got != tt.want {
					t.Errorf("got %q, %v; want %q", got, err, tt.want)
				}
			})
		}
	}
}

// FuzzRecipe verifies a sorted recipe as a vendor does: from what was sent, decoded.
func FuzzRecipe(f *testing.F) {
	f.Add("name", name, "idcard", number, `{"a":"1"}`, "=", "&")
	f.Add("", "", "sign", "%", `{`, "", "")
	f.Add("a", "2", "a", "1", `{"a":"}"} `, "\x00", "}")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, text, keyValue, pair string) {
		r := auth.Recipe{
			Fields: []auth.Field{field(auth.InJSON, "key", "", setting("k"))},
			Sign: auth.Signature{
				Names: true, KeyValue: keyValue, Pair: pair, Suffix: []auth.Source{setting("secret")},
				Hash: auth.SHA256, To: auth.Target{In: auth.InJSON, Name: "sign"},
			},
		}
		call := body(text)
		call.Query = []providers.Param{param(k1, v1), param(k2, v2)}
		got, err := authenticate(t, r, map[string]string{"k": key, "secret": secret}, call, stamp(nonce))
		if err != nil {
			if e := idv.AsError(err); e.Delivery != idv.NotSent || e.Failure != idv.Internal {
				t.Errorf("failure %+v", e)
			}
			return
		}
		sign, want := vendorsView(t, got, keyValue, pair)
		if sign != want {
			t.Errorf("signature %q, want %q", sign, want)
		}
	})
}

// vendorsView returns the signature of a call and what it must be.
func vendorsView(t *testing.T, c providers.Call, keyValue, pair string) (sign, want string) {
	t.Helper()
	query, err := url.ParseQuery(c.RawQuery().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	type one struct{ name, value string }
	var all []one
	for _, p := range c.Query {
		all = append(all, one{p.Name, query[p.Name][0]})
		query[p.Name] = query[p.Name][1:]
	}
	for name, value := range members(t, c.Body.Reveal()) {
		if name == "sign" {
			sign = value
			continue
		}
		all = append(all, one{name, value})
	}
	slices.SortStableFunc(all, func(a, b one) int { return strings.Compare(a.name, b.name) })
	var pairs []string
	for _, p := range all {
		pairs = append(pairs, p.name+keyValue+p.value)
	}
	return sign, sum(strings.Join(pairs, pair) + secret)
}

// members returns the members of a JSON object as texts.
func members(t *testing.T, text string) map[string]string {
	t.Helper()
	var values map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	out := map[string]string{}
	for name, value := range values {
		out[name] = fmt.Sprint(value)
	}
	return out
}
