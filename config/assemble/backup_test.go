package assemble_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// canaryOf is a fictitious person whose traces are looked for.
func canaryOf(key string) idv.Request {
	return idv.Request{
		Tenant: "bank", App: "web", Purpose: "test", IdempotencyKey: key, Check: idv.CheckIDName,
		Subject: idv.Subject{Name: idv.NewSensitive("欧阳淼淼"), IDNumber: idv.NewSensitive("11010519491231002X")},
	}
}

// forms are the encodings in which a text may be kept.
func forms(t *testing.T, text string) map[string][]byte {
	t.Helper()
	escaped, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]byte{
		"plain": []byte(text), "url": []byte(url.QueryEscape(text)), "json": bytes.Trim(escaped, `"`), "hex": []byte(hex.EncodeToString([]byte(text))),
	}
	for shift := range 3 { // a text in the middle of another one has three forms
		enc := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + text))
		list["base64"+string(rune('0'+shift))] = []byte(enc[4 : len(enc)-2])
	}
	ascii := ""
	for _, r := range text {
		if r > 127 {
			ascii += `\u` + strings.ToLower(hex.EncodeToString([]byte{byte(r >> 8), byte(r)}))
		}
	}
	if ascii != "" {
		list["json ascii"] = []byte(ascii)
	}
	for name, e := range map[string]interface {
		String(string) (string, error)
	}{
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(),
		"gbk": simplifiedchinese.GBK.NewEncoder(),
	} {
		out, err := e.String(text)
		if err != nil {
			t.Fatal(err)
		}
		list[name] = []byte(out)
	}
	return list
}

// TestBackupWhileWriting: backups of a database that is written to are consistent, hold no
// person in any encoding, and are as good as the original after a restore.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	c.Policy.Consent.Mode = "off"
	c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "heyan.db")}
	o := assemble.Options{Config: c, LookupEnv: lookup(env)}
	app, err := assemble.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	lot := ledger.Lot{ID: "l", Provider: c.Providers[0].Name, Units: 100_000, Bought: time.Now(), Total: idv.Money{Micros: 1_000_000, Currency: "CNY"}}
	if err := app.Store.AddLot(t.Context(), lot); err != nil {
		t.Fatal(err)
	}
	first, err := app.Engine.Verify(t.Context(), canaryOf("first"))
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := app.Engine.Verify(t.Context(), canaryOf("")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	beside := o
	beside.Attached = true
	var archives []bytes.Buffer
	for range 4 {
		var w bytes.Buffer
		if _, err := assemble.Backup(t.Context(), beside, "test", t.TempDir(), &w); err != nil {
			t.Fatal(err)
		}
		archives = append(archives, w)
	}
	close(stop)
	writing.Wait()
	if err := app.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range archives {
		for _, text := range []string{"欧阳淼淼", "11010519491231002X"} {
			for form, b := range forms(t, text) {
				if bytes.Contains(archives[i].Bytes(), b) {
					t.Errorf("backup %d holds a person in the form %s", i, form)
				}
			}
		}
		restoredIsWhole(t, o, &archives[i], first)
	}
}

// restoredIsWhole restores an archive elsewhere and continues with it.
func restoredIsWhole(t *testing.T, o assemble.Options, archive io.Reader, first idv.Verification) {
	t.Helper()
	o.Config.Store.DSN = "file:" + filepath.Join(t.TempDir(), "heyan.db")
	r, err := assemble.Restore(t.Context(), o, archive, time.Time{}, "cli:0")
	if err != nil {
		t.Fatal(err)
	}
	app, err := assemble.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := app.Engine.Verify(t.Context(), canaryOf("")); engine.ProblemOf(err).Class != engine.ClassRestored {
		t.Errorf("a call after the restore: %v", err)
	}
	// The same request with the same key gets its result, so the key of its hash is there.
	if again, err := app.Engine.Verify(t.Context(), canaryOf("first")); err != nil || again.ID != first.ID {
		t.Errorf("the first request again: %s, %v, want %s", again.ID, err, first.ID)
	}
	if err := app.Store.AcceptGap(t.Context(), r.Gap); err != nil {
		t.Error(err)
	}
	if v, err := app.Engine.Verify(t.Context(), canaryOf("")); err != nil || v.Verdict == idv.Undetermined {
		t.Errorf("after the gap was accepted: %+v, %v", v, err)
	}
}

// TestDamagedBackups: an archive that was cut or changed is refused, and leaves nothing behind.
func TestDamagedBackups(t *testing.T) {
	t.Parallel()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "heyan.db")}
	o := assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true}
	_, s, err := assemble.OpenKeyring(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	if _, err := assemble.Backup(t.Context(), o, "test", t.TempDir(), &w); err != nil {
		t.Fatal(err)
	}
	whole := w.Bytes()
	for name, damaged := range map[string][]byte{
		"empty": nil, "garbage": []byte("garbage"), "half": whole[:len(whole)/2], "without its keys": whole[:len(whole)-2048],
		"a byte of the manifest": flipped(whole, 700), "a byte of the database": flipped(whole, 8192), "a byte of the key": flipped(whole, bytes.Index(whole, []byte("heyan.db.people.key\x00"))+512),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := o
			o.Config.Store.DSN = "file:" + filepath.Join(dir, "heyan.db")
			if _, err := assemble.Restore(t.Context(), o, bytes.NewReader(damaged), time.Time{}, "cli:0"); err == nil {
				t.Error("it was restored")
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%v is left, %v", left, err)
			}
		})
	}
	if _, err := assemble.Restore(t.Context(), o, bytes.NewReader(whole), time.Time{}, "cli:0"); !errors.Is(err, assemble.ErrThere) {
		t.Errorf("over the original: %v", err)
	}
}

func flipped(text []byte, at int) []byte {
	changed := bytes.Clone(text)
	changed[at] ^= 1
	return changed
}

// TestGaps reads gaps back as they are printed.
func TestGaps(t *testing.T) {
	t.Parallel()
	g := store.NewGap(time.Unix(1_790_000_000, 5), time.Unix(1_790_000_001, 5))
	if got, err := store.ParseGap(g.String()); err != nil || got != g || g.String() != "2026-09-21T14:13:20Z..2026-09-21T14:13:22Z" {
		t.Errorf("%s was read as %s, %v", g, got, err)
	}
	for _, text := range []string{"", "..", "2026-09-21T13:33:20Z", "2026-09-21T13:33:22Z..2026-09-21T13:33:20Z", "a..b", "2026-09-21..2026-09-22"} {
		if got, err := store.ParseGap(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}
