package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// role is the number of units that a call is expected to add to its window.
type role uint8

const (
	free   role = iota // nothing
	billed             // one unit
	open               // unknown
)

// item is a call that may have been billed. Times are in nanoseconds.
type item struct {
	mid, half int64 // the midpoint of the call and half its duration
	call      int32
	group     int32
	slot      int32 // -1 before the timeline, the number of slots after it
	role      role
}

// collect returns the calls that were sent, by their midpoints.
func collect(calls []Call) []item {
	items := make([]item, 0, len(calls))
	for i := range calls {
		c := &calls[i]
		if c.Delivery == idv.NotSent {
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

// slotCount is the number of calls of a group in a slot.
type slotCount struct {
	slot int32
	n    int32
}

// codeGroup is the calls with the same code and delivery, and what is inferred about them.
type codeGroup struct {
	Learned
	unanswered bool        // billed or not one by one, while a code is billed as a whole
	counts     []slotCount // by slot
	billed     bool        // the hypothesis: billed
	since      int32       // from this slot on, and the opposite before it

	posted, voided int // slots in which some unanswered calls were billed, and some were not
	counted        int // the last slot that was counted, plus one
}

// billedIn reports whether the group is billed in a slot according to the hypothesis.
func (c *codeGroup) billedIn(slot int32) bool { return c.billed != (c.since > 0 && slot < c.since) }

// mostGroups limits the number of groups. Codes come from the vendor, and a faulty vendor
// could send a new code with every answer.
const (
	mostGroups = 64
	otherCodes = "(other)"
)

type groupKey struct {
	delivery idv.Delivery
	code     string
}

// groupCalls groups the calls by delivery and code, and sets the group of each item.
func groupCalls(calls []Call, items []item) []*codeGroup {
	count := map[groupKey]int64{}
	for _, it := range items {
		count[groupKey{calls[it.call].Delivery, calls[it.call].Code}]++
	}
	index, groups := numberGroups(count), []*codeGroup(nil)
	for i := range items {
		it := &items[i]
		c := &calls[it.call]
		key := groupKey{c.Delivery, c.Code}
		at, ok := index[key]
		if !ok {
			key.code = otherCodes
			at = index[key]
		}
		for len(groups) <= int(at) {
			groups = append(groups, &codeGroup{})
		}
		it.group = at
		groups[at].add(key, c.Charge)
	}
	return groups
}

// numberGroups numbers the most frequent groups by delivery and code. The other codes of
// each delivery share a group.
func numberGroups(count map[groupKey]int64) map[groupKey]int32 {
	keys := make([]groupKey, 0, len(count))
	for key := range count {
		keys = append(keys, key)
	}
	byName := func(a, b groupKey) int {
		return cmp.Or(cmp.Compare(b.delivery, a.delivery), strings.Compare(a.code, b.code))
	}
	slices.SortFunc(keys, func(a, b groupKey) int { return cmp.Or(cmp.Compare(count[b], count[a]), byName(a, b)) })
	for i := mostGroups; i < len(keys); i++ {
		keys[i].code = otherCodes
	}
	slices.SortFunc(keys, byName)
	index := map[groupKey]int32{}
	for _, key := range slices.Compact(keys) {
		if _, ok := index[key]; !ok {
			index[key] = int32(len(index))
		}
	}
	return index
}

// add counts a call. The assumed charge of a group is the charge of its calls in the
// ledger, or unknown if they differ.
func (c *codeGroup) add(key groupKey, charge idv.Charge) {
	if c.Calls == 0 {
		c.Assumed = charge
	} else if c.Assumed != charge {
		c.Assumed = idv.ChargeUnknown
	}
	c.Code, c.Delivery = key.code, key.delivery
	c.unanswered = key.delivery == idv.DeliveryUnknown
	c.Calls++
}
