package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// cmdNewer changes a database as a next version would: `newer heyan.db`.
func cmdNewer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec("ALTER TABLE holds ADD COLUMN next TEXT NOT NULL DEFAULT ''; INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	ts.Check(errors.Join(err, db.Close()))
}

// releaseBefore is the last commit with tables of version 11.
const releaseBefore = "ca5ccb6"

// TestRollback upgrades the database of an earlier release and goes back: with the backup of
// before, and with the copy that the migration made. The earlier program reads everything of
// its time. The upgraded database stays as it is, and is used again after the next upgrade.
func TestRollback(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another release; run without -short")
	}
	t.Parallel()
	r := startRollback(t, buildEarlier(t, releaseBefore))
	first := r.verify(r.before)
	backup := filepath.Join(r.dir, "before.tar")
	r.want(r.before, exitDone, backup, "backup", "--out", backup)
	r.want(r.now, exitDone, "migrated from version 11 to ", "migrate")
	second := r.verify(r.now)
	r.want(r.now, exitDone, `"posted":2`, "ledger", "balance", "--json")

	upgraded := r.file("heyan.db")
	r.want(r.before, exitUsage, "written by a newer version of heyan", "ledger", "balance")
	r.want(r.before, exitUsage, "written by a newer version of heyan", "verify", "--input", r.person)
	if !bytes.Equal(r.file("heyan.db"), upgraded) {
		t.Error("the earlier program changed the database of the later one")
	}

	r.away("next")
	r.want(r.before, exitDone, "No paid call is made", "restore", "--from", backup)
	r.returned(first, second)

	r.away("restored")
	copies, err := filepath.Glob(filepath.Join(r.dir, "heyan.db.v11-*"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies %v, %v", copies, err)
	}
	if err := os.Rename(copies[0], filepath.Join(r.dir, "heyan.db")); err != nil {
		t.Fatal(err)
	}
	r.want(r.before, exitDone, "No paid call is made", "restore", "--database-at", "2026-01-01")
	r.returned(first, second)

	r.want(r.now, exitDone, "migrated from version 11 to ", "migrate")
	r.want(r.now, exitDone, first, "verification", "show", first)
	r.away("again")
	if err := os.WriteFile(filepath.Join(r.dir, "heyan.db"), upgraded, 0o600); err != nil {
		t.Fatal(err)
	}
	r.want(r.now, exitDone, second, "verification", "show", second)
}

// rollback is an installation with two programs.
type rollback struct {
	t                   *testing.T
	dir, config, person string
	environ             []string
	earlier             string
}

type program func(args []string) (code int, out string)

func startRollback(t *testing.T, earlier string) *rollback {
	t.Helper()
	fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "idcert-a"}}})
	v, dir := fake.Vendors()[0], t.TempDir()
	r := &rollback{
		t: t, dir: dir, config: filepath.Join(dir, "heyan.yaml"), person: filepath.Join(dir, "person.json"), earlier: earlier,
		environ: []string{"CODE=" + v.AppCode.Reveal(), "LANG=C"},
	}
	text := strings.NewReplacer("FOLDER", dir, "http://127.0.0.1:9", v.URL, "END", "").Replace(soundConfig)
	for path, text := range map[string]string{r.config: text, r.person: `{"name":"测试","id_number":"11010519491231002X"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.want(r.before, exitDone, "L1", "ledger", "lots", "add", "--provider", "a", "--units", "10", "--amount", "1", "--id", "L1")
	return r
}

func (r *rollback) before(args []string) (int, string) {
	cmd := exec.Command(r.earlier, args...)
	cmd.Env = r.environ
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (r *rollback) now(args []string) (int, string) {
	code, out, errs := once(r.t, r.environ, "", args...)
	return code, out + errs
}

// want runs a command and returns its output.
func (r *rollback) want(p program, code int, says string, args ...string) string {
	r.t.Helper()
	got, out := p(append(args, "--config", r.config))
	if got != code || !strings.Contains(out, says) {
		r.t.Fatalf("%v: code %d, want %d and %q: %s", args, got, code, says, out)
	}
	return out
}

// verify returns the id of a new verification.
func (r *rollback) verify(p program) string {
	r.t.Helper()
	var v struct{ ID string }
	out := r.want(p, exitDone, `"verdict":"match"`, "verify", "--input", r.person, "--json")
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.ID == "" {
		r.t.Fatalf("%v: %s", err, out)
	}
	return v.ID
}

// returned expects what the earlier program knew, no paid call before the gap is accepted, and
// calls afterwards.
func (r *rollback) returned(there, gone string) {
	r.t.Helper()
	r.want(r.before, exitDone, `"posted":1`, "ledger", "balance", "--json")
	r.want(r.before, exitDone, there, "verification", "show", there)
	if _, out := r.before([]string{"verification", "show", gone, "--config", r.config}); strings.Contains(out, "match") {
		r.t.Errorf("a result of after the backup: %s", out)
	}
	r.want(r.before, 4, "restored", "verify", "--input", r.person)
	var gap struct{ Gap string }
	out := r.want(r.before, exitFound, "gap", "restore", "--json")
	if err := json.Unmarshal([]byte(out), &gap); err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
	r.want(r.before, exitDone, "No gap is open", "restore", "--accept-gap", gap.Gap, "--reason", "reconciled")
	r.verify(r.before)
}

func (r *rollback) file(name string) []byte {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// away moves the database to a folder of its own.
func (r *rollback) away(folder string) {
	r.t.Helper()
	target := filepath.Join(r.dir, folder)
	err := os.Mkdir(target, 0o700)
	for _, end := range []string{"", "-wal", "-shm"} {
		name := "heyan.db" + end
		if moved := os.Rename(filepath.Join(r.dir, name), filepath.Join(target, name)); moved != nil && !errors.Is(moved, os.ErrNotExist) {
			err = errors.Join(err, moved)
		}
	}
	if err != nil {
		r.t.Fatal(fmt.Errorf("moving the database away: %w", err))
	}
}
