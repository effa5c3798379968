package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bookOf makes a configuration on a store of its own kind and returns its path.
func bookOf(t *testing.T, store string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
log: {level: error}
store: ` + store + `
idempotency: {key: "env:HEYAN_TEST_KEY"}
policy:
  keys: [{id: k1, secret: "env:HEYAN_TEST_KEY"}]
  consent: {controller: {name: 某某商城有限公司, contact: 400-000-0001}, receipt_key: "env:HEYAN_TEST_SEED"}
providers:
  - {name: main, use: idcert, recipient_contact: 400-000-0002, settings: {appcode: "env:HEYAN_TEST_KEY"}}
routes:
  - {check: id_name, providers: [main]}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func bookEnviron() []string {
	return []string{"HEYAN_TEST_KEY=" + strings.Repeat("k", 32), "HEYAN_TEST_SEED=" + strings.Repeat("0f", 32)}
}

// A database that is away is no wrong usage: no other command line would mend it.
func TestDatabaseAway(t *testing.T) {
	path := bookOf(t, `{driver: postgres, dsn: "postgres://heyan@127.0.0.1:1/heyan?connect_timeout=2"}`)
	person := `{"name":"张三","id_number":"11010519491231002X"}`
	for _, args := range [][]string{
		{"consent", "record", "--input", "-", "--purpose", "开立账户"},
		{"subject", "find", "--input", "-"},
		{"ledger", "balance"},
		{"verify", "--input", "-", "--purpose", "开立账户", "--consent", "con_1"},
		{"serve"},
	} {
		t.Run(args[0], func(t *testing.T) {
			code, out, errs := once(t, bookEnviron(), person, append(args, "--config", path, "--lang", "en")...)
			if code != exitInternal || out != "" || !strings.Contains(errs, "see that it runs and that store.dsn names it") {
				t.Errorf("code %d, stderr %s", code, errs)
			}
			if strings.Contains(errs, "usage:") || strings.Contains(errs, "张三") || strings.Contains(errs, strings.Repeat("k", 32)) {
				t.Errorf("stderr %s", errs)
			}
		})
	}
}

// A second daemon on one file is told what to do.
func TestSecondDaemon(t *testing.T) {
	path := bookOf(t, `{driver: sqlite, dsn: "file:`+filepath.Join(t.TempDir(), "heyan.db")+`"}`)
	first := start(t, bookEnviron(), "serve", "--config", path)
	first.next(t)
	code, _, errs := once(t, bookEnviron(), "", "serve", "--config", path)
	if code != exitUsage || !strings.Contains(errs, "another process has this database open; stop that one first, or give each a file of its own") {
		t.Errorf("code %d, stderr %s", code, errs)
	}
	first.end()
}
