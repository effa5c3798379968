package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refused is a configuration that serve refuses: a change of a sound one, and what its
// refusal says.
type refused struct {
	name     string
	from, to string // a part of the sound configuration and what stands there instead
	environ  []string
	says     string
	secret   bool // found only with --secrets
}

// soundConfig has two blanks: FOLDER and END.
const soundConfig = `listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
store: {driver: sqlite, dsn: "file:FOLDER/heyan.db"}
providers:
  - name: a
    use: idcert
    settings: {base_url: "http://127.0.0.1:9", appcode: "env:CODE"}
routes:
  - {check: id_name, providers: [a]}
policy: {consent: {mode: "off"}}
END
`

func refusedConfigs() []refused {
	postgres := func(dsn string) string {
		return `{driver: postgres, dsn: "` + dsn + `"}` + "\nidempotency: {key: \"env:CODE\"}"
	}
	const store = `{driver: sqlite, dsn: "file:FOLDER/heyan.db"}`
	remote := "without verifying its certificate, so whoever controls the network can read and change the ledger; add sslmode=verify-full to the DSN"
	return []refused{
		{name: "a file in memory", from: "file:FOLDER/heyan.db", to: "file::memory:", says: ":3: store.dsn: must be a file; for a store that ends with the process set driver to memory"},
		{name: "no file", from: "file:FOLDER/heyan.db", to: "file:", says: ":3: store.dsn: is missing or no path"},
		{name: "a fragment", from: "heyan.db", to: "a#b.db", says: ":3: store.dsn: must be a plain path without ?, # or %"},
		{name: "a parameter", from: "heyan.db", to: "a?b.db", says: ":3: store.dsn: must be a plain path"},
		{name: "a percent sign", from: "heyan.db", to: "a%20b.db", says: ":3: store.dsn: must be a plain path"},
		{name: "a missing folder", from: "FOLDER/heyan.db", to: "FOLDER/none/heyan.db", says: ":3: store.dsn: the folder of the database file does not exist or cannot be read; create it"},
		{name: "a database that others read", from: "heyan.db", to: "open.db", says: ":3: store.dsn: "},
		{name: "a key that others read", from: "heyan.db", to: "shut.db", says: "shut.db.people.key has the mode 0644"},
		{name: "the path in the address", from: "127.0.0.1:9", to: "127.0.0.1:9/idcard", says: ":7: providers[0].settings.base_url: holds the path of the call, /idcard, which heyan appends; remove it"},
		{name: "the path below another", from: "127.0.0.1:9", to: "127.0.0.1:9/proxy/idcard/", says: "providers[0].settings.base_url: holds the path"},
		{
			name: "the path of a declared product", from: `idcert
    settings: {base_url: "http://127.0.0.1:9"`, to: `kz/idcard
    settings: {base_url: "http://127.0.0.1:9/api-mall/api/id_card/check"`, says: ":7: providers[0].settings.base_url: holds the path of the call, /api-mall/api/id_card/check",
		},
		{name: "a server without TLS", from: store, to: postgres("postgres://db.example/heyan?sslmode=disable"), says: ":3: store.dsn: connects to another machine " + remote},
		{name: "a server with TLS if it likes", from: store, to: postgres("postgres://db.example/heyan"), says: remote},
		{name: "a server with any certificate", from: store, to: postgres("postgres://db.example/heyan?sslmode=require"), says: remote},
		{name: "a server with any name", from: store, to: postgres("postgres://192.0.2.1/heyan?sslmode=verify-ca"), says: remote},
		{name: "a second server without TLS", from: store, to: postgres("postgres://127.0.0.1,db.example/heyan?sslmode=disable"), says: remote},
		{name: "a secret DSN without TLS", from: store, to: postgres("env:DSN"), environ: []string{"DSN=postgres://u:p@db.example/heyan", "HEYAN_AUTH__MODE=none"}, says: remote, secret: true},
		{name: "a missing secret", environ: []string{"CODE="}, says: ":7: providers[0].settings.appcode: env:CODE: the variable is not set or empty", secret: true},
		{name: "a secret in quotes", environ: []string{"CODE='c0de'"}, says: "stands in quotes, which an env file keeps", secret: true},
		{name: "two missing secrets", from: "END", to: `alerts: {webhooks: [{name: w, format: generic, url: "env:HOOK"}]}`, environ: []string{"CODE="}, says: ":11: alerts.webhooks[0].url: env:HOOK: the variable is not set", secret: true},
		{name: "a webhook that is none", from: "END", to: `alerts: {webhooks: [{name: w, format: generic, url: "env:HOOK"}]}`, environ: []string{"HOOK=ftp://x"}, says: "alerts.webhooks[0]: ", secret: true},
		{name: "a seed that is none", from: "END", to: "", environ: []string{"HEYAN_POLICY__CONSENT__RECEIPT_KEY=env:CODE"}, says: "policy.consent.receipt_key: ", secret: true},
		{name: "rules that are not there", from: "END", to: "", environ: []string{"HEYAN_POLICY__RULES__0=FOLDER/none.yaml"}, says: "none.yaml"},
		{name: "a plugin that is not there", from: "use: idcert", to: "plugin: {path: FOLDER/none, sha256: " + strings.Repeat("a", 64) + "}", says: ":6: providers[0].plugin: plugin a: the file does not exist"},
		{name: "another plugin", from: "use: idcert", to: "plugin: {path: FOLDER/plugin, sha256: " + strings.Repeat("a", 64) + "}", says: "does not have the configured sha256"},
		{name: "days", from: "END", to: "grace: 180d", says: ":11: grace: must be a duration with its unit, such as 3s, 250ms or 5m; write days in hours, here 4320h"},
		{name: "an empty setting", from: "END", to: "log:\n  level:", says: ":12: log.level: has no value"},
		{name: "a path as a key", from: "END", to: "log.level: debug", says: ":11: log.level: unknown key; write the parts"},
		{name: "an unknown alias", from: "END", to: "grace: *x", says: ":11: is not valid YAML"},
		{name: "another encoding", from: "END", to: "# \xff\xff\xff", says: ":11: is not UTF-8"},
		{name: "a list in a variable", environ: []string{"HEYAN_ALERTS__PERCENT=60,30"}, says: "HEYAN_ALERTS__PERCENT: is a list; set its items one by one, as HEYAN_ALERTS__PERCENT__0"},
	}
}

