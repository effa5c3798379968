package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// root is the top of the repository, seen from here.
const root = ".."

var (
	fence   = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	code    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	cited   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)`")
	defined = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)\(`)
)

// TestLinks follows every link of the pages that stays in the repository, to its file
// and to its heading.
func TestLinks(t *testing.T) {
	count := 0
	for _, page := range files(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(prose(read(t, page)), -1) {
			u, err := url.Parse(m[1])
			if err != nil || u.Scheme != "" {
				continue
			}
			count++
			target := page
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(u.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if u.Fragment != "" && !anchors(read(t, target))[u.Fragment] {
				t.Errorf("%s links to %s, and there is no such heading", page, m[1])
			}
		}
	}
	if count < 50 {
		t.Errorf("%d links were followed; the pages have more", count)
	}
}

// TestCitedTests keeps the promise of the pages that name the tests which hold
// something: each exists.
func TestCitedTests(t *testing.T) {
	there := map[string]bool{}
	for _, file := range files(t, "_test.go") {
		for _, m := range defined.FindAllStringSubmatch(read(t, file), -1) {
			there[m[1]] = true
		}
	}
	count := 0
	for _, page := range files(t, ".md") {
		for _, m := range cited.FindAllStringSubmatch(read(t, page), -1) {
			count++
			if !there[m[1]] {
				t.Errorf("%s names %s, and there is no such test", page, m[1])
			}
		}
	}
	if count < 30 {
		t.Errorf("%d names of tests were looked up; the pages have more", count)
	}
}

func TestAnchor(t *testing.T) {
	for text, want := range map[string]string{
		"6. When there is no verdict": "6-when-there-is-no-verdict",
		"11. 对账速览":                    "11-对账速览",
		"Rules: money, `privacy`":     "rules-money-privacy",
	} {
		if got := anchor(text); got != want {
			t.Errorf("anchor(%q) = %q, want %q", text, got, want)
		}
	}
}

// files returns the files of the repository whose names end so, without what is built,
// fetched or written out by heyan.
func files(t *testing.T, suffix string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "templates" || name == "bin"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, suffix):
			list = append(list, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// prose is a page without its code, which may look like links.
func prose(text string) string { return code.ReplaceAllString(fence.ReplaceAllString(text, ""), "`") }

// anchors are the fragments that a page's headings can be linked by.
func anchors(text string) map[string]bool {
	set := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		set[anchor(m[1])] = true
	}
	return set
}

// anchor is how GitHub names a heading: in small letters, punctuation dropped,
// spaces as hyphens.
func anchor(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
