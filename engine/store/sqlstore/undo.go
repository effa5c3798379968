package sqlstore

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// undoHold voids a hold that may have become durable although its caller was told that it
// failed, and made no call. The writer keeps the operation until it is written. If the
// process ends before, Recover marks the hold as unknown.
//
// A use of the consent stays taken: Recover may return it as well, and a use that is
// returned twice would allow a call without a consent.
func (s *Store) undoHold(i idv.Intent) {
	s.later(&operation{
		need: func(n *needs) { add(&n.attempts, i.Attempt) },
		do: func(u *unit) error {
			return u.book.Settle(idv.Attempt{
				ID: i.Attempt, Provider: i.Provider, Check: i.Check, StartedAt: i.At, Failed: true, Failure: idv.Internal,
				Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
			}, u.now)
		},
	})
}

// undoClaim frees the key of a claim that may have become durable although its caller was
// told that it failed. A claim that another request has made meanwhile stays.
func (s *Store) undoClaim(c store.Claim) {
	s.later(&operation{
		need: func(n *needs) { add(&n.keys, c.Key) },
		do: func(u *unit) error {
			if held := u.claims[c.Key]; held != nil && held.Verification == c.Verification {
				u.free(c.Key)
			}
			return nil
		},
	})
}

// later queues an operation for which no caller waits. An error means that the store is
// closed; recovery then does the same.
func (s *Store) later(o *operation) {
	o.kind, o.done = outcome, make(chan struct{})
	_ = s.writer.enqueueOutcome(o)
}
