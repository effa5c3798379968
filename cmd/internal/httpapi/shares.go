package httpapi

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// patience is how long a request waits for a place that is its tenant's by right.
const patience = time.Second

// shares bounds the requests that are processed at once, and shares the places among the
// tenants that ask, max-min fair.
//
// As long as places are free, everyone gets one. When all are taken, a tenant that has fewer
// than its share, which is the places divided by the tenants that have or want one, waits for
// the next that is given back, before anyone else. A tenant that has its share or more is
// refused at once, so that a refusal costs little and no tenant can keep another out: what it
// has beyond its share is given back with its calls and goes to those who wait.
type shares struct {
	most int

	mu      sync.Mutex
	taken   int
	of      map[idv.Tenant]int // places taken or waited for; no entry for 0
	waiting []chan struct{}    // each receives a place by being closed
}

func newShares(most int) *shares { return &shares{most: most, of: map[idv.Tenant]int{}} }

// take takes a place for a tenant, and reports whether there is one. Give gives it back.
func (s *shares) take(ctx context.Context, t idv.Tenant) bool {
	s.mu.Lock()
	s.of[t]++
	if s.taken < s.most {
		s.taken++
		s.mu.Unlock()
		return true
	}
	if s.of[t] > max(1, s.most/len(s.of)) {
		s.leave(t)
		s.mu.Unlock()
		return false
	}
	place := make(chan struct{})
	s.waiting = append(s.waiting, place)
	s.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-place:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, place); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.leave(t)
		return false
	}
	return true // it was given a place in this moment
}

// give gives the place of a tenant to the one who has waited longest.
func (s *shares) give(t idv.Tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(t)
	if len(s.waiting) == 0 {
		s.taken--
		return
	}
	close(s.waiting[0])
	s.waiting = s.waiting[1:]
}

func (s *shares) leave(t idv.Tenant) {
	if s.of[t]--; s.of[t] == 0 {
		delete(s.of, t)
	}
}

// share lets only as many requests pass at once as there are places.
func (d Dependencies) share(next http.Handler) http.Handler {
	if d.MaxRequests <= 0 {
		return next
	}
	s := newShares(d.MaxRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant := auth.From(r.Context()).Tenant
		if !s.take(r.Context(), tenant) {
			auth.CountRefusal(r.Context(), access.Overloaded)
			writeProblem(w, overloadedProblem())
			return
		}
		defer s.give(tenant)
		next.ServeHTTP(w, r)
	})
}

func overloadedProblem() *Problem {
	p := newProblem(http.StatusServiceUnavailable, overloaded.name,
		"too many requests are processed at once, and your tenant has its share; nothing was done, so repeat the request after Retry-After seconds")
	p.retryAfter = "1"
	return p
}
