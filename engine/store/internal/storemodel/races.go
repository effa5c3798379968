package storemodel

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// Racer is the part of a store, or of several nodes of one, that Race uses.
type Racer interface {
	store.Calls
	Lots(ctx context.Context, provider string) ([]ledger.Balance, error)
}

// Race lets workers hold and settle calls until a lot of provider p is used up, which has
// units available. It returns an error if more units were held or posted, or a unit was
// lost. Every third call is not charged, every seventh unknown. name distinguishes the
// attempts of several races.
func Race(ctx context.Context, s Racer, id string, units int64, workers int, name string) error {
	var wg sync.WaitGroup
	faults := make(chan error, workers)
	for w := range workers {
		wg.Go(func() {
			if err := drain(ctx, s, name+strconv.Itoa(w)); err != nil {
				faults <- err
			}
		})
	}
	wg.Wait()
	select {
	case err := <-faults:
		return err
	default:
	}
	list, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.ID == id && (l.Available != 0 || l.Held != 0 || l.Posted+l.Unknown != units) {
			return fmt.Errorf("of %d units: %+v", units, l)
		}
	}
	return Audit(ctx, s)
}

// drain calls until the lot is used up and no other worker can return a unit.
func drain(ctx context.Context, s store.Calls, v string) error {
	for n, refused := 1, 0; refused < 3; n++ {
		charge := idv.Charged
		switch {
		case n%3 == 0 && n < 30:
			charge = idv.NotCharged
		case n%7 == 0:
			charge = idv.ChargeUnknown
		}
		_, err := Hold(ctx, s, v, n, charge)
		switch {
		case idv.FailureOf(err) == idv.QuotaExhausted:
			refused++
		case err != nil:
			return err
		}
	}
	return nil
}

// CountRace lets 64 workers, spread over the nodes of a store, count twenty hits each on a
// counter with a limit of a thousand. Each hit also counts on a counter without a limit and
// a member on a third. It returns an error unless exactly a thousand were counted.
func CountRace(ctx context.Context, tenant idv.Tenant, nodes ...policy.Counters) error {
	const workers, each, most = 64, 20, 1000
	var mu sync.Mutex
	seen, over := map[int]bool{}, 0
	var fault error
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				hits := []policy.Hit{Hit(1, 0, most), Hit(2, 0, 0), Hit(3, w*each+n+1, 0)}
				got, err := nodes[w%len(nodes)].Count(ctx, tenant, hits)
				mu.Lock()
				switch {
				case err != nil:
					fault = err
				case got.Over == 0:
					over++
				case seen[got.Totals[0]]:
					fault = fmt.Errorf("%d was counted twice", got.Totals[0])
				default:
					seen[got.Totals[0]] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if fault != nil || len(seen) != most || over != workers*each-most {
		return fmt.Errorf("%d counted and %d over, %w; want exactly %d", len(seen), over, fault, most)
	}
	got, err := nodes[0].Count(ctx, tenant, []policy.Hit{Hit(2, 0, 0), Hit(3, workers*each+1, 0)})
	if err != nil || got.Totals[0] != most+1 || got.Totals[1] != most+1 {
		return fmt.Errorf("the others count %v, %w; want %d", got.Totals, err, most+1)
	}
	return nil
}

// Gate is the part of a store that WithdrawRace uses.
type Gate interface {
	store.Calls
	store.Consents
}

// WithdrawRace lets sixteen workers hold calls with a consent at one node while another node,
// or the same, withdraws it. It returns an error if a hold that began after the withdrawal
// had returned succeeded. id distinguishes the attempts of several races.
func WithdrawRace(ctx context.Context, at, other Gate, id string) error {
	r := Draft(id)
	r.MaxUses = 1_000_000
	if err := Given(ctx, other, r); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	var withdrawn atomic.Bool
	var held, after atomic.Int64
	begun := make(chan struct{}, 16)
	var wg sync.WaitGroup
	for w := range cap(begun) {
		wg.Go(func() {
			for n := 0; ; n++ {
				over := withdrawn.Load()
				_, err := at.Hold(ctx, Resting(fmt.Sprintf("%s-%d-%d", id, w, n), 1, id))
				if n == 0 {
					begun <- struct{}{}
				}
				switch {
				case err == nil && over:
					after.Add(1)
				case err == nil:
					held.Add(1)
				}
				if over {
					return
				}
			}
		})
	}
	for range cap(begun) {
		<-begun
	}
	_, err := other.ChangeConsent(ctx, "t1", id, Withdraw())
	withdrawn.Store(true)
	wg.Wait()
	if err != nil || after.Load() != 0 || held.Load() == 0 {
		return fmt.Errorf("%d holds before and %d after the withdrawal, %w", held.Load(), after.Load(), err)
	}
	got, err := at.Consent(ctx, "t1", id)
	if err != nil || int64(got.Used) != held.Load() {
		return fmt.Errorf("%d uses for %d holds, %w", got.Used, held.Load(), err)
	}
	return nil
}
