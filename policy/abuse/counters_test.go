package abuse_test

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// counters keep what the contract asks for in little space, so that a day of a million
// questions fits: of a mark it looks at 64 bits, which do not meet among ten million.
// Time is told to it.
type counters struct {
	mu     sync.Mutex
	now    int64 // seconds
	tables map[idv.Tenant]*table
	calls  int
	last   []policy.Hit // of the last call
}

type table struct {
	cells  map[uint64]cell
	others map[uint64][]uint64 // the members of a counter but its first
}

type cell struct {
	until int64
	first uint64
	n     int32
}

func short(m policy.BlindIndex) uint64 {
	return binary.BigEndian.Uint64(m[:8]) ^ binary.BigEndian.Uint64(m[8:])
}

func (c *counters) at(now time.Time) { c.now = now.Unix() }

func (c *counters) table(tenant idv.Tenant) *table {
	if c.tables == nil {
		c.tables = map[idv.Tenant]*table{}
	}
	if c.tables[tenant] == nil {
		c.tables[tenant] = &table{cells: map[uint64]cell{}, others: map[uint64][]uint64{}}
	}
	return c.tables[tenant]
}

func (c *counters) Count(_ context.Context, tenant idv.Tenant, hits []policy.Hit) (policy.Counted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.last = hits
	t := c.table(tenant)
	out := policy.Counted{Over: -1, Totals: make([]int, len(hits))}
	for i, h := range hits {
		n, known := t.read(h, c.now)
		out.Totals[i] = n
		if !known && h.Most > 0 && n >= h.Most && out.Over < 0 {
			out.Over = i
		}
	}
	if out.Over >= 0 {
		return out, nil
	}
	for i, h := range hits {
		out.Totals[i] = t.add(h, c.now)
	}
	return out, nil
}

// read returns what a counter counted, and whether the member is among it. No two
// hits of a question have one counter, so they need not see each other.
func (t *table) read(h policy.Hit, now int64) (n int, known bool) {
	key := short(h.Counter)
	c, ok := t.cells[key]
	if !ok || now >= c.until {
		return 0, false
	}
	m := short(h.Member)
	known = m != 0 && (c.first == m || slices.Contains(t.others[key], m))
	return int(c.n), known
}

func (t *table) add(h policy.Hit, now int64) int {
	key := short(h.Counter)
	n, known := t.read(h, now)
	switch c := t.cells[key]; {
	case known:
		return n
	case n == 0:
		delete(t.others, key)
		t.cells[key] = cell{until: h.Until.Unix(), first: short(h.Member), n: 1}
	default:
		if h.Member != (policy.BlindIndex{}) {
			t.others[key] = append(t.others[key], short(h.Member))
		}
		c.n++
		t.cells[key] = c
	}
	return n + 1
}
