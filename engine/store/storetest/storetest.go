// Package storetest holds every store to its contract. The contract is a table of
// sentences; a broken rule prints its sentence.
package storetest

import (
	"context"
	"errors"
	"fmt"
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
	var all []rule
	for _, part := range [][]rule{results(), keys(), calls(), lots(), accounts(), recoveries(), consents(), drafts(), gate(), subjects(), afterwards(), pruning(), counters(), tenants()} {
		all = append(all, part...)
	}
	return all
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
			if err := audit(t.Context(), s); err != nil {
				t.Errorf("the book after it: %v", err)
			}
		})
	}
}

// audit tests the equation of every lot.
func audit(ctx context.Context, s Racer) error {
	list, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range list {
		if err := l.Check(); err != nil {
			return err
		}
	}
	return nil
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

// then is a moment long ago, to the microsecond, as every store keeps it.
func then() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC) }

func yuan(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: idv.CNY} }

// intent is the n-th call of a verification, at provider p, long past its deadline.
func intent(verification string, n int, at time.Time) idv.Intent {
	return idv.Intent{
		Attempt: fmt.Sprintf("%s-%d", verification, n), Verification: verification, Provider: "p", Check: idv.CheckIDName,
		Tenant: "t1", App: "app", Purpose: "test", Basis: "contract", At: at, Deadline: at.Add(3 * time.Second), Price: yuan(69_000),
	}
}

// outcome is how a held call went.
func outcome(i idv.Intent, h idv.Reservation, c idv.Charge) idv.Attempt {
	return idv.Attempt{
		ID: i.Attempt, Provider: i.Provider, Check: i.Check, Verdict: idv.Match, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: c,
		VendorCode: "01", VendorRef: "ref", StartedAt: i.At, Duration: 1234567 * time.Nanosecond, Lot: h.Lot, Price: h.Price,
	}
}
