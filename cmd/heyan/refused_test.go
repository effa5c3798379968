package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// TestListTellsWhatSIGHUPRefuses: a program with another source is named before the daemon
// gets it.
func TestListTellsWhatSIGHUPRefuses(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "heyan") //nolint:usetesting // the path of t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	write := func(name, args string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, program, 0o755); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("policy: {consent: {mode: \"off\"}}\nproviders:\n  - {name: a, recipient: Example Ltd., plugin: {path: %s, sha256: %s, args: [%s], start_timeout: 20s}}\n"+
			"routes:\n  - {check: id_name, providers: [a]}\n", path, hex.EncodeToString(sum[:]), args)
		if err := os.WriteFile(path+".yaml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path + ".yaml"
	}
	running, next := write("heyan", "provider, serve, idcert"), write("moved", "")
	code, out, errs := once(t, nil, "", "provider", "list", "--config", next, "--running", running, "--json")
	if code != exitFound || !strings.Contains(out, `"refused":"the data source changed"`) ||
		!strings.Contains(errs, "a: SIGHUP would not replace the plugin: the data source changed; restart heyan to accept") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	if code, _, errs := once(t, nil, "", "provider", "list", "--config", running, "--running", running); code != exitDone {
		t.Errorf("the same program: code %d: %s", code, errs)
	}
}

// TestFixturesPathIsNamed: provider check says where it looked for fixtures.
func TestFixturesPathIsNamed(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for dir, want := range map[string]string{empty: "no recorded reply in ", filepath.Join(empty, "none"): "no folder "} {
		code, _, errs := once(t, nil, "", "provider", "check", "idcert", "--fixtures", dir)
		if code != exitUsage || !strings.Contains(errs, want+dir) {
			t.Errorf("code %d: %s", code, errs)
		}
	}
}

// TestOperatorIsTold: a verification without a verdict names what the operator does.
func TestOperatorIsTold(t *testing.T) {
	t.Parallel()
	c, out := printing("en")
	c.printVerification(idv.Verification{ID: "ver_1", Reason: idv.ReasonOf(idv.BadCredentials)})
	if !strings.Contains(out.String(), "Correct the secret or the setting in the provider's configuration, then resume the provider.") {
		t.Errorf("got %s", out)
	}
}
