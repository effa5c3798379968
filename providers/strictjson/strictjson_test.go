package strictjson

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

type reply struct {
	Status string `json:"status"`
	Data   struct {
		Code string `json:"code"`
	} `json:"data"`
}

func TestDecodeAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"plain", `{"status":"01"}`, "01"},
		{"space around", " \n{\"status\" : \"01\"}\r\n\t", "01"},
		{"unknown members", `{"x":{"status":"02"},"status":"01","y":[1,null]}`, "01"},
		{"escaped name", `{"st\u0061tus":"01"}`, "01"},
		{"other case is an unknown member", `{"Status":"01"}`, ""},
		{"null", `{"status":null}`, ""},
		{"same name in two objects", `{"status":"01","data":{"status":"02"}}`, "01"},
		{"as deep as allowed", nested(MaxDepth-1, `"status":"01"`), "01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got reply
			if err := Decode([]byte(tt.body), &got); err != nil {
				t.Fatalf("Decode: %v, want nil", err)
			}
			if got.Status != tt.want {
				t.Errorf("status = %q, want %q", got.Status, tt.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body string }{
		{"nothing", ""},
		{"space only", "  "},
		{"page", "<html></html>"},
		{"duplicate", `{"status":"02","status":"01"}`},
		{"duplicate by escape", `{"status":"02","st\u0061tus":"01"}`},
		{"duplicate of an unknown member", `{"status":"01","x":1,"x":2}`},
		{"duplicate deeper", `{"status":"01","data":{"code":"1","code":"2"}}`},
		{"duplicate in an array", `{"status":"01","x":[{"a":1,"a":2}]}`},
		{"same but for case", `{"status":"02","STATUS":"01"}`},
		{"same but for the long s", `{"status":"02","ſtatus":"01"}`},
		{"same but for the Kelvin sign", "{\"k\":1,\"\u212a\":2}"},
		{"number for string", `{"status":1}`},
		{"object for string", `{"status":{}}`},
		{"string for object", `{"data":"x"}`},
		{"byte order mark", "\ufeff" + `{"status":"01"}`},
		{"GBK", "{\"status\":\"01\",\"msg\":\"\xb2\xe2\"}"},
		{"lone surrogate", `{"status":"01","msg":"\ud800"}`},
		{"second document", `{"status":"01"}{}`},
		{"trailing letter", `{"status":"01"}x`},
		{"trailing zero byte", "{\"status\":\"01\"}\x00"},
		{"cut", `{"status":"01"`},
		{"comment", `{"status":"01"/**/}`},
		{"trailing comma", `{"status":"01",}`},
		{"wrong closer", `{"x":[1}`},
		{"too deep", nested(MaxDepth, `"status":"01"`)},
		{"too many members", `{"status":"01"` + numbered(MaxMembers) + `}`},
		{"far too deep", strings.Repeat("[", 60000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := Decode([]byte(tt.body), new(reply)); !errors.Is(err, ErrRefused) {
				t.Errorf("Decode: %v, want ErrRefused", err)
			}
		})
	}
}

// nested returns an object with a member that nests extra levels below it.
func nested(extra int, member string) string {
	return `{` + member + `,"deep":` + strings.Repeat("[", extra) + strings.Repeat("]", extra) + `}`
}

func TestMembers(t *testing.T) {
	t.Parallel()
	body := ` {"a" : "x", "b":{"c":[1, {"d":2}]}}`
	members, err := Members([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range members {
		got = append(got, m.Name+"|"+body[m.Start:m.End]+"|"+body[m.Value:m.End])
	}
	want := []string{
		`a|"a" : "x"|"x"`, `d|"d":2|2`, `c|"c":[1, {"d":2}]|[1, {"d":2}]`, `b|"b":{"c":[1, {"d":2}]}|{"c":[1, {"d":2}]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

// FuzzDecode: what is accepted is valid for the standard library too, and a
// lenient reader finds no other status in it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"status":"01"}`, `{"status":"02","STATUS":"01"}`, `{"Status":"01"}`, `{"status":"01"}{}`, `{"status":1}`,
		`{"status":"01","data":{"code":"1"}}`, "{\"status\":\"\xca\"}", `{"st\u0061tus":"01","status":"02"}`, `[[[[]]]]`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var strict, lenient struct {
			Status string `json:"status"`
		}
		if err := Decode(body, &strict); err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("error %v, want ErrRefused", err)
			}
			return
		}
		if !stdjson.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("accepted %q", body)
		}
		err := stdjson.Unmarshal(body, &lenient)
		if strict.Status != "" && (err != nil || lenient != strict) {
			t.Fatalf("two readings of %q: %q and %q", body, strict.Status, lenient.Status)
		}
	})
}

// numbered returns n members with names of their own.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":0`, i)
	}
	return b.String()
}
