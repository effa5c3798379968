package memory

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// counterKey identifies a counter.
type counterKey struct {
	tenant idv.Tenant
	mark   policy.BlindIndex
}

// counter counts hits and distinct members.
type counter struct {
	n       int
	members map[policy.BlindIndex]bool
	until   time.Time
}

// Count counts all hits, or none if one exceeds its limit.
func (s *Store) Count(_ context.Context, tenant idv.Tenant, hits []policy.Hit) (policy.Counted, error) {
	if err := store.CheckTexts(tenant, "", ""); err != nil {
		return policy.Counted{Over: -1}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, confirmed := s.Clock.Now()
	if confirmed {
		s.sweep(now)
	}
	out := policy.Counted{Over: -1, Totals: make([]int, len(hits))}
	taken := make([]int, 0, len(hits)) // the hits that changed a counter
	for i, h := range hits {
		key := counterKey{tenant, h.Counter}
		c := s.counter(key, h.Until, now)
		if !c.members[h.Member] {
			if h.Most > 0 && c.n >= h.Most {
				s.rollback(tenant, hits, taken)
				out.Over = i
				break
			}
			c.take(h.Member)
			s.counters[key] = c
			taken = append(taken, i)
		}
		out.Totals[i] = c.n
	}
	if out.Over >= 0 {
		for i, h := range hits {
			out.Totals[i] = s.counter(counterKey{tenant, h.Counter}, h.Until, now).n
		}
	}
	return out, nil
}

// counter returns a counter, or a new one if there is none or it has expired.
func (s *Store) counter(key counterKey, until, now time.Time) *counter {
	if c := s.counters[key]; c != nil && now.Before(c.until) {
		return c
	}
	return &counter{until: until}
}

func (c *counter) take(member policy.BlindIndex) {
	c.n++
	if member == (policy.BlindIndex{}) {
		return
	}
	if c.members == nil {
		c.members = map[policy.BlindIndex]bool{}
	}
	c.members[member] = true
}

// rollback undoes those hits of a Count that were taken before one exceeded its limit.
func (s *Store) rollback(tenant idv.Tenant, hits []policy.Hit, taken []int) {
	for _, i := range taken {
		key := counterKey{tenant, hits[i].Counter}
		c := s.counters[key]
		delete(c.members, hits[i].Member)
		if c.n--; c.n == 0 {
			delete(s.counters, key)
		}
	}
}

// sweepCounters deletes expired counters and returns their number.
func (s *Store) sweepCounters(now time.Time) (gone int) {
	for key, c := range s.counters {
		if !now.Before(c.until) {
			delete(s.counters, key)
			gone++
		}
	}
	return gone
}
