// Package compat compares what callers and plugins build on with that of the last release: the
// OpenAPI document, the protocol heyan.v1 and the plugin protocol. It has tests only.
package compat

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// facts are what clients of an interface depend on.
type facts struct {
	offers   map[string]bool // each must stay
	requires map[string]int  // none may be added, nor become stricter: a key that ends in max must not fall, any other not rise
}

func newFacts() facts { return facts{map[string]bool{}, map[string]int{}} }

func (f facts) offer(format string, a ...any) { f.offers[fmt.Sprintf(format, a...)] = true }

// breaks returns what a client of before cannot rely on any more.
func (f facts) breaks(before facts) (list []string) {
	for fact := range before.offers {
		if !f.offers[fact] {
			list = append(list, "gone: "+fact)
		}
	}
	for key, now := range f.requires {
		was, had := before.requires[key]
		owner, _, _ := strings.Cut(key, " ")
		switch {
		case !had && !before.knows(owner): // of something new
		case !had:
			list = append(list, fmt.Sprintf("new: requires %s %d", key, now))
		case strings.HasSuffix(key, " max") && now < was, !strings.HasSuffix(key, " max") && now > was:
			list = append(list, fmt.Sprintf("stricter: requires %s %d, was %d", key, now, was))
		}
	}
	slices.Sort(list)
	return list
}

// knows reports whether something with requirements was there.
func (f facts) knows(owner string) bool { return f.offers["has "+owner] }

func (f facts) String() string {
	var b strings.Builder
	for _, fact := range slices.Sorted(maps.Keys(f.offers)) {
		b.WriteString(fact + "\n")
	}
	for _, key := range slices.Sorted(maps.Keys(f.requires)) {
		fmt.Fprintf(&b, "requires %s %d\n", key, f.requires[key])
	}
	return b.String()
}

// parseFacts reads what String has written.
func parseFacts(t *testing.T, text string) facts {
	t.Helper()
	f := newFacts()
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		rest, required := strings.CutPrefix(s.Text(), "requires ")
		if !required {
			f.offers[s.Text()] = true
			continue
		}
		at := strings.LastIndexByte(rest, ' ')
		n, err := strconv.Atoi(rest[at+1:])
		if err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		f.requires[rest[:at]] = n
	}
	return f
}

// compare compares facts with those of the last release. HEYAN_RELEASE=1 has it write them anew,
// in the commit of a release; see CONTRIBUTING.md.
func compare(t *testing.T, name string, now facts) {
	t.Helper()
	path := "testdata/" + name + ".txt"
	if os.Getenv("HEYAN_RELEASE") != "" {
		if err := os.WriteFile(path, []byte(now.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := parseFacts(t, string(text))
	if len(before.offers) < 50 {
		t.Fatalf("%s has %d lines; it is cut off", path, len(before.offers))
	}
	for _, broken := range now.breaks(before) {
		t.Errorf("%s: %s; clients of the last release depend on it", name, broken)
	}
}
