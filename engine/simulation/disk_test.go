package simulation

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// disk is the store that all nodes share. What it has committed survives every node. An
// operation takes effect at one instant, its commit; before it the operation is lost if its
// node dies, and after it the node may never hear of it.
type disk struct {
	*memory.Store
	world *world

	mu       sync.Mutex
	faulty   string
	faults   int
	faultEnd time.Time     // when the last fault ended or ends
	starts   int           // of the store; what was not committed before one is lost
	off      time.Duration // of the clock
	jumps    int
	moved    time.Time // when the clock jumped last
}

func newDisk(w *world) *disk {
	d := &disk{Store: memory.New(1 << 17), world: w}
	d.startClock()
	return d
}

// startClock begins the clock of the store anew, as its start does.
func (d *disk) startClock() {
	begin := time.Now()
	clock := store.NewClock(func() time.Time {
		d.mu.Lock()
		defer d.mu.Unlock()
		return time.Now().Add(d.off)
	}, func() time.Duration { return time.Since(begin) })
	clock.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Clock = clock
}

// wrong reports whether the time by which the store decides is wrong, as after a start with a wrong
// clock.
func (d *disk) wrong() bool {
	d.mu.Lock()
	clock := d.Clock
	d.mu.Unlock()
	now, _ := clock.Now()
	return time.Since(now).Abs() > store.Tolerance
}

func (d *disk) begin(fault string, length time.Duration) {
	d.mu.Lock()
	d.faults++
	n := d.faults
	d.faulty = fault
	d.faultEnd = later(d.faultEnd, time.Now().Add(length))
	if fault == "crash" {
		d.starts++
	}
	d.mu.Unlock()
	time.AfterFunc(length, func() {
		if fault == "crash" {
			d.startClock()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.faults == n {
			d.faulty = ""
		}
	})
}

func (d *disk) jump(by, length time.Duration) {
	d.mu.Lock()
	d.jumps++
	n := d.jumps
	d.off, d.moved = by, time.Now()
	d.mu.Unlock()
	time.AfterFunc(length, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.jumps == n {
			d.off, d.moved = 0, time.Now()
		}
	})
}

func (d *disk) fault() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faulty
}

func (d *disk) jumpedSince(t time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.moved.Before(t)
}

// down reports whether the store was started again since an operation began, or is down.
func (d *disk) down(starts int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.starts != starts || d.faulty == "crash"
}

// steadySince reports whether the store has had no fault since an instant.
func (d *disk) steadySince(t time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faultEnd.Before(t)
}

func (d *disk) started() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.starts
}

// access is the store as one node sees it.
type access struct {
	*disk
	node *node
}

// delay is how long half of an operation takes.
func (s *access) delay(a *request) time.Duration {
	d := time.Duration((0.2 + a.ExpFloat64()) * float64(s.world.set.writes))
	if s.fault() == "slow" {
		d *= 400
	}
	return d
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// write runs an operation. If ctx ends first, the operation may still be committed later, as a
// database may do that no longer waits for its client.
func write[T any](ctx context.Context, s *access, do func() (T, error)) (result T, err error) {
	a := requestOf(ctx)
	before, after, coin, begun := s.delay(a), s.delay(a), a.IntN(2) == 0, time.Now()
	fault, starts := s.fault(), s.started()
	defer func() { a.disturbed = a.disturbed || errors.Is(err, store.ErrUnavailable) }()
	if !sleep(ctx, before) {
		if coin && fault != "refuses" {
			time.AfterFunc(before-time.Since(begun), func() { _, _ = commit(s, starts, do) })
		}
		return result, store.ErrUnavailable
	}
	if fault == "refuses" {
		return result, store.ErrUnwritable
	}
	a.writes++
	deadly, first := a.deathAt()
	if deadly == a.writes && first {
		s.world.die(s.node, deathPause)
	}
	result, err = commit(s, starts, do)
	if deadly == a.writes && !first {
		s.world.die(s.node, deathPause)
	}
	if !sleep(ctx, after) || s.node.isDead() || s.down(starts) || fault == "unsure" && coin {
		var none T
		return none, store.ErrUnavailable
	}
	return result, err
}

// commit is the instant at which an operation takes effect, unless its node or the store died.
func commit[T any](s *access, starts int, do func() (T, error)) (result T, err error) {
	if s.node.isDead() || s.down(starts) {
		return result, store.ErrUnavailable
	}
	result, err = do()
	s.world.checkLedger()
	return result, err
}

// read runs an operation that changes nothing.
func read[T any](ctx context.Context, s *access, do func() (T, error)) (result T, err error) {
	a := requestOf(ctx)
	defer func() { a.disturbed = a.disturbed || errors.Is(err, store.ErrUnavailable) }()
	if !sleep(ctx, s.delay(a)) || s.node.isDead() || s.fault() == "crash" {
		return result, store.ErrUnavailable
	}
	return do()
}

// deathPause is how long a node is away that dies at a write.
const deathPause = 7 * time.Second

type nothing struct{}

func (s *access) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	return write(ctx, s, func() (idv.Reservation, error) {
		r, err := s.disk.Hold(context.WithoutCancel(ctx), i)
		if err == nil {
			s.world.held(requestOf(ctx), &i)
		}
		return r, err
	})
}

