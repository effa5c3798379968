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

func rules() []rule {
	var all []rule
	for _, part := range [][]rule{results(), keys(), calls(), lots(), accounts(), recoveries(), consents(), drafts(), gate(), subjects(), afterwards(), pruning(), counters(), tenants()} {
		all = append(all, part...)
	}
	return all
}

// Run runs every rule of the contract in a subtest. The rules run in parallel, and open
// returns a new, empty store for each.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.says, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}()
			if err := r.test(t.Context(), s); err != nil {
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
