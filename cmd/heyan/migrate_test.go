package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// earlierDatabase copies the database of an earlier release beside a configuration, and
// returns the configuration's path.
func earlierDatabase(t *testing.T) string {
	t.Helper()
	packed, err := os.Open("../../engine/store/sqlstore/testdata/golden/0003/sqlite.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "heyan.yaml")
	text := strings.NewReplacer("FOLDER", folder, "END", "").Replace(soundConfig)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "heyan.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMigrate: a command that reads refuses the database of an earlier release and names
// what to run, heyan migrate lists and changes it, and afterwards the command works.
func TestMigrate(t *testing.T) {
	t.Parallel()
	path := earlierDatabase(t)
	steps := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"read", []string{"ledger", "lots", "list"}, exitUsage, "run heyan migrate --config FILE"},
		{"export", []string{"ledger", "balance"}, exitUsage, "its tables have version 3, this program needs "},
		{"listed", []string{"migrate", "--dry-run"}, exitFound, ", pending:\n  00004_filters.sql\n  00005_kind.sql"},
		{"listed as JSON", []string{"migrate", "--dry-run", "--json"}, exitFound, `"pending":["00004_filters.sql","00005_kind.sql",`},
		{"in Chinese", []string{"migrate", "--dry-run", "--lang", "zh"}, exitFound, "，待执行的迁移："},
		{"still refused", []string{"ledger", "lots", "list"}, exitUsage, "run heyan migrate"},
		{"migrated", []string{"migrate"}, exitDone, ":\n  00004_filters.sql"},
		{"again", []string{"migrate"}, exitDone, "; nothing to do"},
		{"works", []string{"ledger", "lots", "list"}, exitDone, "lot-a"},
	}
	for _, s := range steps {
		code, out, errs := once(t, []string{"CODE=c0de", "LANG=C"}, "", append(s.args, "--config", path)...)
		if code != s.code || !strings.Contains(out+errs, s.says) {
			t.Errorf("%s: code %d, want %d and %q: %s%s", s.name, code, s.code, s.says, out, errs)
		}
	}
	if copies, err := filepath.Glob(filepath.Dir(path) + "/heyan.db.v3-*"); err != nil || len(copies) != 1 {
		t.Errorf("copies %v, %v", copies, err)
	}
}

// earlierRelease is the last commit before databases were migrated on request only.
const earlierRelease = "14fce4b"

// TestEarlierReleaseServesBesideThisOne runs the program of the earlier release and this one
// on one database under load. It builds the earlier one from the history of the repository.
func TestEarlierReleaseServesBesideThisOne(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another release; run without -short")
	}
	t.Parallel()
	old := buildEarlier(t, earlierRelease)
	dsn := sqlstoretest.StartPostgres(t).DSN(t)
	environ := append(storeEnviron(), "DSN="+dsn)
	vendors := start(t, nil, "sandbox", "--json")
	t.Cleanup(func() { vendors.end() })
	var vendor struct{ URL, AppCode string }
	if err := json.Unmarshal([]byte(vendors.next(t)), &vendor); err != nil {
		t.Fatal(err)
	}
	environ = append(environ, "CODE="+vendor.AppCode)
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := strings.NewReplacer(
		`{driver: sqlite, dsn: "file:FOLDER/heyan.db"}`, "{driver: postgres, dsn: \"env:DSN\"}\nidempotency: {key: \"env:HEYAN_TEST_KEY\"}",
		"http://127.0.0.1:9", vendor.URL, `{consent: {mode: "off"}}`,
		`{consent: {mode: "off", receipt_key: "env:HEYAN_TEST_SEED"}, keys: [{id: k1, secret: "env:HEYAN_TEST_KEY"}]}`, "END", "log: {level: warn}",
	).Replace(soundConfig)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	first := startEarlier(t, old, path, environ)
	if code, out, errs := once(t, environ, "", "ledger", "lots", "add", "--config", path, "--provider", "a", "--units", "1000", "--amount", "50", "--id", "L1"); code != exitDone {
		t.Fatalf("code %d: %s%s", code, out, errs)
	}
	var during sync.WaitGroup
	during.Go(func() { verifyMany(t, first, "old", 40) })
	if code, out, errs := once(t, environ, "", "migrate", "--config", path); code != exitDone {
		t.Fatalf("migrate: code %d: %s%s", code, out, errs)
	}
	second := start(t, environ, "serve", "--config", path)
	var at struct{ Listen string }
	if err := json.Unmarshal([]byte(second.next(t)), &at); err != nil {
		t.Fatal(err)
	}
	during.Go(func() { verifyMany(t, first, "beside", 40) })
	during.Go(func() { verifyMany(t, at.Listen, "new", 40) })
	during.Wait()
	code, out, errs := once(t, environ, "", "ledger", "balance", "--json", "--config", path)
	if code != exitDone || !strings.Contains(out, `"posted":120`) || !strings.Contains(out, `"available":880`) {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	if code := second.end(); code != exitDone {
		t.Errorf("code %d: %s", code, second.stderr.String())
	}
}

// buildEarlier builds the program of a commit and returns its path.
func buildEarlier(t *testing.T, commit string) string {
	t.Helper()
	folder := t.TempDir()
	archive := exec.Command("git", "archive", "--format=tar", commit)
	archive.Dir = "../.."
	text, err := archive.Output()
	if err != nil {
		t.Skipf("the history of the repository is not here: %v", err)
	}
	unpack := exec.Command("tar", "-x", "-C", folder)
	unpack.Stdin = strings.NewReader(string(text))
	if out, err := unpack.CombinedOutput(); err != nil {
		t.Skipf("tar: %v: %s", err, out)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(folder, "earlier"), "./cmd/heyan")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return filepath.Join(folder, "earlier")
}

// startEarlier starts the daemon of the earlier release and returns its address.
func startEarlier(t *testing.T, program, path string, environ []string) string {
	t.Helper()
	cmd := exec.Command(program, "serve", "--config", path)
	cmd.Env, cmd.Stderr = environ, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the earlier release ended with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	var at struct{ Listen string }
	if err != nil || json.Unmarshal([]byte(line), &at) != nil {
		t.Fatalf("the earlier release printed %q, %v", line, err)
	}
	return at.Listen
}

// verifyMany makes verifications, each of which must be a match.
func verifyMany(t *testing.T, address, name string, n int) {
	t.Helper()
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range n / 4 {
				body := strings.NewReader(`{"check":"id_name","app":"web","purpose":"test","subject":{"name":"测试","id_number":"11010519491231002X"}}`)
				r, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/verifications", body)
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d-%d", name, worker, i))
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				text, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || !strings.Contains(string(text), `"verdict":"match"`) {
					t.Errorf("%s: status %d, %v: %s", name, resp.StatusCode, err, text)
				}
			}
		})
	}
	all.Wait()
}
