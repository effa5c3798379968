package auth_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/transform"
)

func steps(names ...string) []transform.Step {
	var list []transform.Step
	for _, name := range names {
		list = append(list, transform.Step{Name: name})
	}
	return list
}

// Values are joined, changed and written in the forms of vendors, each once per call.
func TestSources(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from auth.Source
		want string
	}{
		"basic credentials": {auth.Source{Join: []auth.Source{{Const: "Basic "}, {Join: []auth.Source{setting("key"), setting("secret")}, Separator: ":", Then: steps("base64")}}}, "Basic dGVzdC1rZXk6dGVzdC1zZWNyZXQ="},
		"a hashed secret":   {auth.Source{Setting: "secret", Then: steps("md5", "upper")}, "2318ED020BCDDB328EAB6DB7800B2F80"},
		"the time in GMT":   {auth.Source{Generate: auth.HTTPDate}, "Tue, 14 Nov 2023 22:13:20 GMT"},
		"the time in China": {auth.Source{Generate: auth.Time, Pattern: "yyyyMMddHHmmss"}, "20231115061320"},
		"the time in UTC":   {auth.Source{Generate: auth.Time, Pattern: "yyyy-MM-dd'T'HH:mm:ss'Z'", UTC: true}, "2023-11-14T22:13:20Z"},
		"random digits":     {auth.Source{Generate: auth.Digits}, "6178507792"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := auth.Recipe{Fields: []auth.Field{field(auth.InHeader, "X", "", tt.from)}}
			c, err := authenticate(t, r, map[string]string{"key": key, "secret": secret}, providers.Call{Method: "GET", Path: "/"}, providers.Stamp{At: time.UnixMilli(1700000000000), Nonce: nonce})
			if err != nil || len(c.Header) != 1 {
				t.Fatal(c, err)
			}
			if got := c.Header[0].Value.Reveal(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A member of JSON is added where its pointer says, as a string or a number, and the other
// bytes of the body stay as they are.
func TestMembersByPointer(t *testing.T) {
	t.Parallel()
	number := field(auth.InJSON, "/meta/ts", "", auth.Source{Generate: auth.Timestamp})
	number.To.Number = true
	tests := []struct{ name, body, want string }{
		{"into an empty object", `{ "meta" : {} ,"a":1}`, `{ "meta" : {"id":"00000000-0000-4000-8000-000000000001","ts":1700000000} ,"a":1}`},
		{"beside others", `{"meta":{"x":"}"},"l":[{"meta":{}}]}`, `{"meta":{"x":"}","id":"00000000-0000-4000-8000-000000000001","ts":1700000000},"l":[{"meta":{}}]}`},
		{"where there is no object", `{"a":1}`, ""},
		{"where the member is there", `{"meta":{"ts":1}}`, ""},
		{"into an array", `{"meta":[]}`, ""},
	}
	r := auth.Recipe{Fields: []auth.Field{field(auth.InJSON, "/meta/id", "", auth.Source{Generate: auth.UUID}), number}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := authenticate(t, r, nil, body(tt.body), stamp(nonce))
			if tt.want == "" {
				if err == nil {
					t.Errorf("got %s, want a refusal", c.Body.Reveal())
				}
				return
			}
			if diff := cmp.Diff([]string{"body " + tt.want}, sent(c)); err != nil || diff != "" {
				t.Errorf("%v, body (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A number is digits, so that nothing else reaches the body without quotes.
func TestNumbersAreDigits(t *testing.T) {
	t.Parallel()
	f := field(auth.InJSON, "k", "", setting("key"))
	f.To.Number = true
	for _, value := range []string{"1,2", "0x1", "01", `1}`, "-1", "12345678901234567890"} {
		if c, err := authenticate(t, auth.Recipe{Fields: []auth.Field{f}}, map[string]string{"key": value}, body("{}"), stamp(nonce)); err == nil {
			t.Errorf("%q becomes %s", value, c.Body.Reveal())
		}
	}
}

func TestSourceFaults(t *testing.T) {
	t.Parallel()
	of := func(s auth.Source) auth.Recipe {
		return auth.Recipe{Fields: []auth.Field{field(auth.InQuery, "k", "", s)}}
	}
	signed := func(s auth.Signature) auth.Recipe {
		s.Hash, s.To = auth.MD5, form("s")
		return auth.Recipe{Sign: s}
	}
	number := field(auth.InQuery, "k", "", setting("k"))
	number.To.Number = true
	for name, tt := range map[string]struct {
		recipe auth.Recipe
		want   string
	}{
		"an unknown step":             {of(auth.Source{Setting: "k", Then: steps("md4")}), "fields[0].from.then[0]"},
		"a part of a join":            {of(auth.Source{Join: []auth.Source{{}}}), "fields[0].from.join[0]"},
		"the signature in a field":    {of(auth.Source{Join: []auth.Source{{Aspect: auth.AspectSignature}}}), "fields[0].from.aspect"},
		"a line break in a field":     {of(auth.Source{Const: "a\nb"}), "fields[0].from"},
		"no pattern":                  {of(auth.Source{Generate: auth.Time}), "fields[0].from.pattern"},
		"a pattern without time":      {of(auth.Source{Setting: "k", Pattern: "yyyy"}), "fields[0].from.pattern"},
		"a separator without a join":  {of(auth.Source{Setting: "k", Separator: ","}), "fields[0].from.separator"},
		"an unknown aspect":           {signed(auth.Signature{Parts: []auth.Source{{Aspect: "host"}}}), "sign.parts[0].aspect"},
		"the signature in itself":     {signed(auth.Signature{Parts: []auth.Source{{Join: []auth.Source{{Aspect: auth.AspectSignature}}}}}), "sign.parts[0].aspect"},
		"nothing written of it":       {signed(auth.Signature{Write: []auth.Source{{Const: "x"}}}), "sign.write"},
		"an unknown step of the text": {signed(auth.Signature{Then: steps("md4")}), "sign.then[0]"},
		"a number outside of JSON":    {auth.Recipe{Fields: []auth.Field{number}}, "fields[0].to.number"},
		"a name that is no pointer":   {auth.Recipe{Fields: []auth.Field{field(auth.InJSON, "/a~", "", setting("k"))}}, "fields[0].to.name"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.recipe.Check()
			if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.HasPrefix(line, tt.want+": ") }) {
				t.Errorf("got %v, want a fault of %s", err, tt.want)
			}
		})
	}
}

// Values that depend on the call come after those that do not, and reach into the body.
func TestValuesOfTheCall(t *testing.T) {
	t.Parallel()
	r := auth.Recipe{
		Fields: []auth.Field{
			field(auth.InHeader, "X-MD5", "", auth.Source{Aspect: auth.AspectBody, Then: steps("md5")}),
			field(auth.InJSON, "/head/ts", "", auth.Source{Generate: auth.Timestamp}),
		},
		Sign: auth.Signature{
			Parts: []auth.Source{named("/head/ts"), named("/body"), named("X-MD5"), setting("secret")},
			Hash:  auth.SHA256, To: auth.Target{In: auth.InJSON, Name: "/head/sign"},
		},
	}
	c, err := authenticate(t, r, map[string]string{"secret": secret}, body(`{"head":{},"body":{"n":"测试"}}`), stamp(nonce))
	want := []string{
		"header X-MD5=0a2c939bfceb20325f07556458b64d7b",
		`body {"head":{"ts":"1700000000","sign":"c377e02fc0de5031f0f7a3b8bee8b4e181478c39c1c1b54802b03a0ff2301b68"},"body":{"n":"测试"}}`,
	}
	if diff := cmp.Diff(want, sent(c)); err != nil || diff != "" {
		t.Errorf("%v, call (-want +got):\n%s", err, diff)
	}
}
