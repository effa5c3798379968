package providers_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func param(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}

func encoded(params ...providers.Param) string {
	return providers.Call{Query: params}.RawQuery().Reveal()
}

// What is signed is what is sent.
func TestPayload(t *testing.T) {
	t.Parallel()
	body := idv.NewSensitive("{}")
	tests := []struct {
		name string
		call providers.Call
		want string
	}{
		{"none", providers.Call{Query: []providers.Param{param("a", "1")}}, ""},
		{"form", providers.Call{Form: []providers.Param{param("a", "1 2"), param("b", "")}}, "a=1%202&b="},
		{"body", providers.Call{Body: body}, "{}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.call.Payload().Reveal(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	tests := []struct{ value, want string }{
		{"", ""},
		{"a b", "a%20b"},
		{"a+b", "a%2Bb"},
		{"阿·卜", "%E9%98%BF%C2%B7%E5%8D%9C"},
		{"&=?#/%", "%26%3D%3F%23%2F%25"},
		{"\r\n", "%0D%0A"},
		{"𠮷", "%F0%A0%AE%B7"},
	}
	for _, tt := range tests {
		if got := encoded(param("n", tt.value)); got != "n="+tt.want {
			t.Errorf("%q is encoded as %q, want %q", tt.value, got, "n="+tt.want)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("name", "阿·卜", "idCard", "11010120990101005X")
	f.Add("", "+ %", "&", "=;")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		text := encoded(param(k1, v1), param(k2, v2))
		got, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		want := url.Values{}
		want.Add(k1, v1)
		want.Add(k2, v2)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if strings.ContainsAny(text, " +\r\n#") {
			t.Errorf("%q holds a character that must be encoded", text)
		}
	})
}

// The body has the claims in clear, in the order of the type, and no other value changes.
func TestJSON(t *testing.T) {
	t.Parallel()
	type item struct {
		Name   idv.Sensitive `json:"name"`
		Mobile idv.Sensitive `json:"mobile,omitzero"`
	}
	got, err := providers.JSON(struct {
		ID   string `json:"id"`
		List []item `json:"list"`
	}{"a", []item{{Name: idv.NewSensitive("测试<\"&>\u2028𠮷")}}})
	if want := "{\"id\":\"a\",\"list\":[{\"name\":\"测试<\\\"&>\u2028𠮷\"}]}"; err != nil || got.Reveal() != want {
		t.Errorf("got %s, %v, want %s", got.Reveal(), err, want)
	}
	_, err = providers.JSON(item{Name: idv.NewSensitive("\xb2\xe2")})
	if idv.FailureOf(err) != idv.InvalidInput || strings.Contains(err.Error(), "\xb2") {
		t.Errorf("text that is not UTF-8: %v, want invalid_input", err)
	}
}
