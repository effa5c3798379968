package rpcapi

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsCurrent generates the code anew; make proto mends a difference. Without the
// protoc that generated it, the test is skipped.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	const protoc = "libprotoc 3.21.12" // as generate.sh says
	version, err := exec.Command("protoc", "--version").Output()
	if err != nil || strings.TrimSpace(string(version)) != protoc {
		t.Skip("there is no " + protoc)
	}
	fresh := t.TempDir()
	if out, err := exec.Command("sh", "generate.sh", fresh).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	names, err := filepath.Glob("heyanv1/*.pb.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	made, err := filepath.Glob(filepath.Join(fresh, "*.pb.go"))
	if err != nil || len(made) != len(names) {
		t.Errorf("%d files are generated, %d are there: %v", len(made), len(names), err)
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(fresh, filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run make proto", name, err)
		}
	}
}
