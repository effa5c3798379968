package dropin_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestOldClients runs clients in the languages of the vendors' guides: host, path, the header
// Authorization with the AppCode, and the parameters where the guides put them. A client is what
// its users have, but for the host and the AppCode. A language that is not there is skipped.
func TestOldClients(t *testing.T) {
	t.Parallel()
	for file, run := range map[string][]string{
		"idcert.sh": {"bash", "curl"}, "idcert.py": {"python3"}, "idcert.php": {"php"}, "Idcert.java": {"java", "javac"}, "kz.py": {"python3"}, "kz.php": {"php"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for _, tool := range run {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("there is no %s on this machine", tool)
				}
			}
			runOldClient(t, command(t, run[0], filepath.Join("testdata", "clients", file))...)
		})
	}
}

// command returns what starts a client. Java is compiled once, since that takes seconds.
func command(t *testing.T, tool, file string) []string {
	t.Helper()
	if tool != "java" {
		return []string{tool, file}
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "javac", "-nowarn", "-d", dir, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return []string{tool, "-XX:TieredStopAtLevel=1", "-cp", dir, strings.TrimSuffix(filepath.Base(file), ".java")}
}

// runOldClient asks three times: a match, a mismatch, and with an AppCode that there is not. The
// client prints what its program would act on.
func runOldClient(t *testing.T, run ...string) {
	t.Helper()
	match, mismatch := "01", "02"
	if strings.HasPrefix(filepath.Base(run[len(run)-1]), "kz") {
		match, mismatch = "0", "1"
	}
	for _, tt := range []struct {
		name    string
		verdict idv.Verdict
		appcode string
		want    string
	}{
		{"match", idv.Match, "key", "200 " + match},
		{"mismatch", idv.Mismatch, "key", "200 " + mismatch},
		{"a wrong AppCode", idv.Match, "other", "400 A400AC"},
	} {
		server := httptest.NewServer(newFront(t, nil, enginetest.Answer(tt.verdict)))
		cmd := exec.CommandContext(t.Context(), run[0], slices.Concat(run[1:], []string{server.URL, tt.appcode, number, name})...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "no_proxy=127.0.0.1", "http_proxy=")
		var faults strings.Builder
		cmd.Stderr = &faults
		out, err := cmd.Output()
		server.Close()
		if got := strings.TrimSpace(string(out)); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q: %s", tt.name, got, err, tt.want, faults.String())
		}
	}
}
