package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// examples is the folder of the files in docs/policy.md.
var examples = filepath.Join("..", "..", "docs", "examples", "policy")

// TestPolicyExample runs the cases of the documentation. Every rule of the example must be
// tested by one of them.
func TestPolicyExample(t *testing.T) {
	code, stdout, stderr := once(t, nil, "", "policy", "test", filepath.Join(examples, "cases.yaml"))
	if code != exitDone || strings.Contains(stdout, "no case triggers") {
		t.Errorf("code %d\n%s%s", code, stdout, stderr)
	}
}

// TestPolicyPage compares the page with the files and outputs that it shows.
func TestPolicyPage(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "docs", "examples", "policy"))
	page := fileText(t, filepath.Join("..", "..", "policy.md"))
	explain := []string{"policy", "explain", "--rules", "rules.yaml", "--rules", "pack:games-hours", "--rules", "pack:general", "--facts", "facts.json"}
	_, tested, _ := once(t, nil, "", "policy", "test", "cases.yaml")
	_, explained, _ := once(t, nil, "", explain...)
	for name, text := range map[string]string{
		"rules.yaml": fileText(t, "rules.yaml"), "facts.json": fileText(t, "facts.json"), "policy test": tested, "policy explain": explained,
	} {
		if text == "" || !strings.Contains(page, strings.TrimSpace(text)) {
			t.Errorf("the page does not show %s as it is now:\n%s", name, text)
		}
	}
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
