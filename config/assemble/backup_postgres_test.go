package assemble_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestBackupOfPostgres: the archive has the key files, names those that it lacks, and a restore
// puts them back and marks the database.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + filepath.Join(dir, name)
	}
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	env["RECEIPT"] = strings.Repeat("1e", 32)
	c.Store = config.Store{Driver: "postgres", DSN: file("dsn", sqlstoretest.StartPostgres(t).DSN(t))}
	c.Idempotency.Key, c.Policy.Consent.ReceiptKey = file("requests", strings.Repeat("0f", 32)), "env:RECEIPT"
	c.Policy.Keys = []config.Key{{ID: "k1", Secret: file("people", strings.Repeat("2d", 32))}}
	o := assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true}
	var w bytes.Buffer
	m, err := assemble.Backup(t.Context(), o, "test", dir, &w)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != 2 || m.Files[0].Name != "keys/idempotency" || m.Files[1].Name != "keys/policy-k1" ||
		len(m.Elsewhere) != 1 || m.Elsewhere[0] != (assemble.KeyElsewhere{Setting: "policy.consent.receipt_key", Reference: "env:RECEIPT"}) {
		t.Errorf("the manifest is %+v", m)
	}
	if err := os.Remove(filepath.Join(dir, "people")); err != nil {
		t.Fatal(err)
	}
	r, err := assemble.Restore(t.Context(), o, &w, time.Now().Add(-time.Hour), "cli:0")
	if err != nil || len(r.Keys) != 1 || r.Keys[0] != "policy.keys[0].secret" || r.Gap.To.Sub(r.Gap.From) < time.Hour {
		t.Fatalf("restored %+v, %v", r, err)
	}
	ring, s, err := assemble.OpenKeyring(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if gap, open, err := s.OpenGap(t.Context()); err != nil || !open || gap != r.Gap {
		t.Errorf("the gap is %v, %v, %v", gap, open, err)
	}
	if _, err := store.VerifyAudit(t.Context(), s, ring, audit.Head{}); err != nil {
		t.Error(err)
	}
}
