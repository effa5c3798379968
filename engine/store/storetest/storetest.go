// Package storetest tests whether a store fulfils the contract of package store. The
// contract is a table of rules, each with a sentence that states it; a rule that fails
// prints its sentence. [Run] runs all of them.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

type rule struct {
	says string
	test func(context.Context, store.Store) error
}

func rules() []timed {
	all := append(clocks(), recoveries()...)
	for _, part := range [][]rule{results(), keys(), calls(), lots(), money(), accounts(), consents(), drafts(), gate(), subjects(), afterwards(), pruning(), counters(), apiKeys(), calendar(), gateFacts(), operations(), finding(), outboxes(), tenants(), texts(), performance()} {
		for _, r := range part {
			all = append(all, timed{r.says, func(ctx context.Context, s store.Store, _ *Clock) error { return r.test(ctx, s) }})
		}
	}
	return all
}

// Run runs every rule of the contract in a subtest. The rules run in parallel, and open
// returns a new, empty store for each, which reads the time from the clock.
func Run(t *testing.T, open func(t *testing.T, c *Clock) store.Store) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.says, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := open(t, c)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}()
			if err := errors.Join(c.Pass(0), observe(t.Context(), s), c.Pass(store.SettleTime)); err != nil {
				t.Fatalf("starting the clock: %v", err)
			}
			if err := r.test(t.Context(), s, c); err != nil {
				t.Errorf("rule failed: %s\n%v", r.says, err)
			}
			if err := storemodel.Audit(t.Context(), s); err != nil {
				t.Errorf("the ledger is corrupt: %v", err)
			}
		})
	}
}

// first runs steps until one fails.
func first(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func want(got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("got error %w, want %w", got, want)
	}
	return nil
}
