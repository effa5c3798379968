package lint

import (
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestFaultsNameFileAndLine edits a table wrongly.
func TestFaultsNameFileAndLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"unknown key", "- id: a\n  find:\n    - b\n", "a.yaml: yaml: unmarshal errors:\n  line 2: field find not found"},
		{"unknown concept", "- id: a\n  finds:\n    - \"{rain}\"\n", "a.yaml: line 3: \"{rain}\" contains"},
		{"empty word", "- id: a\n  finds:\n    - \"b|\"\n", "a.yaml: line 3: \"b|\" contains"},
		{"a form that does not compile", "- id: a\n  forms:\n    - \"(\"\n", "a.yaml: line 3: error parsing regexp"},
		{"not YAML", "- id: [\n", "a.yaml: yaml: line 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := load[[]rule]("a.yaml", []byte(test.text)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// TestEveryFileIsRead: each rule of a file is in Rules, and each file is a rule's or one
// of the shared tables.
func TestEveryFileIsRead(t *testing.T) {
	t.Parallel()
	var want []string
	read := func(path string, entry fs.DirEntry, _ error) error {
		name := strings.TrimSuffix(entry.Name(), ".yaml")
		if entry.IsDir() || slices.Contains([]string{"words", "void", "samples"}, name) {
			return nil
		}
		for _, r := range mustLoad[[]rule](name) {
			want = append(want, r.ID)
		}
		return nil
	}
	if err := fs.WalkDir(files, "data", read); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range Rules() {
		got = append(got, r.ID)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("rules %v, want those of the files: %v", got, want)
	}
}

// TestEveryConceptIsUsed: a concept that no pattern names, itself or through another, is
// a slip of the pen or a left-over.
func TestEveryConceptIsUsed(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for _, r := range tables().rules {
		for _, p := range r.patterns() {
			lines.WriteString(p.line)
		}
	}
	for _, words := range shared().Concepts {
		lines.WriteString(words)
	}
	for name := range shared().Concepts {
		if !strings.Contains(lines.String(), "{"+name+"}") {
			t.Errorf("no pattern names the concept %s", name)
		}
	}
}

// TestEveryPatternCanMatch makes, for each line of the tables, a sentence that it matches.
// A line without one is never reached: its own exclusions cover it.
func TestEveryPatternCanMatch(t *testing.T) {
	t.Parallel()
	for _, r := range tables().rules {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			for _, p := range slices.Concat(r.Finds, r.Pairs) {
				if !canMatch(p) {
					t.Errorf("no sentence matches %s", p.line)
				}
				if seen[p.line] && !slices.ContainsFunc(r.Pairs, func(q pattern) bool { return q.line == p.line }) {
					t.Errorf("is there twice: %s", p.line)
				}
				seen[p.line] = true
			}
			says := r.Says
			if says == nil {
				says = &statement{}
			}
			for _, p := range slices.Concat(r.Unless, says.When, says.Has, says.Unless, says.Also) {
				if len(p.all) != 1 || len(p.none) > 0 {
					t.Errorf("must be one chain: %s", p.line)
				}
				if !canMatch(p) {
					t.Errorf("no sentence matches %s", p.line)
				}
			}
		})
	}
	for _, p := range tables().void {
		if !canMatch(p) {
			t.Errorf("no sentence matches %s", p.line)
		}
	}
}

// canMatch tries sentences of the words of a pattern, chosen by a fixed sequence.
func canMatch(p pattern) bool {
	choose, x := rand.New(rand.NewPCG(1, 2)), newIndex([]pattern{p})
	for range 300 {
		var text strings.Builder
		for _, c := range p.all {
			for _, part := range c {
				word := part.words[choose.IntN(len(part.words))]
				if text.Len() > 0 && letter(word[0]) && part.gap > 0 {
					text.WriteByte(' ')
				}
				text.WriteString(word)
			}
			text.WriteString(" 于 ")
		}
		s := x.read(text.String())
		if s.matches(p) || len(p.all) == 1 && len(p.none) == 0 && len(s.places(p.all[0], false)) > 0 {
			return true
		}
	}
	return false
}
