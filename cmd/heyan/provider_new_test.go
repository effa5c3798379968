package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewPluginIsCertified: what `heyan provider new` writes is formatted, builds, is
// tested and keeps the contract as it stands, without a network.
func TestNewPluginIsCertified(t *testing.T) {
	heyan, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a folder", "acme")
	if code, _, stderr := once(t, nil, "", "provider", "new", "acme", "--dir", dir, "--heyan", heyan); code != exitDone {
		t.Fatalf("code %d, %s", code, stderr)
	}
	for _, args := range [][]string{
		{"gofmt", "-l", "."},
		{"go", "vet", "./..."},
		{"go", "test", "./..."},
		{"go", "build", "-o", "heyan-provider-acme", "."},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil || args[0] == "gofmt" && len(out) > 0 {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	code, stdout, stderr := once(t, nil, "", "provider", "check", filepath.Join(dir, "heyan-provider-acme"))
	if code != exitDone || !strings.Contains(stdout, "sentences are kept") {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	main, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if lines := bytes.Count(main, []byte("\n")); err != nil || lines > 15 {
		t.Errorf("main.go has %d lines, %v", lines, err)
	}
}
