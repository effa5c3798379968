package simulation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shrinkRuns bounds how often a story is played to make it shorter.
const shrinkRuns = 400

// shrinker makes a story shorter for as long as it breaks the same law.
type shrinker struct {
	*testing.T
	story  *story
	broken *violation
	change func(*laws)
	runs   int
}

// shrink returns a short story that breaks the same law, and how it does.
func shrink(t *testing.T, s *story, broken *violation, change func(*laws)) (*story, *violation) {
	t.Helper()
	x := &shrinker{T: t, story: s, broken: broken, change: change}
	x.cut()
	for before := -1; before != len(x.story.events); {
		before = len(x.story.events)
		for size := max(before/2, 1); size > 0; size /= 2 {
			x.drop(size)
		}
	}
	x.shorten()
	return x.story, x.broken
}

// try keeps a story if it breaks the same law.
func (x *shrinker) try(events []event) bool {
	if x.runs++; x.runs > shrinkRuns {
		return false
	}
	s := *x.story
	s.events = events
	broken, _ := run(x.T, &s, x.change)
	if broken == nil || broken.law != x.broken.law {
		return false
	}
	x.story, x.broken = &s, broken
	return true
}

// cut leaves out what comes after the violation.
func (x *shrinker) cut() {
	x.try(slices.DeleteFunc(slices.Clone(x.story.events), func(e event) bool { return e.at > x.broken.at }))
}

// drop leaves out events, so many at once.
func (x *shrinker) drop(size int) {
	for end := len(x.story.events); end > 0; end -= size {
		at := max(end-size, 0)
		x.try(slices.Delete(slices.Clone(x.story.events), at, min(end, len(x.story.events))))
	}
}

// shorten halves the lengths of faults.
func (x *shrinker) shorten() {
	for i := range x.story.events {
		for {
			events := slices.Clone(x.story.events)
			if events[i].length /= 2; events[i].length == 0 || events[i].kind == ask || !x.try(events) {
				break
			}
		}
	}
}

// tell tells a story and how it ends.
func tell(s *story, v *violation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HEYAN_SEED=%d breaks the law %q.", s.seed, v.law)
	if len(s.events) > 0 {
		fmt.Fprint(&b, " The shortest story that was found:")
	}
	fmt.Fprintf(&b, "\n%v", &s.set)
	for _, e := range s.events {
		fmt.Fprintln(&b, e)
	}
	fmt.Fprintf(&b, "%s  Then %s.\n", clockTime(v.at), v.what)
	return b.String()
}
