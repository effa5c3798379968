// Package admission decides which requests of the fronts are processed before it is known who
// sends them, and how many at once.
package admission

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// patience is how long a request waits for a place that is its tenant's by right.
const patience = 2 * time.Second

// burst is how many requests of a tenant have and want places without being refused.
const burst = 8

// Shares bounds the requests that are processed at once, and shares the places among the
// tenants that ask, max-min fair.
//
// As long as places are free, everyone gets one. When all are taken, one that is given back
// goes to the waiting request whose tenant has the fewest, so that a tenant with less than its
// share, which is the places divided by the tenants that have or want one, comes before one
// with more. A request waits if its tenant has and wants less than twice its share, or fewer
// than burst, since calls are not spread evenly. Any other is refused at once, so that a refusal costs little and no
// tenant can keep another out. Fronts that share the places share one Shares, which is safe for
// concurrent use.
type Shares struct {
	most int

	mu      sync.Mutex
	taken   int
	of      map[idv.Tenant]*holding // those that have or want a place
	waiting []waiter
}

// holding is the places that a tenant has and wants.
type holding struct{ taken, waiting int }

// waiter is a request that waits. It receives its place by the channel being closed.
type waiter struct {
	place chan struct{}
	of    *holding
}

// New returns the shares of a number of places.
func New(most int) *Shares { return &Shares{most: most, of: map[idv.Tenant]*holding{}} }

// Take takes a place for a tenant, and reports whether there is one. Give gives it back.
func (s *Shares) Take(ctx context.Context, t idv.Tenant) bool {
	w, ok := s.enter(t)
	if !ok || w.place == nil {
		return ok
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-w.place:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.waiting, w)
	if i < 0 {
		return true // it was given a place in this moment
	}
	s.waiting = slices.Delete(s.waiting, i, i+1)
	w.of.waiting--
	s.forget(t)
	return false
}

// enter takes a free place, or begins to wait for one; it reports whether either was done.
func (s *Shares) enter(t idv.Tenant) (waiter, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.of[t]
	if h == nil {
		h = new(holding)
		s.of[t] = h
	}
	if s.taken < s.most {
		s.taken++
		h.taken++
		return waiter{}, true
	}
	if h.taken+h.waiting >= max(burst, 2*s.most/len(s.of)) || h.taken == s.most {
		s.forget(t)
		return waiter{}, false
	}
	h.waiting++
	w := waiter{make(chan struct{}), h}
	s.waiting = append(s.waiting, w)
	return w, true
}

// Give gives the place of a tenant to a request that waits.
func (s *Shares) Give(t idv.Tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[t].taken--
	s.forget(t)
	if len(s.waiting) == 0 {
		s.taken--
		return
	}
	next := 0
	for i, w := range s.waiting {
		if w.of.taken < s.waiting[next].of.taken {
			next = i
		}
	}
	w := s.waiting[next]
	s.waiting = slices.Delete(s.waiting, next, next+1)
	w.of.waiting--
	w.of.taken++
	close(w.place)
}

// forget removes a tenant that neither has nor wants a place.
func (s *Shares) forget(t idv.Tenant) {
	if *s.of[t] == (holding{}) {
		delete(s.of, t)
	}
}
