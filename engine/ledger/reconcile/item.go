package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// role is what a call is expected to add to its window.
type role uint8

const (
	free   role = iota // nothing
	billed             // one unit
	open               // nobody knows
)

// item is a call that may have been billed.
type item struct {
	mid, half int64 // the middle of the call and half its duration, nanoseconds
	call      int32
	col       int32
	slot      int32 // -1 before the time-line, the number of slots after it
	role      role
}

// collect returns the calls that left this process, sorted by their middles.
func collect(calls []Call) []item {
	items := make([]item, 0, len(calls))
	for i := range calls {
		c := &calls[i]
		if c.Sent == idv.NotSent {
			continue
		}
		at, end := c.At.UnixNano(), c.End.UnixNano()
		half := max(end-at, 0) / 2
		if c.End.IsZero() {
			half = 0
		}
		items = append(items, item{mid: at + half, half: half, call: int32(i)})
	}
	order := func(a, b item) int {
		return cmp.Or(cmp.Compare(a.mid, b.mid), strings.Compare(calls[a.call].Attempt, calls[b.call].Attempt), cmp.Compare(a.call, b.call))
	}
	if !slices.IsSortedFunc(items, order) {
		slices.SortFunc(items, order)
	}
	return items
}

// cell is how many calls of a column a slot holds.
type cell struct {
	slot int32
	n    int32
}

// column is a code, or a kind of unknown outcome, and what is learned about it.
type column struct {
	Learned
	outcome bool   // unknown outcomes are billed or not one by one, a code as a whole
	cells   []cell // in order of their slots
	on      bool   // held to be billed,
	since   int32  // from this slot on; the other way round before it

	posted, voided int // slots in which some unknown outcomes were billed, and some were not
	counted        int // the last slot counted, plus one
}

// billedIn reports whether the column is held to be billed in a slot.
func (c *column) billedIn(slot int32) bool { return c.on != (c.since > 0 && slot < c.since) }

// mostColumns bounds the codes that are told apart. Codes are texts of a vendor,
// and a vendor gone wild could send a new one with every answer.
const (
	mostColumns = 64
	otherCodes  = "(other)"
)

type columnKey struct {
	sent idv.Delivery
	code string
}

// columns sorts the calls by code and how far they got, and marks each item with
// its column.
func columns(calls []Call, items []item) []*column {
	count := map[columnKey]int64{}
	for _, it := range items {
		count[columnKey{calls[it.call].Sent, calls[it.call].Code}]++
	}
	index, cols := keep(count), []*column(nil)
	for i := range items {
		it := &items[i]
		c := &calls[it.call]
		key := columnKey{c.Sent, c.Code}
		at, ok := index[key]
		if !ok {
			key.code = otherCodes
			at = index[key]
		}
		for len(cols) <= int(at) {
			cols = append(cols, &column{})
		}
		it.col = at
		cols[at].add(key, c.Charge)
	}
	return cols
}

// keep numbers the columns: the most frequent ones, and one for the rest of each
// way of being sent; in the order of their names.
func keep(count map[columnKey]int64) map[columnKey]int32 {
	keys := make([]columnKey, 0, len(count))
	for key := range count {
		keys = append(keys, key)
	}
	byName := func(a, b columnKey) int { return cmp.Or(cmp.Compare(b.sent, a.sent), strings.Compare(a.code, b.code)) }
	slices.SortFunc(keys, func(a, b columnKey) int { return cmp.Or(cmp.Compare(count[b], count[a]), byName(a, b)) })
	for i := mostColumns; i < len(keys); i++ {
		keys[i].code = otherCodes
	}
	slices.SortFunc(keys, byName)
	index := map[columnKey]int32{}
	for _, key := range slices.Compact(keys) {
		if _, ok := index[key]; !ok {
			index[key] = int32(len(index))
		}
	}
	return index
}

// add counts a call. A code is assumed to be what the book says of its calls, and
// unknown if the book is not of one mind.
func (c *column) add(key columnKey, charge idv.Charge) {
	if c.Calls == 0 {
		c.Assumed = charge
	} else if c.Assumed != charge {
		c.Assumed = idv.ChargeUnknown
	}
	c.Code, c.Sent = key.code, key.sent
	c.outcome = key.sent == idv.DeliveryUnknown
	c.Calls++
}
