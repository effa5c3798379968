package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// canary is what is kept of one person, and what to look for in the files.
type canary struct {
	token   idv.SubjectToken
	wrapped []byte
	sealed  []byte
	mask    string
}

// canaryOf makes a person whose token sorts anywhere.
func canaryOf(n int) canary {
	sum := sha256.Sum256(fmt.Append(nil, "person ", n))
	text := fmt.Sprintf("%x", sum[:20])
	return canary{
		token: idv.SubjectToken("k1:" + text), wrapped: fmt.Appendf(nil, "wrapped-%s", text), sealed: fmt.Appendf(nil, "sealed-%s", text),
		mask: "测*" + text[:16],
	}
}

// marks are the texts that must not be in the files after an erasure.
func (c canary) marks() [][]byte {
	return [][]byte{[]byte(c.token), c.wrapped, c.sealed, []byte(base64.StdEncoding.EncodeToString(c.sealed)), []byte(c.mask)}
}

func (c canary) keep(t testing.TB, s *Store, n int) {
	t.Helper()
	r := consent.Record{
		ID: fmt.Sprint("c", n), Tenant: "t", Subject: c.token, Purpose: "test", Notice: consent.Notice{Template: "a", Text: "b"},
		Items: []idv.Claim{idv.ClaimName}, Recipients: []consent.Party{{Name: "r", Contact: "c"}}, Controller: consent.Party{Name: "r", Contact: "c"},
		MaxUses: 1, Valid: time.Hour, State: consent.Drafted, DraftedAt: time.Now(), Sealed: c.sealed,
		Guardian: consent.Guardian{Subject: canaryOf(-n).token},
	}
	v := idv.Verification{ID: fmt.Sprint("v", n), Tenant: "t", Token: c.token, CreatedAt: time.Now(), Subject: idv.MaskedSubject{Name: c.mask}}
	if err := s.AddConsent(t.Context(), r, store.DataKey{Wrapped: c.wrapped, New: true}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(t.Context(), store.Key{}, v); err != nil {
		t.Fatal(err)
	}
}

// left counts the marks of a person in the files of a database.
func (c canary) left(t testing.TB, path string) (n int) {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) < 2 {
		t.Fatalf("files %v, %v", names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range c.marks() {
			if found := bytes.Count(content, mark); found > 0 {
				t.Logf("%s: %d of %.12s", filepath.Base(name), found, mark)
				n += found
			}
		}
	}
	return n
}

// TestErasedBytesAreGone keeps people, so many that pages are split and bytes are moved
// about, and looks for some of them in the files: before an erasure each is there, after
// it nowhere. TEST_PEOPLE sets how many are kept.
func TestErasedBytesAreGone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer func() { closeStore(t, s) }()
	people := fromEnv(t, "TEST_PEOPLE", shortOr(200, 600))
	done := make(chan bool)
	for w := range 8 {
		go func() {
			for n := w; n < people; n += 8 {
				canaryOf(n+1).keep(t, s, n+1)
			}
			done <- true
		}()
	}
	for range 8 {
		<-done
	}
	for n := 1; n <= people; n += people / 20 {
		c := canaryOf(n)
		if c.left(t, path) == 0 {
			t.Fatalf("person %d is not in the files before the erasure", n)
		}
		tokens := []idv.SubjectToken{c.token}
		e, err := s.Erase(t.Context(), "t", tokens, fmt.Sprint("e", n))
		if err != nil || e.Consents != 1 || e.Verifications != 1 || e.Keys != 1 {
			t.Fatalf("erased %+v, %v", e, err)
		}
		if left := c.left(t, path); left != 0 {
			t.Errorf("%d marks of person %d are left in the files", left, n)
		}
		if list, _, err := s.Verifications(t.Context(), "t", tokens, ledger.Page{}); err != nil || len(list) != 0 {
			t.Errorf("%d verifications of person %d, %v", len(list), n, err)
		}
	}
}

