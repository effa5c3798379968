package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// counterID identifies a counter.
type counterID struct {
	tenant idv.Tenant
	mark   policy.BlindIndex
}

// member is a row of a counter. The row with the zero index has the count.
type member struct {
	counterID
	member policy.BlindIndex
}

// counter is a counter in a unit: its count and, of the members in the batch, those that it
// has.
type counter struct {
	n       int
	until   time.Time
	members map[policy.BlindIndex]bool
	fresh   map[policy.BlindIndex]bool // members that are not in the table

	stored      int // n and until in the table
	storedUntil time.Time
}

// taken is a hit that changed a counter.
type taken struct {
	*counter
	member policy.BlindIndex
}

// Count counts all hits, or none if one exceeds its limit. It goes through a writer of its own,
// since a counter is a hot row, which no transaction with a call may wait for. Counts are exact
// over all nodes; if a PostgreSQL server crashes, the last half second may be forgotten.
func (s *Store) Count(ctx context.Context, tenant idv.Tenant, hits []policy.Hit) (out policy.Counted, err error) {
	if err := store.CheckTexts(tenant, "", ""); err != nil {
		return policy.Counted{Over: -1}, err
	}
	err = s.counts.submit(ctx, &operation{
		need: func(n *needs) {
			for _, h := range hits {
				id := counterID{tenant, h.Counter}
				add(&n.counters, member{id, policy.BlindIndex{}})
				add(&n.counters, member{id, h.Member})
			}
		},
		do: func(u *unit) error {
			out = u.count(tenant, hits)
			return nil
		},
	})
	if err != nil {
		return policy.Counted{Over: -1}, err
	}
	return out, nil
}

func (u *unit) count(tenant idv.Tenant, hits []policy.Hit) policy.Counted {
	out := policy.Counted{Over: -1, Totals: make([]int, len(hits))}
	var changed []taken
	for i, h := range hits {
		c := u.counter(counterID{tenant, h.Counter})
		if !c.members[h.Member] {
			if h.Most > 0 && c.n >= h.Most {
				out.Over = i
				break
			}
			c.take(h)
			changed = append(changed, taken{c, h.Member})
		}
		out.Totals[i] = c.n
	}
	if out.Over < 0 {
		return out
	}
	for _, t := range changed {
		t.undo()
	}
	for i, h := range hits {
		out.Totals[i] = u.counter(counterID{tenant, h.Counter}).n
	}
	return out
}

// counter returns a counter, or an empty one if there is none or it has expired.
func (u *unit) counter(id counterID) *counter {
	c := u.counters[id]
	if c == nil {
		c = &counter{}
		u.counters[id] = c
	}
	return c
}

// take counts a hit.
func (c *counter) take(h policy.Hit) {
	if c.n == 0 {
		c.until = h.Until
	}
	c.n++
	if h.Member != (policy.BlindIndex{}) {
		add(&c.members, h.Member)
		add(&c.fresh, h.Member)
	}
}

func (t taken) undo() {
	t.n--
	delete(t.members, t.member)
	delete(t.fresh, t.member)
}

// readCounters reads counters and those of their members that are in the batch.
func (u *unit) readCounters(n *needs) []statement {
	var list []statement
	for m := range n.counters {
		args := []any{m.tenant, m.mark[:], m.member[:]}
		list = append(list, statement{selectCounter, args, func(r row) error {
			m, n, until, err := scanCounter(r)
			if err != nil || !u.now.Before(until) {
				return err
			}
			c := u.counter(m.counterID)
			if m.member != (policy.BlindIndex{}) {
				add(&c.members, m.member)
				return nil
			}
			c.n, c.until, c.stored, c.storedUntil = n, until, n, until
			return nil
		}})
	}
	return list
}

func scanCounter(r row) (m member, n int, until time.Time, err error) {
	var mark, one []byte
	var us int64
	err = r.Scan(&m.tenant, &mark, &one, &n, &us)
	copy(m.mark[:], mark)
	copy(m.member[:], one)
	return m, n, timeOf(us), err
}

// saveCounters returns the statements that save the counters that changed.
func (u *unit) saveCounters() []statement {
	var list []statement
	save := func(id counterID, member policy.BlindIndex, n int, until time.Time) {
		list = append(list, statement{sql: upsertCounter, args: []any{id.tenant, id.mark[:], member[:], int64(n), micros(until)}})
	}
	for id, c := range u.counters {
		if c.n > 0 && (c.n != c.stored || !c.until.Equal(c.storedUntil)) {
			save(id, policy.BlindIndex{}, c.n, c.until)
		}
		for m := range c.fresh {
			save(id, m, 1, c.until)
		}
	}
	return list
}
