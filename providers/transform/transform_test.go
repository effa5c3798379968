package transform

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func do(name string, args ...string) Step { return Step{name, args} }

func TestApply(t *testing.T) {
	t.Parallel()
	const number = "11010120990101005X"
	tests := []struct {
		name, value string
		steps       []Step
		want        string
	}{
		{"nothing", "a", nil, "a"},
		{"md5", "", []Step{do("md5")}, "d41d8cd98f00b204e9800998ecf8427e"},
		{"md5 in capitals", "abc", []Step{do("md5"), do("upper")}, "900150983CD24FB0D6963F7D28E17F72"},
		{"the digest's bytes in Base64", "abc", []Step{do("md5"), do("unhex"), do("base64")}, "kAFQmDzST7DWlj99KOF/cg=="},
		{"sha1", "abc", []Step{do("sha1")}, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"sha256", "abc", []Step{do("sha256")}, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"sha512 begins", "abc", []Step{do("sha512"), do("slice", "0", "16")}, "ddaf35a193617aba"},
		{"hex and base64url", "\xff\xfe", []Step{do("base64url")}, "__4"},
		{"birth date", number, []Step{do("slice", "6", "14"), do("date", "yyyyMMdd", "yyyy-MM-dd")}, "2099-01-01"},
		{"to the end", number, []Step{do("slice", "14", "")}, "005X"},
		{"characters, not bytes", "测试人", []Step{do("slice", "1", "2")}, "试"},
		{"given name", "ANNA MARIA SMITH", []Step{do("given_name")}, "ANNA MARIA"},
		{"family name", " ANNA  SMITH ", []Step{do("family_name")}, "SMITH"},
		{"GBK", "测试", []Step{do("gbk"), do("hex")}, "b2e2cad4"},
		{"escaped GBK", "测试", []Step{do("gbk"), do("escape")}, "%B2%E2%CA%D4"},
		{"middle dot", "阿·布", []Step{do("replace", "·", "*")}, "阿*布"},
		{"XML", `<a b="c">&'`, []Step{do("xml")}, "&lt;a b=&quot;c&quot;&gt;&amp;&apos;"},
		{"plus of a mobile", "+34600000000", []Step{do("replace", "+", "")}, "34600000000"},
		{"trim and lower", " AB ", []Step{do("trim"), do("lower")}, "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range tt.steps {
				if err := s.Check(); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := Apply(tt.value, tt.steps); err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestValuesOfAnotherForm(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		value string
		step  Step
	}{
		"one word":       {"SMITH", do("family_name")},
		"too short":      {"110101", do("slice", "6", "14")},
		"no date":        {"20991301", do("date", "yyyyMMdd", "yyyy-MM-dd")},
		"no hexadecimal": {"xyz", do("unhex")},
		"not in GBK":     {"😀", do("gbk")},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Apply(tt.value, []Step{tt.step}); !errors.Is(err, ErrValue) || got != "" || strings.Contains(err.Error(), tt.value) {
				t.Errorf("got %q, %v; want ErrValue", got, err)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []Step{
		do("md4"), do("md5", "hex"), do("slice", "6"), do("slice", "a", "b"), do("slice", "5", "4"), do("slice", "-1", "4"),
		do("date", "yyyy"), do("date", "yyyy", "YYYY"), do("replace", "", "x"),
	} {
		if s.Check() == nil {
			t.Errorf("%v is accepted", s)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 11, 14, 22, 13, 20, 7_000_000, time.UTC)
	for pattern, want := range map[string]string{
		"yyyyMMddHHmmss":           "20231114221320",
		"yyyy-MM-dd HH:mm:ss.SSS":  "2023-11-14 22:13:20.007",
		"yyyy-MM-dd'T'HH:mm:ssXXX": "2023-11-14T22:13:20Z",
		"yyyy-MM-dd'T'HH:mm:ss'Z'": "2023-11-14T22:13:20Z",
		"yy年MM月dd日":                "23年11月14日",
	} {
		layout, err := Layout(pattern)
		if got := at.Format(layout); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", pattern, got, err, want)
		}
	}
	for _, pattern := range []string{"", "YYYY", "yyyy-MM-dd'T", "2006", "yyyy'1'", "yyyy'MST'", "ssSSS", "q"} {
		if layout, err := Layout(pattern); err == nil {
			t.Errorf("%q is accepted as %q", pattern, layout)
		}
	}
}

// FuzzApply: no value makes a step panic, and an error holds no part of it.
func FuzzApply(f *testing.F) {
	for _, value := range []string{"11010120990101005X", "测试", "A B", "\xff", ""} {
		f.Add(value)
	}
	args := map[string][]string{"slice": {"1", "3"}, "replace": {"a", "b"}, "date": {"yyyyMMdd", "yyyy-MM-dd"}}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range Names() {
			s := do(name, args[name]...)
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			if _, err := Apply(value, []Step{s}); err != nil && !errors.Is(err, ErrValue) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
