package rules

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// TestPlaces writes one condition in every way that YAML has. In each the fault, a
// fact that does not exist, stands where the word does in the file.
func TestPlaces(t *testing.T) {
	tests := []struct{ name, when string }{
		{"plain", "age > 1 && wrong > 2"},
		{"plain over two lines", "age > 1 &&\n      wrong > 2"},
		{"single quotes", "'age > 1 && wrong > 2'"},
		{"single quotes with quotes inside", "'tenant == ''a'' && wrong > 2'"},
		{"single quotes over lines", "'tenant == ''a''\n\n        && wrong > 2'"},
		{"double quotes", `"age > 1 && wrong > 2"`},
		{"double quotes with quotes inside", `"tenant == \"a\" && wrong > 2"`},
		{"double quotes with escapes", `"age > 1\n\t&& wrong > 2"`},
		{"double quotes with a line's end escaped", "\"age > 1 \\\n      && wrong > 2\""},
		{"a block", "|\n      age > 1\n        && wrong > 2"},
		{"a block without its last line's end", "|-\n      age > 1 &&\n      wrong > 2"},
		{"a block of given depth", "|2\n      age > 1 &&\n      wrong > 2"},
		{"a block with an empty line", "|\n      age > 1 &&\n\n      wrong > 2"},
		{"a folded block", ">\n      age > 1\n      && wrong > 2"},
		{"a folded block with an empty line", ">-\n      age > 1 &&\n\n      wrong > 2"},
		{"Chinese before it", "'tenant == \"测试\" && wrong > 2'"},
		{"lines that end in two characters", "|\r\n      age > 1 &&\r\n      wrong > 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := "default: allow\nrules:\n  - id: a\n    when: " + test.when + "\n    then: allow\n"
			_, err := Parse("p.yaml", []byte(text))
			want := placeOf(text, "wrong")
			got := faultLines(t, err)
			if len(got) != 1 || !strings.HasPrefix(got[0], want+": when: undeclared reference to 'wrong'") {
				t.Errorf("got %q, want it at %s", got, want)
			}
		})
	}
}

func placeOf(text, word string) string {
	before, _, _ := strings.Cut(text, word)
	line := before[strings.LastIndex(before, "\n")+1:]
	return fmt.Sprintf("p.yaml:%d:%d", strings.Count(before, "\n")+1, len([]rune(line))+1)
}

// FuzzPlaces looks for texts whose characters are said to stand where others do.
func FuzzPlaces(f *testing.F) {
	for _, seed := range []string{"a b", "'it''s'", `"a\"b\\c"`, "|\n  a\n  b", ">-\n  a\n\n  b", "é x", "'a\n  b'", `"\u4e00 a"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, n := open("f.yaml", []byte(text), "")
		if n == nil || n.Value == "" {
			return
		}
		list := d.places(n)
		if len(list) != len([]rune(n.Value))+1 {
			t.Fatalf("%d places for %d characters", len(list), len([]rune(n.Value)))
		}
		last := place{n.Line, n.Column}
		for i, p := range list {
			if p.line < last.line || p.line == last.line && p.column < last.column {
				t.Fatalf("character %d stands at %v, before %v", i, p, last)
			}
			last = p
		}
		if n.Style == 0 && !strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || unicode.IsSpace(r) || r == '\ufeff' || r == unicode.ReplacementChar
		}) {
			compareCharacters(t, d, []rune(n.Value), list)
		}
	})
}

// compareCharacters wants each character of a plain text to stand at its place.
func compareCharacters(t *testing.T, d *document, value []rune, list []place) {
	t.Helper()
	for i, r := range value {
		if at := d.offset(list[i].line, list[i].column); at >= len(d.text) || d.text[at] != r {
			t.Fatalf("character %d, %q, is said to stand at %v", i, r, list[i])
		}
	}
}
