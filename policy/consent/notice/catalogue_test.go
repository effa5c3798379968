package notice

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	t.Parallel()
	other := strings.Replace(small, "A small notice", "Another", 1)
	tests := []struct {
		name  string
		files map[string]string
		count int
		want  string
	}{
		{"nothing", nil, 0, ""},
		{"one and what is none", map[string]string{"a.md": small, "b.txt": "x"}, 1, ""},
		{"the same twice", map[string]string{"a.md": small, "b.md": small}, 1, ""},
		{"two texts, one name", map[string]string{"a.md": small, "b.md": other}, 0, "b.md:3: version: another text is already small version 1 in en"},
		{"two versions", map[string]string{"a.md": small, "b.md": strings.Replace(other, "version: 1", "version: 2", 1)}, 2, ""},
		{"faults of all", map[string]string{"a.md": "x", "b.md": "y"}, 0, "a.md:1: must begin with front matter between two lines of ---, with name, version and blanks, and hold the text below it\nb.md:1: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t, test.files)
			c, err := Load(dir)
			if test.want != "" {
				if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				return
			}
			if err != nil || len(c.All()) != test.count {
				t.Errorf("got %v, want %d templates", err, test.count)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil || strings.Contains(err.Error(), "none/") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	builtin, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	own := &Catalogue{[]*Template{parsed(t, small)}}
	both, err := builtin.With(own)
	if err != nil || len(both.All()) != len(builtin.All())+1 || len(own.All()) != 1 {
		t.Fatalf("%v", err)
	}
	if _, err := both.Find("small", "1", "en"); err != nil {
		t.Error(err)
	}
	if _, err := both.Find("small", "1", "zh-CN"); !errors.Is(err, ErrNotFound) {
		t.Error("another language was found")
	}
	if _, err := both.Latest("none", "en"); !errors.Is(err, ErrNotFound) {
		t.Error("an unknown name was found")
	}
	zh, _ := builtin.Latest("identity-check", "zh-CN")
	changed, err := Parse("own.md", []byte(strings.Replace(zh.Source(), "不必着急", "慢慢来", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := builtin.With(&Catalogue{[]*Template{changed}}); err == nil {
		t.Error("a built-in notice was replaced by another text of its name")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	catalogue, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	old, err := catalogue.Find("identity-check", "1", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	next := func(pairs ...string) *Template {
		t.Helper()
		text := strings.NewReplacer(append([]string{"version: 1", "version: 2", "ask_again: true", "ask_again: false", "  changed: 首个版本", "  changed: 改写\n  since: 1"}, pairs...)...).Replace(old.Source())
		template, err := Parse("next.md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return template
	}
	tests := []struct {
		name     string
		next     *Template
		want     Difference
		askAgain []string
	}{
		{"nothing", old, Difference{}, nil},
		{"only words of no weight", next("不必着急", "慢慢来"), Difference{Changed: []string{"opening"}}, nil},
		{"purpose", next("我们核验的目的只有一个", "我们核验是为了"), Difference{Changed: []string{"purpose"}}, []string{"purpose"}},
		{"recipients", next("名单以外的任何单位都不会得到。", ""), Difference{Changed: []string{"recipients"}}, []string{"recipients"}},
		{"how recipients are written", next("，用途：{{for}}", "，为了{{for}}"), Difference{Blanks: []string{"recipients"}}, []string{"recipients"}},
		{"items in another kind", next("items: {kind: list, label: 用到的信息，如姓名、居民身份证号码, join: \"、\"}", "items: {kind: text, label: 信息}"), Difference{Blanks: []string{"items"}}, []string{"items"}},
		{"a section gone, another there", next("## [minors]", "## [children]"), Difference{Added: []string{"children"}, Removed: []string{"minors"}}, nil},
		{"the template says so", next("ask_again: true", "ask_again: true", "不必着急", "慢慢来"), Difference{Changed: []string{"opening"}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Diff(old, test.next)
			var reasons []string
			for _, r := range got.Reasons {
				reasons = append(reasons, r.What)
			}
			if !slices.Equal(reasons, test.askAgain) || got.AskAgain() != (len(test.askAgain) > 0) {
				t.Errorf("asked again because of %v, want %v", reasons, test.askAgain)
			}
			got.Reasons = nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiffByItsOwnWord(t *testing.T) {
	t.Parallel()
	old := parsed(t, small)
	second := strings.NewReplacer("version: 1", "version: 2", "{changed", "{since: 1, changed", "Data\n", "The data\n").Replace(small)
	d := Diff(old, parsed(t, strings.Replace(second, "[items]", "[things]", 1)))
	if !d.AskAgain() || d.Reasons[len(d.Reasons)-1].What != "material" {
		t.Errorf("%+v", d)
	}
	third := parsed(t, strings.Replace(second, "since: 1", "since: 1.5", 1))
	if d := Diff(old, third); slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.What == "material" }) {
		t.Error("what a version says of another step was taken for this one")
	}
}
