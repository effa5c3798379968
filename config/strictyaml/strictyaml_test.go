package strictyaml

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// faultText returns the faults as a file's reader sees them.
func faultText(faults Faults) string {
	if err := faults.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestParseReadsValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       any
	}{
		{"empty", "", nil},
		{"comments only", "# later\n", nil},
		{"a document without content", "---\n", nil},
		{"scalars", "{a: b, c: 1, d: -2.5, e: true, f: ~, g: 'yes', h: no, i: ''}", map[string]any{
			"a": "b", "c": 1, "d": -2.5, "e": true, "f": nil, "g": "yes", "h": "no", "i": "",
		}},
		{"a date is a string", "2026-10-02", "2026-10-02"},
		{"nested", "a:\n  - b: [1, 2]\n  - x\n", map[string]any{"a": []any{map[string]any{"b": []any{1, 2}}, "x"}}},
		{"a block", "a: |\n  b\n  c\n", map[string]any{"a": "b\nc\n"}},
		{"a byte order mark and line ends of Windows", "\ufeffa: b\r\nc: d\r\n", map[string]any{"a": "b", "c": "d"}},
		{"JSON", `{"a": [1, "2", null]}`, map[string]any{"a": []any{1, "2", nil}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, faults := Parse("f.yaml", []byte(test.text))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(test.want, d.Value); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"too large", strings.Repeat("#", MaxSize+1), "f.yaml: is larger than 1048576 bytes"},
		{"not UTF-8", "a: b\nc: \xff\n", "f.yaml:2: is not UTF-8"},
		{"no YAML", "a: b\nc: d: e\n", "f.yaml:2: is not valid YAML"},
		{"a tab", "a:\n\tb: c\n", "f.yaml:2: is not valid YAML"},
		{"two documents", "a: b\n---\nc: d\n", "f.yaml:2: holds more than one YAML document"},
		{"two keys", "a:\n  b: 1\n  c: 2\n  b: 3\n", "f.yaml:4: a.b: is given twice, in lines 2 and 4; keep one"},
		{"an anchor", "a: &x b\n", "f.yaml:1: a: anchors and aliases are not supported"},
		{"an alias", "a: &x b\nc:\n  - *x\n", "f.yaml:1: a: anchors and aliases are not supported; write the value out where it counts\nf.yaml:3: c[0]: anchors"},
		{"an anchor of itself", "a: &x [*x]\n", "f.yaml:1: a: anchors and aliases"},
		{"an unknown alias", "a: b\nc: *x\n", "f.yaml:2: is not valid YAML"},
		{"a NUL", "a: b\nc: d\x00\n", "f.yaml:2: is not UTF-8"},
		{"an escape character", "a: b\n\n# \x1b[2J\n", "f.yaml:3: is not valid YAML"},
		{"a merge key", "a: {<<: {b: 1}}\n", "f.yaml:1: a: merge keys (<<) are not supported"},
		{"a tag", "a: !secret b\n", "f.yaml:1: a: tags that begin with ! are not supported"},
		{"a known tag", "a: !!binary aGk=\n", "f.yaml:1: a: tags that begin with ! are not supported"},
		{"a number as key", "a: {1: b}\n", "f.yaml:1: a: holds a key that is not a plain string"},
		{"a list as key", "? [a]\n: b\n", "f.yaml:1: holds a key that is not a plain string"},
		{"a null as key", "{~: b}\n", "f.yaml:1: holds a key that is not a plain string"},
		{"octal", "a: 010\n", "f.yaml:1: a: is a number in a form that is not supported"},
		{"hexadecimal", "a: 0x1f\n", "f.yaml:1: a: is a number in a form"},
		{"digits in groups", "a: 1_000\n", "f.yaml:1: a: is a number in a form"},
		{"not a number", "a: .nan\n", "f.yaml:1: a: is a number in a form"},
		{"too deep", "a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "f.yaml:1: a" + strings.Repeat("[0]", maxDepth-1) + ": is nested too deep"},
		{"a key that may be a secret", "{abcdef0123456789abcdef0123456789: {b: 1, b: 2}}\n", "f.yaml:1: ***.b: is given twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, faults := Parse("f.yaml", []byte(test.text))
			if got := faultText(faults); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDocumentKnowsItsPlaces(t *testing.T) {
	t.Parallel()
	d, faults := Parse("f.yaml", []byte("b: 1.10\na:\n  - c\n  - d:\n      e: 007x\nf:\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for path, want := range map[string]int{"": 1, "b": 1, "a": 2, "a[0]": 3, "a[1].d": 4, "a[1].d.e": 5, "a[1].d.missing": 4, "a[7].x": 2, "none": 0} {
		if got := d.Line(path); got != want {
			t.Errorf("%q stands in line %d, want %d", path, got, want)
		}
	}
	if got := d.Written("b"); got != "1.10" {
		t.Errorf("b is written %q", got)
	}
	if !d.Has("a[1].d") || d.Has("a[2]") || d.Has("f") {
		t.Error("Has does not tell what stands in the document")
	}
	if diff := cmp.Diff([]string{"b", "a", "f"}, d.Keys("")); diff != "" {
		t.Error(diff)
	}
}

type inner struct {
	On   bool          `json:"on"`
	Wait time.Duration `json:"wait"`
}

type outer struct {
	Name  string            `json:"name"`
	Count int               `json:"count,omitzero"`
	Ratio float64           `json:"ratio"`
	At    time.Time         `json:"at"`
	Inner *inner            `json:"inner"`
	List  []inner           `json:"list"`
	Words []string          `json:"words"`
	Notes map[string]string `json:"notes"`
	Any   any               `json:"any"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const text = `
name: a
count: 3
ratio: 2
at: 2026-10-02T20:30:00Z
inner: {on: true, wait: 3s}
list: [{on: false}, {}]
words: [x, y]
notes: {k: v}
any: {z: 1}
`
	d, faults := Parse("f.yaml", []byte(text))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	got := outer{Words: []string{"replaced"}}
	faults = d.Decode(&got, Options{New: func(t reflect.Type) reflect.Value {
		if t == reflect.TypeFor[inner]() {
			return reflect.ValueOf(inner{On: true})
		}
		return reflect.Zero(t)
	}})
	want := outer{
		Name: "a", Count: 3, Ratio: 2, At: time.Date(2026, 10, 2, 20, 30, 0, 0, time.UTC), Inner: &inner{true, 3 * time.Second},
		List: []inner{{On: false}, {On: true}}, Words: []string{"x", "y"}, Notes: map[string]string{"k": "v"}, Any: map[string]any{"z": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("%v\n%s", faults, diff)
	}
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"a number as string", "name: 8080", "f.yaml:1: name: must be a string, got a number; put the value in quotes"},
		{"a fraction as string", "name: 0.069", "f.yaml:1: name: must be a string, got a fraction; put the value in quotes"},
		{"a number in quotes", "ratio: '50'", "f.yaml:1: ratio: must be a number, got a string; remove the quotes"},
		{"a word as number", "ratio: many", "f.yaml:1: ratio: must be a number, got a string; write it in digits"},
		{"a fraction", "count: 6.5", "f.yaml:1: count: must be a whole number, got a fraction; write it in digits"},
		{"a duration without unit", "inner:\n  wait: 3", "f.yaml:2: inner.wait: must be a duration with its unit, such as 3s, 250ms or 5m"},
		{"days", "inner: {wait: 180d}", "f.yaml:1: inner.wait: must be a duration with its unit, such as 3s, 250ms or 5m; write days in hours, here 4320h"},
		{"weeks", "inner: {wait: 2 weeks}", "f.yaml:1: inner.wait: must be a duration with its unit, such as 3s, 250ms or 5m; write days in hours, here 336h"},
		{"paths as keys", "name: a\ninner.on: true\ninner.wait: 3s", "f.yaml:2: inner.on: unknown key; write the parts as keys of their own, `inner:` and below it, indented, `on:`\n" +
			"f.yaml:3: inner.wait: unknown key; write the parts as keys"},
		{"a day without time", "at: 2026-10-02", "f.yaml:1: at: must be a time with its zone"},
		{"a truth in quotes", "inner: {on: 'true'}", "f.yaml:1: inner.on: must be true or false, got a string; write it without quotes"},
		{"a list of another shape", "words: x", "f.yaml:1: words: must be a list, got a string; begin each item with a hyphen"},
		{"a map of another shape", "inner: [x]", "f.yaml:1: inner: must be a map, got a list; write it with these keys: on, wait"},
		{"names and values of another shape", "notes: x", "f.yaml:1: notes: must be a map, got a string"},
		{"too many items", "words: [" + strings.Repeat("x,", maxItems+1) + "]", "f.yaml:1: words: holds more than 1000 items"},
		{"a misspelt key", "nam: x", "f.yaml:1: nam: unknown key; did you mean name?"},
		{"another case", "Name: x", "f.yaml:1: Name: unknown key; did you mean name?"},
		{"an unknown key without value", "zz:", "f.yaml:1: zz: unknown key; the known ones are name, count,"},
		{"a key that was renamed", "old: 1", "f.yaml:1: old: renamed to name"},
		{"all at once", "zz: 1\nname: 1\nlist: [{on: 1}, {on: true, wait: x}]", "f.yaml:1: zz: unknown key; the known ones are name, count, ratio, at, inner, list, words, notes, any\n" +
			"f.yaml:2: name: must be a string, got a number; put the value in quotes\n" +
			"f.yaml:3: list[0].on: must be true or false, got a number; write it without quotes\n" +
			"f.yaml:3: list[1].wait: must be a duration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, faults := Parse("f.yaml", []byte(test.text))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			var into outer
			faults = d.Decode(&into, Options{Unknown: func(kind string) string {
				return map[string]string{"old": "renamed to name"}[kind]
			}})
			if got := faultText(faults); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestParserIsKoanfs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a: 1\na: 2\n": "", "": "", "- a\n": "f.yaml:1: must be a map", "a: [": "f.yaml:1: is not valid YAML"} {
		p := Parser{File: "f.yaml"}
		values, err := p.Unmarshal([]byte(text))
		if want == "" && (err != nil || values == nil) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q gives %v, %v, want %q", text, values, err, want)
		}
	}
}

func TestFaultsErr(t *testing.T) {
	t.Parallel()
	if err := (Faults{}).Err(); err != nil {
		t.Errorf("no fault is the error %v", err)
	}
	err := Faults{{Path: "list[10]", Text: "is wrong"}, {File: "f", Text: "is empty"}, {Path: "list[2]", Text: "is too"}, {File: "f", Text: "is empty"}}.Err()
	if err == nil || err.Error() != "list[2]: is too\nlist[10]: is wrong\nf: is empty" {
		t.Errorf("got %v", err)
	}
}

func TestOneEdit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"listen", "listn", true}, {"listen", "lisstens", false}, {"listen", "listens", true}, {"listen", "lixten", true},
		{"listen", "lsiten", true}, {"listen", "silent", false}, {"", "a", true}, {"", "ab", false}, {"ab", "cd", false},
		{"aab", "ab", true}, {"abab", "ab", false}, {"dsn", "dsn", false},
	} {
		if got := oneEdit(test.a, test.b); got != test.want {
			t.Errorf("oneEdit(%q, %q) is %v", test.a, test.b, got)
		}
		if got := oneEdit(test.b, test.a); got != test.want {
			t.Errorf("oneEdit(%q, %q) is %v", test.b, test.a, got)
		}
	}
}

func TestSafeKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"retry_subject_limited": "retry_subject_limited", "app-key": "app-key", "": Masked, "1abc": Masked, "a b": Masked,
		"0123456789abcdef0123456789abcdef": Masked, "abcdef0123456789abcdef0123456789": Masked, "姓名": Masked, "a.b": "a.b", "log.level": "log.level", "a.B1": Masked, "a.b.c.d.e": Masked, "a.": Masked,
	} {
		if got := SafeKey(key); got != want {
			t.Errorf("SafeKey(%q) is %q, want %q", key, got, want)
		}
	}
}

// FuzzParse reads any text. It must not panic; a value that looks like a secret must
// stand in no fault, and every fault that is not of the whole file must have a line.
func FuzzParse(f *testing.F) {
	const secret = "Pl4ntedS3kretThatIsLongerThanAnyKey"
	for _, seed := range []string{
		"name: " + secret, "a: &x [1, *x]\n<<: {b: 1}", "? [1]\n: {1: 2}\n", "a: !" + secret + " b", "*" + secret, "---\nx\n---\n" + secret,
		"{" + secret + ": 1, " + secret + ": 2}", "at: 0x1\nratio: 1e9\nlist: [~, {on: " + secret + "}]", "\ufeffa: \"\\u4e00\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, faults := Parse("f.yaml", []byte(text))
		if d == nil && len(faults) == 0 {
			t.Fatal("there is no document, and no fault says why")
		}
		if d != nil {
			var into outer
			faults = append(faults, d.Decode(&into, Options{})...)
		}
		shown := faultText(faults)
		if strings.Contains(shown, secret) {
			t.Fatalf("the secret is shown: %s", shown)
		}
		for _, fault := range faults {
			if fault.Text == "" || fault.Line < 0 || fault.Path != "" && fault.Line == 0 {
				t.Fatalf("a fault without its place: %+v", fault)
			}
		}
	})
}
