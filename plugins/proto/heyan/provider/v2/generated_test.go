package providerv2

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsCurrent generates the code anew; make proto mends a difference. Without the
// protoc that generated it, or if the generator for gRPC can be neither found nor downloaded, the
// test is skipped.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	const protoc = "libprotoc 3.21.12" // as generate.sh says
	version, err := exec.Command("protoc", "--version").Output()
	if err != nil || strings.TrimSpace(string(version)) != protoc {
		t.Skip("there is no " + protoc)
	}
	fresh := t.TempDir()
	out, err := exec.Command("sh", "../../../generate.sh", fresh).CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 3 {
		t.Skipf("no generator: %s", out)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"provider.pb.go", "provider_grpc.pb.go"} {
		want, err := os.ReadFile(filepath.Join(fresh, "heyan/provider/v2", name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run make proto", name, err)
		}
	}
}