// TestCheckRefusesWhatServeRefuses: both print the same faults, and the start leaves no
// file behind.
func TestCheckRefusesWhatServeRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range refusedConfigs() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, "heyan.yaml")
			for file, mode := range map[string]os.FileMode{"open.db": 0o644, "shut.db": 0o600, "shut.db.people.key": 0o644, "plugin": 0o755} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte("x"), mode); err != nil {
					t.Fatal(err)
				}
			}
			fill := strings.NewReplacer("FOLDER", folder, "END", "")
			text := fill.Replace(strings.Replace(soundConfig, tt.from, tt.to, min(len(tt.from), 1)))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			environ := []string{"CODE=c0de"}
			for _, e := range tt.environ {
				environ = append(environ, fill.Replace(e))
			}
			before := files(t, folder)
			code, checked, _ := once(t, environ, "", "config", "check", "--secrets", "--config", path)
			if code != exitFound || !strings.Contains(checked, tt.says) {
				t.Errorf("config check: code %d, no %q in %s", code, tt.says, checked)
			}
			code, _, _ = once(t, environ, "", "config", "check", "--config", path)
			if (code == exitDone) != tt.secret {
				t.Errorf("config check without --secrets: code %d", code)
			}
			code, _, served := once(t, environ, "", "serve", "--config", path)
			served = strings.TrimPrefix(strings.TrimPrefix(served, "heyan serve: "), "--config: ")
			if got, want := lines(served), lines(checked); code != exitUsage || !slices.Equal(got, want) {
				t.Errorf("serve: code %d\n%s\nconfig check:\n%s", code, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if after := files(t, folder); !slices.Equal(before, after) {
				t.Errorf("the start left %v", after)
			}
		})
	}
}

func lines(text string) []string {
	list := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
	slices.Sort(list)
	return list
}

func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestSoundConfigs: what is not refused above is accepted, so that the refusals are of
// what was changed.
func TestSoundConfigs(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]string{
		"sqlite":              `{driver: sqlite, dsn: "file:FOLDER/heyan.db"}`,
		"a verified server":   `{driver: postgres, dsn: "postgres://db.example/heyan?sslmode=verify-full"}` + "\nauth: {mode: none}\nidempotency: {key: \"env:CODE\"}",
		"a trusted network":   `{driver: postgres, trust_network: true, dsn: "postgres://db.example/heyan"}` + "\nauth: {mode: none}\nidempotency: {key: \"env:CODE\"}",
		"this machine":        `{driver: postgres, dsn: "postgres://127.0.0.1/heyan"}` + "\nauth: {mode: none}\nidempotency: {key: \"env:CODE\"}",
		"this machine's name": `{driver: postgres, dsn: "postgres://localhost/heyan"}` + "\nauth: {mode: none}\nidempotency: {key: \"env:CODE\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, "heyan.yaml")
			text := strings.NewReplacer(`{driver: sqlite, dsn: "file:FOLDER/heyan.db"}`, strings.ReplaceAll(store, "FOLDER", folder), "END", "").Replace(soundConfig)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if code, out, _ := once(t, []string{"CODE=c0de"}, "", "config", "check", "--secrets", "--config", path); code != exitDone {
				t.Errorf("code %d: %s", code, out)
			}
		})
	}
}

// TestTakenPortLeavesNothing: an address in use is found before a database or a key is
// made, and is told in one line.
func TestTakenPortLeavesNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for _, address := range []string{"HEYAN_LISTEN", "HEYAN_ADMIN_LISTEN"} {
		folder := t.TempDir()
		path := filepath.Join(folder, "heyan.yaml")
		if err := os.WriteFile(path, []byte(strings.NewReplacer("FOLDER", folder, "END", "").Replace(soundConfig)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := once(t, []string{"CODE=c0de", address + "=" + l.Addr().String()}, "", "serve", "--config", path)
		if code != exitUsage || !strings.Contains(stderr, "choose another address or stop the process that uses it") || strings.Contains(stderr, "erased") {
			t.Errorf("%s: code %d, %s", address, code, stderr)
		}
		if got := files(t, folder); len(got) != 1 {
			t.Errorf("%s: the start left %v", address, got)
		}
	}
}
