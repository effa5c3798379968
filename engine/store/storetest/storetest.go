// Package storetest holds every store to its contract. The contract is a table of
// sentences; a broken rule prints its sentence.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

type rule struct {
	says string
	test func(context.Context, store.Store) error
}

func rules() []rule {
	return []rule{
		{"a finished verification is found by its tenant and id", finished},
		{"a verification of another tenant is not found", foreign},
		{"a verification is stored once", storedOnce},
		{"an attempt is intended once and settled once", settledOnce},
		{"an outcome without an intent is refused", outcomeAlone},
		{"a claimed key is in progress until its request ends", inProgress},
		{"an ended request is replayed for the same fingerprint", replayed},
		{"a key is refused for another fingerprint", reused},
		{"a key of one tenant is free for another", keyPerTenant},
		{"a released key is free again", released},
		{"an expired key is free again", expired},
		{"of a hundred claims at once exactly one gets the key", race},
	}
}

// Run runs the contract; open makes an empty store for each rule.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.says, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}()
			if err := r.test(t.Context(), s); err != nil {
				t.Errorf("the contract says: %s\nseen: %v", r.says, err)
			}
		})
	}
}

func verification(id string) idv.Verification {
	return idv.Verification{ID: id, Tenant: "t1", Check: idv.CheckIDName, Verdict: idv.Match, CreatedAt: time.Unix(1_700_000_000, 0).UTC()}
}

func finished(ctx context.Context, s store.Store) error {
	if err := s.Finish(ctx, store.Key{}, verification("v1")); err != nil {
		return err
	}
	got, err := s.Verification(ctx, "t1", "v1")
	if err != nil {
		return err
	}
	if got.ID != "v1" || got.Verdict != idv.Match || !got.CreatedAt.Equal(verification("").CreatedAt) {
		return fmt.Errorf("got %+v", got)
	}
	return nil
}

func foreign(ctx context.Context, s store.Store) error {
	if err := s.Finish(ctx, store.Key{}, verification("v1")); err != nil {
		return err
	}
	_, err := s.Verification(ctx, "t2", "v1")
	return want(err, store.ErrNotFound)
}

func storedOnce(ctx context.Context, s store.Store) error {
	if err := s.Finish(ctx, store.Key{}, verification("v1")); err != nil {
		return err
	}
	if s.Finish(ctx, store.Key{}, verification("v1")) == nil {
		return errors.New("a second Finish was taken")
	}
	return nil
}

func settledOnce(ctx context.Context, s store.Store) error {
	a := idv.Attempt{ID: "v1-1", Provider: "p"}
	if err := s.Intend(ctx, "v1", a); err != nil {
		return err
	}
	if s.Intend(ctx, "v1", a) == nil {
		return errors.New("a second Intend was taken")
	}
	if err := s.Settle(ctx, "v1", a); err != nil {
		return err
	}
	if s.Settle(ctx, "v1", a) == nil {
		return errors.New("a second Settle was taken")
	}
	return nil
}

func outcomeAlone(ctx context.Context, s store.Store) error {
	if s.Settle(ctx, "v1", idv.Attempt{ID: "v1-1"}) == nil {
		return errors.New("it was taken")
	}
	return nil
}

func k1() store.Key { return store.Key{Tenant: "t1", Key: "k1"} }

func claim(ctx context.Context, s store.Store, k store.Key, print byte, life time.Duration) (bool, error) {
	_, done, err := s.Claim(ctx, k, store.Fingerprint{print}, time.Now().Add(life))
	return done, err
}

func inProgress(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 1, time.Hour)
	return want(err, store.ErrInProgress)
}

func replayed(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := s.Finish(ctx, k1(), verification("v1")); err != nil {
		return err
	}
	earlier, done, err := s.Claim(ctx, k1(), store.Fingerprint{1}, time.Now().Add(time.Hour))
	if err != nil || !done || earlier.ID != "v1" {
		return fmt.Errorf("got %q, done %v, %v", earlier.ID, done, err)
	}
	return nil
}

func reused(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 2, time.Hour)
	return want(err, store.ErrKeyReused)
}

func keyPerTenant(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	_, err := claim(ctx, s, store.Key{Tenant: "t2", Key: "k1"}, 2, time.Hour)
	return err
}

func released(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if err := s.Release(ctx, k1()); err != nil {
		return err
	}
	_, err := claim(ctx, s, k1(), 2, time.Hour)
	return err
}

func expired(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, -time.Second); err != nil {
		return err
	}
	if err := s.Finish(ctx, k1(), verification("v1")); err != nil {
		return err
	}
	done, err := claim(ctx, s, k1(), 2, time.Hour)
	if done {
		return errors.New("the expired result was replayed")
	}
	return err
}

func race(ctx context.Context, s store.Store) error {
	var won, busy int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, err := claim(ctx, s, k1(), 1, time.Hour)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, store.ErrInProgress):
				busy++
			}
		})
	}
	wg.Wait()
	if won != 1 || busy != 99 {
		return fmt.Errorf("%d got the key, %d were told that it is in progress", won, busy)
	}
	return nil
}

func want(got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("got error %v, want %v", got, want)
	}
	return nil
}
