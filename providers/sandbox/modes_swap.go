package sandbox

import (
	"context"
	"sync"
	"time"
)

// swapBound is how long a call waits for another to swap answers with.
const swapBound = 250 * time.Millisecond

// swapped answers for the person of another call, as a vendor that mixes up its
// connections does. Alone it answers for a made-up one.
func swapped(v *visit) reply {
	other, met := v.swap.meet(v.r.Context(), v.asked, swapBound)
	if !met {
		other = stranger(v.asked)
	}
	return answer(other, steer(other)).reply()
}

// swap brings calls together two by two. The zero value is ready; safe for
// concurrent use.
type swap struct {
	mu      sync.Mutex
	waiting *half
}

// half is a call that waits for its other half.
type half struct {
	asked person
	other chan person // holds one, so that giving never blocks
}

// meet returns the other call's person, or false if none came in time.
func (s *swap) meet(ctx context.Context, asked person, bound time.Duration) (person, bool) {
	s.mu.Lock()
	if first := s.waiting; first != nil {
		s.waiting = nil
		first.other <- asked
		s.mu.Unlock()
		return first.asked, true
	}
	me := &half{asked, make(chan person, 1)}
	s.waiting = me
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	select {
	case other := <-me.other:
		return other, true
	case <-ctx.Done():
		return s.leave(me)
	}
}

// leave stops waiting, unless the other half came at the last moment.
func (s *swap) leave(me *half) (person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == me {
		s.waiting = nil
		return person{}, false
	}
	return <-me.other, true
}
