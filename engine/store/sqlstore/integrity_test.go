package sqlstore

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
)

// damagedPage returns a database of which a page of stored verifications is damaged.
func damagedPage(t *testing.T) (path string) {
	t.Helper()
	path = newPath(t)
	s := openFile(t, path)
	for n := range 300 {
		v := verificationOf(call(n))
		v.Erased = v.ID // so that data has it
		if err := s.Complete(t.Context(), store.Key{}, v); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	at := bytes.Index(text, []byte(`"Erased":"v000150"`))
	if at < 0 {
		t.Fatal("no page has the verification")
	}
	start := at - at%page
	for i := range 200 {
		text[start+i] = 0xa5
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// logged is a log for tests.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps the log.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func openLogged(t *testing.T, path string) (*Store, *logged) {
	t.Helper()
	log := &logged{}
	s, err := OpenSQLite(t.Context(), path, Options{Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// TestUncleanStopIsFollowedByACheck: the marker or the WAL of the last owner is still
// there. A damaged database is not ready, says what to do, and is checked again at the next
// start.
func TestUncleanStopIsFollowedByACheck(t *testing.T) {
	t.Parallel()
	path := damagedPage(t)
	if err := os.WriteFile(path+runningSuffix, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for start := range 2 {
		s, log := openLogged(t, path)
		if s.checked == nil {
			t.Fatalf("start %d: no check after an unclean stop", start)
		}
		<-s.checked
		if err := s.Ready(t.Context()); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("start %d: Ready: %v, want ErrDamaged", start, err)
		}
		closeStore(t, s)
		if text := log.text.String(); strings.Count(text, "restore the last backup") != 1 {
			t.Errorf("start %d: the log does not say once what to do: %s", start, text)
		}
	}
}

// TestDamageIsNoticedWhenItIsRead: without an unclean stop there is no check.
func TestDamageIsNoticedWhenItIsRead(t *testing.T) {
	t.Parallel()
	s, _ := openLogged(t, damagedPage(t))
	defer closeStore(t, s)
	if s.checked != nil {
		t.Error("a check after a clean stop")
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready before the damage is read: %v", err)
	}
	if _, err := s.Verification(t.Context(), "t", "v000150"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Verification: %v, want ErrDamaged", err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Ready: %v, want ErrDamaged", err)
	}
}

func TestUncleanStopIsDetected(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	settled(t, s)
	killed := copyOf(t, path) // with its WAL and without its marker
	closeStore(t, s)
	for _, test := range []struct {
		name, path string
		want       bool
	}{{"closed", path, false}, {"WAL left", killed, true}, {"closed after the check", killed, false}} {
		s := openFile(t, test.path)
		if got := s.checked != nil; got != test.want {
			t.Errorf("%s: unclean %v, want %v", test.name, got, test.want)
		}
		if s.checked != nil {
			<-s.checked
		}
		if _, err := os.Stat(test.path + runningSuffix); err != nil {
			t.Errorf("%s: no marker while the database is open: %v", test.name, err)
		}
		closeStore(t, s)
		if _, err := os.Stat(test.path + runningSuffix); !os.IsNotExist(err) {
			t.Errorf("%s: the marker after the close: %v", test.name, err)
		}
	}
}