func (s *access) Settle(ctx context.Context, a idv.Attempt) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.Settle(ctx, a) })
	return err
}

func (s *access) Complete(ctx context.Context, k store.Key, v idv.Verification) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.Complete(ctx, k, v) })
	return err
}

func (s *access) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.CompleteWithCall(ctx, a, k, v) })
	return err
}

func (s *access) UseConsent(ctx context.Context, t idv.Tenant, use idv.ConsentUse) error {
	_, err := write(ctx, s, func() (nothing, error) {
		err := s.disk.UseConsent(ctx, t, use)
		if err == nil {
			s.world.used(requestOf(ctx), &use)
		}
		return nothing{}, err
	})
	return err
}

type claimed struct {
	earlier idv.Verification
	done    bool
}

func (s *access) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	r, err := write(ctx, s, func() (claimed, error) {
		earlier, done, err := s.disk.Claim(ctx, c)
		if err == nil && !done {
			s.world.claimed(&c)
		}
		return claimed{earlier, done}, err
	})
	return r.earlier, r.done, err
}

func (s *access) Release(ctx context.Context, k store.Key, id string) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.Release(ctx, k, id) })
	return err
}

func (s *access) ReleaseUncalled(ctx context.Context, k store.Key, v idv.Verification) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.ReleaseUncalled(ctx, k, v) })
	return err
}

func (s *access) ReturnConsent(ctx context.Context, t idv.Tenant, id string) error {
	_, err := write(ctx, s, func() (nothing, error) { return nothing{}, s.disk.ReturnConsent(ctx, t, id) })
	return err
}

func (s *access) Count(ctx context.Context, t idv.Tenant, hits []policy.Hit) (policy.Counted, error) {
	return write(ctx, s, func() (policy.Counted, error) { return s.disk.Count(ctx, t, hits) })
}

func (s *access) Consent(ctx context.Context, t idv.Tenant, id string) (consent.Record, error) {
	return read(ctx, s, func() (consent.Record, error) { return s.disk.Consent(ctx, t, id) })
}

func (s *access) Lots(ctx context.Context, provider string) ([]ledger.Balance, error) {
	return read(ctx, s, func() ([]ledger.Balance, error) { return s.disk.Lots(ctx, provider) })
}

// agreement is what a person agreed to, as the person knows it.
type agreement struct {
	names     map[string]bool // recipients
	at, until time.Time
	ended     bool
	most      int
	calls     map[string]bool     // verifications for which data may have been sent, or an answer was reused
	holds     map[string]*request // by the verification that reserved a call, or the request for which an answer was reused
	record    string
	person    int
	purpose   string
	doubtful  bool // it was given while the clock of the store was wrong, so its dates are
}

// give records a consent of a person for some of the vendors, and ends earlier ones.
func (w *world) give(i int, names uint64, uses int, first bool) {
	p := &w.people[i]
	var list []string
	a := &agreement{names: map[string]bool{}, most: uses, calls: map[string]bool{}, holds: map[string]*request{}, person: i, purpose: purposeOf(i), doubtful: w.disk.wrong()}
	for v := range w.set.vendors {
		if names>>v&1 == 1 {
			list = append(list, w.set.recipient(v))
			a.names[w.set.recipient(v)] = true
		}
	}
	if len(list) == 0 {
		return
	}
	r := idv.Request{Tenant: tenant, App: "app", Check: idv.CheckIDName, Subject: p.subject, Purpose: a.purpose}
	draft := enginetest.Draft(w.ring, r, list...)
	draft.MaxUses, draft.Valid, draft.DraftedAt = uses, 100*time.Hour, draft.DraftedAt.Add(-time.Minute)
	if !first && names%4 == 0 {
		draft.Valid = time.Hour
	}
	ctx := context.Background()
	err := w.disk.AddConsent(ctx, draft, store.DataKey{}, 0)
	for _, e := range []consent.Event{
		{Kind: consent.Present}, {Kind: consent.Give, Text: draft.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}},
	} {
		time.Sleep(time.Millisecond)
		if err == nil {
			_, err = w.disk.ChangeConsent(ctx, tenant, draft.ID, e)
		}
	}
	if err != nil {
		return // the clock of the store stepped back
	}
	a.at, a.until, a.record = time.Now(), time.Now().Add(draft.Valid), draft.ID
	w.agreed(i, a)
}

func (w *world) withdraw(i int) {
	id := w.consentOf(i)
	if id == "" {
		return
	}
	if _, err := w.disk.ChangeConsent(context.Background(), tenant, id, consent.Event{Kind: consent.Withdraw}); err == nil {
		w.ended(id)
	}
}
