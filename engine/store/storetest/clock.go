package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

// Clock is the clock of a store under test. It differs from that of the machine by what
// rules let pass or jump.
type Clock struct {
	// Server sets by how much the clock of the store's server differs from that of the
	// machine. The function that opens the store sets it if the store reads such a clock.
	Server func(ahead time.Duration) error

	mu            sync.Mutex
	start         time.Time
	ahead, steady time.Duration
}

// newClock returns a clock that is behind by the time that run lets pass first.
func newClock() *Clock { return &Clock{start: time.Now(), ahead: -store.SettleTime} }

// Checked returns the clock for the options of a store.
func (c *Clock) Checked() *store.Clock {
	return store.NewClock(func() time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		return time.Now().Add(c.ahead)
	}, func() time.Duration {
		c.mu.Lock()
		defer c.mu.Unlock()
		return time.Since(c.start) + c.steady
	})
}

// Pass lets time pass for the store.
func (c *Clock) Pass(d time.Duration) error { return c.move(d, d) }

// Jump changes the time of day, while no time passes.
func (c *Clock) Jump(d time.Duration) error { return c.move(d, 0) }

func (c *Clock) move(ahead, steady time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += ahead
	c.steady += steady
	if c.Server == nil {
		return nil
	}
	return c.Server(c.ahead)
}

// timed is a rule that moves the clock of the store.
type timed struct {
	says string
	test func(context.Context, store.Store, *Clock) error
}

func clocks() []timed {
	return []timed{
		{"a hold after the deadline of its call is refused and reserves nothing", holdOverdue},
		{"a hold is refused after its request lost its key, also to another request", holdWithoutKey},
		{"a hold is refused after the deadline of its request", holdAfterRequest},
		{"a claim and a hold last as long as on the caller's clock, whatever the clocks show", otherClock},
		{"a request frees the key that it has, and not that of another request", releaseOwn},
		{"a clock that jumps forward ends no running request", jumpForward},
		{"a clock that is a day ahead for some minutes deletes no key and no record", glitch},
		{"a clock that stays ahead is followed once it has run evenly", jumpConfirmed},
		{"a clock that was just started deletes nothing", freshClock},
		{"the key of a running request never expires", runningKey},
		{"a reader that follows the final entries receives each once, whatever the clock does", followed},
		{"expired counters are deleted, and nothing else without an age", prunedCounters},
	}
}

// overdue expects a hold to be refused and the ledger to be empty.
func overdue(ctx context.Context, s store.Store, i idv.Intent) error {
	return refused(ctx, s, i, store.ErrOverdue)
}

func holdOverdue(ctx context.Context, s store.Store, _ *Clock) error {
	i := storemodel.Intent("v1", 1, time.Now())
	i.Deadline = time.Now()
	return overdue(ctx, s, i)
}

// keyed returns the first call of a verification that has key k1.
func keyed(v string) idv.Intent {
	i := storemodel.Intent(v, 1, time.Now().UTC().Truncate(time.Microsecond))
	i.Key = k1().Key
	return i
}

func holdWithoutKey(ctx context.Context, s store.Store, c *Clock) error {
	if err := first(
		func() error { return overdue(ctx, s, keyed("v1")) },
		func() error { return dead(ctx, s) },
		func() error { return overdue(ctx, s, keyed("v2")) },
	); err != nil {
		return err
	}
	if r, _, _, err := afterDeath(ctx, s, c); err != nil || len(r.Freed) != 1 {
		return fmt.Errorf("recovered %+v, %w", r, err)
	}
	// The request of v1 was only frozen. Its key is that of v2 now.
	if err := overdue(ctx, s, keyed("v1")); err != nil {
		return err
	}
	_, err := s.Hold(ctx, keyed("v2"))
	return err
}

func holdAfterRequest(ctx context.Context, s store.Store, c *Clock) error {
	return first(
		func() error { return dead(ctx, s) },
		func() error { return c.Pass(storemodel.CallTime + time.Second) },
		func() error { return overdue(ctx, s, keyed("v1")) },
	)
}

func otherClock(ctx context.Context, s store.Store, c *Clock) error {
	for _, ahead := range []time.Duration{2 * time.Hour, -4 * time.Hour} {
		if err := errors.Join(c.Jump(ahead), observe(ctx, s), c.Pass(store.SettleTime), observe(ctx, s)); err != nil {
			return err
		}
		v := fmt.Sprintf("v%d", int(ahead.Hours()))
		key := store.Key{Tenant: "t1", Key: v}
		i := storemodel.Intent(v, 1, time.Now())
		i.Key = v
		claim := store.Claim{Key: key, Verification: v, Deadline: i.Deadline, Expiry: time.Now().Add(time.Hour)}
		if _, _, err := s.Claim(ctx, claim); err != nil {
			return err
		}
		if _, err := s.Hold(ctx, i); err != nil {
			return err
		}
		if err := c.Pass(storemodel.CallTime + store.Margin - 5*time.Second); err != nil {
			return err
		}
		if r, err := s.Recover(ctx); err != nil || !r.Empty() {
			return fmt.Errorf("before the end recovered %+v, %w", r, err)
		}
		if err := c.Pass(10 * time.Second); err != nil {
			return err
		}
		if r, err := s.Recover(ctx); err != nil || len(r.Unknown) != 1 || len(r.Concluded) != 1 {
			return fmt.Errorf("after the end recovered %+v, %w", r, err)
		}
	}
	return nil
}

