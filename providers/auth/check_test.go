package auth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers/auth"
)

// Each fault names the field. A recipe has all of its faults at once.
func TestRecipeFaults(t *testing.T) {
	t.Parallel()
	signed := func(change func(*auth.Signature)) auth.Recipe {
		r := shumai()
		change(&r.Sign)
		return r
	}
	added := func(f auth.Field) auth.Recipe { return auth.Recipe{Fields: []auth.Field{f}} }
	k := setting("k")
	tests := []struct {
		name   string
		recipe auth.Recipe
		want   []string // the paths
	}{
		{"nothing", auth.Recipe{}, []string{"fields"}},
		{"no place", added(field("", "k", "", k)), []string{"fields[0].to.in"}},
		{"an unknown place", added(field("path", "k", "", k)), []string{"fields[0].to.in"}},
		{"no name", added(field(auth.InQuery, "", "", k)), []string{"fields[0].to.name"}},
		{"a header with a space", added(field(auth.InHeader, "a b", "", k)), []string{"fields[0].to.name"}},
		{"a header of the transport", added(field(auth.InHeader, "content-LENGTH", "", k)), []string{"fields[0].to.name"}},
		{"a prefix with a line break", added(field(auth.InHeader, "a", "a\r\n", k)), []string{"fields[0].to.prefix"}},
		{"no source", added(field(auth.InQuery, "k", "", auth.Source{})), []string{"fields[0].from"}},
		{"two sources", added(field(auth.InQuery, "k", "", auth.Source{Setting: "k", Const: "c"})), []string{"fields[0].from"}},
		{"the signature as a field", added(field(auth.InQuery, "k", "", auth.Source{Aspect: auth.AspectSignature})), []string{"fields[0].from.aspect"}},
		{"an unknown generator", added(field(auth.InQuery, "k", "", auth.Source{Generate: "now"})), []string{"fields[0].from.generate"}},
		{"a constant with a control", added(field(auth.InQuery, "k", "", auth.Source{Const: "\x00"})), []string{"fields[0].from.const"}},
		{"no hash", signed(func(s *auth.Signature) { s.Hash = "" }), []string{"sign.hash"}},
		{"an unknown hash", signed(func(s *auth.Signature) { s.Hash = "sha3" }), []string{"sign.hash"}},
		{"an hmac of nothing", signed(func(s *auth.Signature) { s.Hash = "hmac-" }), []string{"sign.hash"}},
		{"an hmac without a key", signed(func(s *auth.Signature) { s.Hash = auth.HMACSHA256 }), []string{"sign.key"}},
		{"a key without an hmac", signed(func(s *auth.Signature) { s.Key = "secret" }), []string{"sign.key"}},
		{"an unknown encoding", signed(func(s *auth.Signature) { s.Encoding = "base32" }), []string{"sign.encoding"}},
		{"base64 in capitals", signed(func(s *auth.Signature) { s.Encoding, s.Upper = auth.Base64, true }), []string{"sign.upper"}},
		{"a separator without names", signed(func(s *auth.Signature) { s.KeyValue = "=" }), []string{"sign.key_value"}},
		{"parts beside exclude", signed(func(s *auth.Signature) { s.Exclude = []string{"a"} }), []string{"sign.parts"}},
		{"no target", signed(func(s *auth.Signature) { s.To = auth.Target{} }), []string{"sign.to.in"}},
		{"several", auth.Recipe{
			Fields: []auth.Field{{}},
			Sign:   auth.Signature{Prefix: []auth.Source{{}}, Suffix: []auth.Source{k, {}}, Hash: auth.MD5, To: form("s")},
		}, []string{"fields[0].to.in", "fields[0].from", "sign.prefix[0]", "sign.suffix[1]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.recipe.Check()
			if err == nil {
				t.Fatal("no fault")
			}
			var got []string
			for line := range strings.Lines(err.Error()) {
				path, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if got = append(got, path); text == "" {
					t.Errorf("%s: no remedy", path)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecipeSettings(t *testing.T) {
	t.Parallel()
	r := yidun()
	r.Sign.Hash, r.Sign.Key = auth.HMACSHA256, "hmac_key"
	r.Sign.Prefix = []auth.Source{setting("secret_id")}
	if diff := cmp.Diff([]string{"secret_id", "business_id", "secret_key", "hmac_key"}, r.Settings()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	_, err := auth.Table{r.Scheme("yidun")}.Select([]string{"yidun"}, env(map[string]string{"secret_id": "i", "hmac_key": "k"}))
	if err == nil || !strings.Contains(err.Error(), "yidun needs business_id and secret_key") {
		t.Errorf("error %v does not name what is missing", err)
	}
}
