package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
)

// probedStore answers a check of readiness with the state of the check's context.
type probedStore struct {
	store.Store
	hangs  bool
	probes int
}

func (s *probedStore) Ready(ctx context.Context) error {
	s.probes++
	if s.hangs {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (s *probedStore) OpenGap(context.Context) (store.Gap, bool, error) {
	return store.Gap{}, false, nil
}

// TestCallerThatHangsUpDoesNotSpoilReadiness: its canceled context is not the answer for
// the next caller, who gets the cached one.
func TestCallerThatHangsUpDoesNotSpoilReadiness(t *testing.T) {
	t.Parallel()
	s := &probedStore{}
	c := readinessCache{store: s}
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	_ = c.Ready(gone)
	if err := c.Ready(t.Context()); err != nil || s.probes != 1 {
		t.Errorf("%v after %d checks, want nil after 1", err, s.probes)
	}
}

// TestReadinessHasItsOwnDeadline: a store that hangs makes a probe wait no longer than
// that, whatever the caller's context allows.
func TestReadinessHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := readinessCache{store: &probedStore{hangs: true}}
		began := time.Now()
		if err := c.Ready(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != readinessTimeout {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestAlertStateFollowsNoLink: the state is written where it belongs, whatever links are
// planted beside it, and is neither read from nor written to a file that others can read.
func TestAlertStateFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "heyan.db.alerts")
	for _, link := range []string{path, path + ".new"} {
		if err := errors.Join(os.WriteFile(victim, []byte("{}"), 0o600), os.Symlink(victim, link)); err != nil {
			t.Fatal(err)
		}
	}
	state := alertState{path}
	if err := state.save(t.Context(), alert.State{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the state: %v, %v; want a private file", info.Mode(), err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "{}" {
		t.Errorf("the target of the links: %q, %v; want it unchanged", text, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := state.load(t.Context())
	for what, err := range map[string]error{"load": err, "save": state.save(t.Context(), alert.State{})} {
		if err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%s of an open file: %v", what, err)
		}
	}
}