func releaseOwn(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	if _, _, _, err := afterDeath(ctx, s, c); err != nil {
		return err
	}
	return first(
		func() error { return want(s.Release(ctx, k1(), "v1"), store.ErrOverdue) },
		func() error { return s.Release(ctx, k1(), "v2") },
		func() error { return want(s.Release(ctx, k1(), "v2"), store.ErrOverdue) },
	)
}

func jumpForward(ctx context.Context, s store.Store, c *Clock) error {
	if err := dead(ctx, s); err != nil {
		return err
	}
	for n, ahead := range []time.Duration{5 * time.Minute, 25 * time.Hour} {
		if err := c.Jump(ahead); err != nil {
			return err
		}
		if r, err := s.Recover(ctx); err != nil || !r.Empty() {
			return fmt.Errorf("after a jump of %v recovered %+v, %w", ahead, r, err)
		}
		i := keyed("v1")
		i.Attempt = fmt.Sprintf("v1-%d", n+1)
		if _, err := s.Hold(ctx, i); err != nil {
			return fmt.Errorf("after a jump of %v: %w", ahead, err)
		}
	}
	return nil
}

// completed completes v1 under key k1, with a package that expires in a week.
func completed(ctx context.Context, s store.Store) error {
	l := lot("l1", 5)
	l.Expires = time.Now().Add(20 * time.Hour).UTC().Truncate(time.Microsecond)
	if err := s.AddLot(ctx, l); err != nil {
		return err
	}
	if _, err := claim(ctx, s, k1(), 1, 24*time.Hour); err != nil {
		return err
	}
	v := storemodel.Verification()
	v.CreatedAt = time.Now()
	return s.Complete(ctx, k1(), v)
}

// sweep recovers, prunes what is older than a day, and repeats the request of v1. It returns
// the number of units and records that were deleted, and whether the result was replayed.
func sweep(ctx context.Context, s store.Store) (gone int, replays bool, err error) {
	r, err := s.Recover(ctx)
	if err != nil {
		return 0, false, err
	}
	p, err := s.Prune(ctx, store.Retention{Verifications: 24 * time.Hour, Consents: 24 * time.Hour})
	if err != nil {
		return 0, false, err
	}
	replays, err = claim(ctx, s, k1(), 1, time.Hour)
	return int(r.Expired) + p.Verifications, replays, err
}

func glitch(ctx context.Context, s store.Store, c *Clock) error {
	if err := errors.Join(completed(ctx, s), c.Jump(25*time.Hour)); err != nil {
		return err
	}
	for range 3 {
		gone, replays, err := sweep(ctx, s)
		if err != nil || gone != 0 || !replays {
			return fmt.Errorf("deleted %d, replayed %v, %w", gone, replays, err)
		}
		if err := c.Pass(time.Minute); err != nil {
			return err
		}
	}
	if err := c.Jump(-25 * time.Hour); err != nil {
		return err
	}
	if gone, replays, err := sweep(ctx, s); err != nil || gone != 0 || !replays {
		return fmt.Errorf("after the jump deleted %d, replayed %v, %w", gone, replays, err)
	}
	return nil
}

func jumpConfirmed(ctx context.Context, s store.Store, c *Clock) error {
	err := errors.Join(completed(ctx, s), c.Jump(25*time.Hour), observe(ctx, s), c.Pass(store.SettleTime))
	if err != nil {
		return err
	}
	if gone, replays, err := sweep(ctx, s); err != nil || gone != 6 || replays {
		return fmt.Errorf("deleted %d, want 5 units and a verification; replayed %v, %w", gone, replays, err)
	}
	return nil
}

// observe lets the store read its clock.
func observe(ctx context.Context, s store.Store) error {
	_, err := s.Prune(ctx, store.Retention{})
	return err
}

func freshClock(ctx context.Context, s store.Store, c *Clock) error {
	// Two jumps in turn keep a clock from being confirmed, as a start does.
	for range 3 {
		if err := errors.Join(c.Jump(2*time.Hour), observe(ctx, s), c.Pass(store.SettleTime-time.Second)); err != nil {
			return err
		}
	}
	// The key and the package are over, as far as this clock can tell.
	l := lot("l1", 5)
	l.Expires = time.Now().Add(time.Second).UTC()
	if _, err := claim(ctx, s, k1(), 1, time.Second); err != nil {
		return err
	}
	if err := errors.Join(s.AddLot(ctx, l), s.Complete(ctx, k1(), storemodel.Verification()), c.Jump(2*time.Hour), c.Pass(time.Minute)); err != nil {
		return err
	}
	if gone, replays, err := sweep(ctx, s); err != nil || gone != 0 || !replays {
		return fmt.Errorf("deleted %d, replayed %v, %w", gone, replays, err)
	}
	return nil
}

func runningKey(ctx context.Context, s store.Store, c *Clock) error {
	now := time.Now()
	err := errors.Join(func() error {
		_, _, err := s.Claim(ctx, store.Claim{Key: k1(), Print: store.Fingerprint{1}, Verification: "v1", Deadline: now.Add(time.Hour), Expiry: now.Add(time.Second)})
		return err
	}(), c.Pass(30*time.Minute))
	if err != nil {
		return err
	}
	if _, err := s.Recover(ctx); err != nil {
		return err
	}
	_, err = claim(ctx, s, k1(), 1, time.Hour)
	list, _, err2 := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err2 != nil || len(list) != 0 {
		return fmt.Errorf("%d holds, %w", len(list), err2)
	}
	return want(err, store.ErrInProgress)
}
