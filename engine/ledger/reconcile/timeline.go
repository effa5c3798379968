package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	usualStep = 10 * time.Minute
	// mostSlots limits the windows that are added for missing lines, to more than three
	// years of ten minutes. In a longer statement each gap is one window.
	mostSlots = 200_000
)

// slot is a window of the timeline, with all its lines.
type slot struct {
	from, to int64 // Unix nanoseconds by the vendor's clock
	lines    int   // 0 if the statement has none
	serials  []string
	units    int64
}

// timeline is the statement without gaps: slot i reaches from bound i to bound i+1.
type timeline struct {
	slots   []slot
	bounds  []int64
	unsure  []int64 // half the overlap or gap of the slots on both sides of a bound
	lines   int
	units   int64
	skipped int
}

func newTimeline(windows []Window, o Options) timeline {
	t := timeline{}
	kept := t.choose(windows, o)
	step := int64(usualLength(kept))
	t.slots = fill(merge(kept), o, step)
	for i, s := range t.slots {
		if i == 0 {
			t.bounds, t.unsure = append(t.bounds, s.from), append(t.unsure, 0)
			continue
		}
		before := t.slots[i-1].to
		t.bounds = append(t.bounds, before+(s.from-before)/2)
		t.unsure = append(t.unsure, max(s.from-before, before-s.from)/2)
	}
	if n := len(t.slots); n > 0 {
		t.bounds, t.unsure = append(t.bounds, t.slots[n-1].to), append(t.unsure, 0)
	}
	return t
}

// choose returns the valid lines in the period, sorted.
func (t *timeline) choose(windows []Window, o Options) []Window {
	kept := make([]Window, 0, len(windows))
	for _, w := range windows {
		switch {
		case !w.From.Before(w.To), w.Units < 0,
			!o.From.IsZero() && w.From.Before(o.From), !o.To.IsZero() && w.To.After(o.To):
			t.skipped++
			continue
		}
		kept = append(kept, w)
		t.units += w.Units
	}
	t.lines = len(kept)
	slices.SortFunc(kept, func(a, b Window) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), strings.Compare(a.Serial, b.Serial))
	})
	return kept
}

// usualLength returns the most frequent length of a window, the shortest if several are.
func usualLength(windows []Window) time.Duration {
	count := map[time.Duration]int{}
	best := usualStep
	for _, w := range windows {
		length := w.To.Sub(w.From)
		count[length]++
		if n := count[length] - count[best]; n > 0 || n == 0 && length < best {
			best = length
		}
	}
	return best
}

// merge combines lines that overlap by more than half of the shorter one into one slot. A
// smaller overlap only makes the edge between them uncertain.
func merge(windows []Window) []slot {
	var slots []slot
	for _, w := range windows {
		next := slot{from: w.From.UnixNano(), to: w.To.UnixNano(), lines: 1, serials: []string{w.Serial}, units: w.Units}
		if n := len(slots); n > 0 {
			last := &slots[n-1]
			shorter := min(last.to-last.from, next.to-next.from)
			if last.to-next.from > shorter/2 {
				last.to = max(last.to, next.to)
				last.lines++
				last.serials = append(last.serials, w.Serial)
				last.units += w.Units
				continue
			}
		}
		slots = append(slots, next)
	}
	return slots
}

// fill adds empty slots where lines are missing, up to the ends of the requested period. It
// ignores gaps of less than half a step.
func fill(slots []slot, o Options, step int64) []slot {
	begin, end := o.From.UnixNano(), o.To.UnixNano()
	if o.From.IsZero() && len(slots) > 0 {
		begin = slots[0].from
	}
	if o.To.IsZero() && len(slots) > 0 {
		end = slots[len(slots)-1].to
	}
	if len(slots) == 0 && (o.From.IsZero() || o.To.IsZero()) {
		return nil
	}
	single := (end-begin)/step > mostSlots
	full := make([]slot, 0, len(slots))
	for _, s := range slots {
		full = append(gap(full, begin, s.from, step, single), s)
		begin = s.to
	}
	return gap(full, begin, end, step, single)
}

func gap(slots []slot, from, to, step int64, single bool) []slot {
	n := (to - from + step/2) / step
	if n <= 0 {
		return slots
	}
	if single {
		n = 1
	}
	for i := range n {
		slots = append(slots, slot{from: from + (to-from)/n*i, to: from + (to-from)/n*(i+1)})
	}
	slots[len(slots)-1].to = to
	return slots
}
