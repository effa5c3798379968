package assemble

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// part is what an app and its successors share: a store, the process of a plugin, or the
// connections to a vendor. The last one that releases it ends it.
type part struct {
	users atomic.Int32
	end   func(context.Context) error
}

func newPart(end func(context.Context) error) *part {
	p := &part{end: end}
	p.users.Store(1)
	return p
}

// share adds a user. One of the others must not have released the part yet.
func (p *part) share() *part {
	p.users.Add(1)
	return p
}

func (p *part) release(ctx context.Context) error {
	if p == nil || p.users.Add(-1) > 0 {
		return nil
	}
	return p.end(ctx)
}

// lasting is what an app and all its successors share.
type lasting struct {
	store          *part // nil until it is open
	fingerprintKey []byte
	people         people
	signer         *receipt.Signer
	secrets        map[string]idv.Sensitive // behind references, by their paths, as they were at the start

	renewing sync.Mutex // held while lines are renewed, handed over or closed
}

// makeKeys reads the keys that last as long as the process, or makes them.
func (a *App) makeKeys(o Options) error {
	var faults [3]error
	a.lasting.fingerprintKey, faults[0] = fingerprintKey(o)
	a.lasting.people, faults[1] = peopleOf(o)
	a.Keyring = a.lasting.people.ring
	a.lasting.signer, faults[2] = signer(o)
	return errors.Join(faults[:]...)
}

// openStore opens the store and checks that the keys are those of its people.
func (a *App) openStore(ctx context.Context, o Options) (err error) {
	if a.Store, err = OpenStore(ctx, o); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	a.lasting.store = newPart(func(context.Context) error { return a.Store.Close() })
	o.made.keep()
	return a.lasting.people.check(ctx, a.Store)
}

// release releases what the engine was built from, once. No call is in flight any more.
func (a *App) release(ctx context.Context) error {
	if a.released.Swap(true) {
		return nil
	}
	a.lasting.renewing.Lock()
	for _, l := range a.lines {
		_ = l.part.release(ctx) // which only closes connections
	}
	a.lasting.renewing.Unlock()
	errs := make([]error, len(a.programs))
	var group sync.WaitGroup
	for i, p := range a.programs {
		group.Go(func() { errs[i] = p.part.release(ctx) })
	}
	group.Wait()
	return errors.Join(append(errs, a.lasting.store.release(ctx))...)
}