// TestCrashBeforeCleaning takes the files as they are when the erasure is durable and
// nothing was cleaned: opening them cleans.
func TestCrashBeforeCleaning(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	c := canaryOf(1)
	c.keep(t, s, 1)
	var dead string
	failAt(s, func(stage string) error {
		if stage == "committed" {
			dead = copyOf(t, path)
		}
		return nil
	})
	if _, err := s.Erase(t.Context(), "t", []idv.SubjectToken{c.token}, "e"); err != nil {
		t.Fatal(err)
	}
	s.writer.fail.Store(nil)
	closeStore(t, s)
	if c.left(t, dead) == 0 {
		t.Fatal("nothing was left to clean")
	}
	s = openFile(t, dead)
	defer closeStore(t, s)
	if left := c.left(t, dead); left != 0 {
		t.Errorf("%d marks are left after a restart", left)
	}
}

// TestErasureThatWasCutOffIsCleanedLater: the caller leaves while the erasure becomes durable,
// so nothing is cleaned then; the next Recover removes the bytes, also those that only a
// rebuild removes.
func TestErasureThatWasCutOffIsCleanedLater(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	c := canaryOf(1)
	c.keep(t, s, 1)
	ctx, leave := context.WithCancel(t.Context())
	goOn := hangAt(s, "commit", leave)
	defer goOn()
	if _, err := s.Erase(ctx, "t", []idv.SubjectToken{c.token}, "e"); !mayBeDurable(err) {
		t.Fatalf("Erase: %v, want that it was cut off", err)
	}
	goOn()
	settled(t, s)
	if c.left(t, path) == 0 {
		t.Fatal("nothing was left to clean")
	}
	if remains := s.dirt.remains; len(remains) != 2 { // the token and the wrapped key
		t.Errorf("%d texts are to be removed, want 2", len(remains))
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := c.left(t, path); left != 0 {
		t.Errorf("%d marks are left after Recover", left)
	}
}

// TestPruningThatFailsIsCleanedLater: what was deleted before the failure is removed from
// the files by the next Recover.
func TestPruningThatFailsIsCleanedLater(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	settle(s)
	ctx, leave := context.WithCancel(t.Context())
	begun := 0
	failAt(s, func(stage string) error {
		if stage == "begin" {
			if begun++; begun == 2 { // the first reads the time, the second deletes
				leave()
				<-ctx.Done()
				return errors.New("the disk is full")
			}
		}
		return nil
	})
	if _, err := s.Prune(ctx, store.Retention{Verifications: time.Hour, Uncalled: time.Hour}); err == nil {
		t.Fatal("pruning did not fail")
	}
	s.writer.fail.Store(nil)
	if _, unclean := s.dirt.take(); !unclean {
		t.Error("nothing is to be cleaned after a pruning that failed")
	}
}

// TestReaderHoldsUpCleaning erases while a reader uses the old pages: the
// erasure stands, and the next Recover cleans.
func TestReaderHoldsUpCleaning(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	c := canaryOf(1)
	c.keep(t, s, 1)
	reads := s.backend.(*lite).reads
	reads.SetMaxOpenConns(2)
	reader, err := reads.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer discard(reader)
	if _, err := reads.ExecContext(t.Context(), "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"BEGIN", "SELECT count(*) FROM consents"} {
		if _, err := reader.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := s.Erase(t.Context(), "t", []idv.SubjectToken{c.token}, "e"); err != nil || e.Keys != 1 {
		t.Fatalf("erased %+v, %v", e, err)
	}
	if c.left(t, path) == 0 {
		t.Fatal("the reader held nothing up")
	}
	if _, err := reader.ExecContext(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := c.left(t, path); left != 0 {
		t.Errorf("%d marks are left after the reader has gone", left)
	}
}

// TestLeftoversRebuildTheFile has bytes that must not be there: the database is built
// anew, which leaves no free page. Without such bytes it is not.
func TestLeftoversRebuildTheFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	db, err := openDB(path, pragmas)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, sql := range []string{
		"CREATE TABLE junk (x)", "INSERT INTO junk SELECT zeroblob(4000) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8))", "DELETE FROM junk",
		"INSERT INTO junk VALUES ('what must not be there')",
	} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		remains string
		want    bool // that pages are free after it
	}{{"what is nowhere", true}, {"what must not be there", false}} {
		s.dirt.add([]byte(test.remains))
		s.clean(t.Context())
		var free int
		if err := db.QueryRowContext(t.Context(), "PRAGMA freelist_count").Scan(&free); err != nil || free > 0 != test.want || s.dirt.unclean {
			t.Errorf("%s: %d pages are free, unclean %v, %v", test.remains, free, s.dirt.unclean, err)
		}
	}
}
