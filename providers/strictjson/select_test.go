package strictjson

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSelect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		pointers   []string
		texts      []string
		want       []string // "" for a missing value
	}{
		{"members", `{"a":{"b":"x","c":1}}`, []string{"/a/b", "/a/c", "/a/d"}, nil, []string{`"x"`, `1`, ""}},
		{"a container and a member of it", `{"a":{"b":[1,2]}}`, []string{"/a", "/a/b/1"}, nil, []string{`{"b":[1,2]}`, `2`}},
		{"items", `{"l":[{"r":"a"},{"r":"b"}]}`, []string{"/l/0/r", "/l/1/r", "/l/2/r", "/l/01/r"}, nil, []string{`"a"`, `"b"`, "", ""}},
		{"the whole document", ` "x" `, []string{""}, nil, []string{`"x"`}},
		{"escaped names", `{"a/b":{"~":true}}`, []string{"/a~1b/~0"}, nil, []string{"true"}},
		{"escapes in the document", `{"\u0061":1}`, []string{"/a"}, nil, []string{"1"}},
		{"another case", `{"A":1}`, []string{"/a"}, nil, []string{""}},
		{"a number as a member's name", `{"0":"x"}`, []string{"/0"}, nil, []string{`"x"`}},
		{"a scalar on the way", `{"a":"b"}`, []string{"/a/b"}, nil, []string{""}},
		{"a text", `{"d":"{\"r\":{\"x\":\"01\"}}"}`, []string{"/d/r/x"}, []string{"/d"}, []string{`"01"`}},
		{"a text in a text", `{"d":"{\"e\":\"{\\\"r\\\":1}\"}"}`, []string{"/d/e/r"}, []string{"/d", "/d/e"}, []string{"1"}},
		{"a text that is an object", `{"d":{"r":1}}`, []string{"/d/r"}, []string{"/d"}, []string{"1"}},
		{"a text without JSON", `{"c":5,"d":"error"}`, []string{"/c", "/d/r"}, []string{"/d"}, []string{"5", ""}},
		{"a text with a duplicate", `{"d":"{\"r\":1,\"R\":2}"}`, []string{"/d/r"}, []string{"/d"}, []string{""}},
		{"a truncated text", `{"d":"{\"r\":1"}`, []string{"/d/r"}, []string{"/d"}, []string{""}},
		{"a text that is not marked", `{"d":"{\"r\":1}"}`, []string{"/d/r"}, nil, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSelector(tt.pointers, tt.texts)
			if err != nil {
				t.Fatal(err)
			}
			values, err := s.Select([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range values {
				got = append(got, string(v))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

// Select refuses what Decode refuses, also where nothing is watched.
func TestSelectRefuses(t *testing.T) {
	t.Parallel()
	s, err := NewSelector([]string{"/a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		"", "{", `{"a":1}{}`, `{"a":1,"a":2}`, `{"a":1,"A":2}`, `{"x":{"y":1,"y":2},"a":1}`, "\ufeff{}", "{\"a\":\"\xb2\xe2\"}",
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	} {
		if values, err := s.Select([]byte(body)); !errors.Is(err, ErrRefused) || values != nil {
			t.Errorf("Select(%.20q) = %v, %v; want ErrRefused", body, values, err)
		}
	}
}

func TestPointers(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"a", "a/b", "/a~", "/~2", "#/a"} {
		if _, err := NewSelector([]string{p}, nil); !errors.Is(err, ErrPointer) {
			t.Errorf("NewSelector(%q) = %v, want ErrPointer", p, err)
		}
	}
	if _, err := NewSelector([]string{"/a", "/a"}, nil); err == nil {
		t.Error("a pointer that is there twice is accepted")
	}
}

// FuzzSelect compares a selected value with what the decoder reads.
func FuzzSelect(f *testing.F) {
	for _, body := range []string{`{"a":{"b":"x"}}`, `{"a":{"b":"\u0041"}}`, `{"a":[{"b":1}]}`, `{"a":{"b":null,"B":1}}`, `[]`} {
		f.Add([]byte(body))
	}
	s, err := NewSelector([]string{"/a/b"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		values, err := s.Select(body)
		if _, members := Members(body); (err == nil) != (members == nil) {
			t.Fatalf("Select: %v, Members: %v", err, members)
		}
		var read struct {
			A struct {
				B string `json:"b"`
			} `json:"a"`
		}
		if err != nil || Decode(body, &read) != nil {
			return
		}
		if text, _ := values[0].Text(); text != read.A.B {
			t.Errorf("selected %q, decoded %q", text, read.A.B)
		}
	})
}
