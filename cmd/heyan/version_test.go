package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// TestVersionIsThatOfTheTag: a program that was not built from a tag has the next version.
func TestVersionIsThatOfTheTag(t *testing.T) {
	t.Parallel()
	for noted, want := range map[string]string{
		"v1.2.3": "1.2.3", "v2.0.0-rc.1": "2.0.0-rc.1", "(devel)": nextVersion, "": nextVersion,
		"v0.0.0-20261130090000-0123456789ab": nextVersion, "v1.2.4-0.20261130090000-0123456789ab": nextVersion, "v1.2.3+dirty": nextVersion,
	} {
		if got := versionOf(&debug.BuildInfo{Main: debug.Module{Version: noted}}, true); got != want {
			t.Errorf("%q: version %s, want %s", noted, got, want)
		}
	}
	if got := versionOf(nil, false); got != nextVersion {
		t.Errorf("without build information: version %s, want %s", got, nextVersion)
	}
}

// TestManualPages writes a page for each command, the same at each run.
func TestManualPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	var pages [2]string
	for i := range pages {
		dir := t.TempDir()
		if code, _, errs := once(t, nil, "", "docs", "--man", "--dir", dir); code != exitDone {
			t.Fatalf("code %d: %s", code, errs)
		}
		for _, name := range []string{"heyan.1", "heyan-serve.1", "heyan-ledger-lots-add.1"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			pages[i] += string(text)
		}
	}
	if pages[0] != pages[1] || !strings.Contains(pages[0], ".SH SYNOPSIS") || !strings.Contains(pages[0], "Sep 2026") {
		t.Errorf("two runs differ, or the pages have another form: %.300s", pages[0])
	}
}
