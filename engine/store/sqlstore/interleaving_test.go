package sqlstore

import (
	"fmt"
	"testing"
)

// The model explores every order in which the steps of two nodes and a sweeper can follow each
// other, with a crash or a freeze after each step. Two requests have one key, a third another
// one; the package has two units in two rows. It is a model of the protocol (decisions 0104 and
// 0105), not of the code: each step is one statement, or one transaction that cannot overlap.

const (
	modelNodes = 3 // requests 0 and 1 have key 0, request 2 has key 1
	modelRows  = 2
)

// The steps of a request.
const (
	toClaim   = iota
	toBegin   // the transaction of the hold: the names
	toCheck   // that the key is still the request's
	toLock    // the richest free row
	toLook    // for units elsewhere
	toLook2   // the second half of a look that is not of one instant (a sabotage)
	toCommit  // the hold
	toCall    // the vendor
	toSettle  // the outcome
	ended     // answered
	refused   // quota_exhausted
	lateEnded // its key was lost
	crashed
)

// The states of a hold.
const (
	noHold = iota
	isHeld
	isPosted
	isVoided
	isUnknown
)

// modelState is compared by its value.
type modelState struct {
	available [modelRows]int
	rowLock   [modelRows]int // 1 + the node
	nameLock  [2]int         // of the keys
	claim     [2]int         // 1 + the request
	step      [modelNodes]int
	row       [modelNodes]int // that the transaction has
	seen      [modelNodes]int // what it read of the row
	hold      [modelNodes]int
	called    [modelNodes]bool
	crashes   int
	wrong     string
}

// sabotage is what is left out of the protocol.
type sabotage struct {
	noRowLock, noLook, twoLooks, noFence, noNames, callBeforeCommit, settleTwice bool
}

func keyOf(node int) int { return node / 2 }

// unlock ends the transaction of a node.
func (s *modelState) unlock(node int) {
	for i, by := range s.rowLock {
		if by == node+1 {
			s.rowLock[i] = 0
		}
	}
	for i, by := range s.nameLock {
		if by == node+1 {
			s.nameLock[i] = 0
		}
	}
}

func (s *modelState) units() (n int) {
	for _, units := range s.available {
		n += units
	}
	return n
}

// run makes one step of a node. It returns false if nothing can be done.
func (s *modelState) run(node int, x sabotage) bool {
	key := keyOf(node)
	switch s.step[node] {
	case toClaim:
		if s.claim[key] != 0 || s.nameLock[key] != 0 {
			return false // in progress; the caller asks again
		}
		s.claim[key], s.step[node] = node+1, toBegin
	case toBegin:
		if s.nameLock[key] != 0 && !x.noNames {
			return false // busy; tried again
		}
		if !x.noNames {
			s.nameLock[key] = node + 1
		}
		s.step[node] = toCheck
	case toCheck:
		s.step[node] = toLock
		if s.claim[key] != node+1 && !x.noFence {
			s.unlock(node)
			s.step[node] = lateEnded
		}
	case toLock:
		s.lockRow(node, x)
	case toLook, toLook2:
		s.look(node, x)
	case toCommit:
		s.available[s.row[node]] = s.seen[node] - 1
		s.hold[node], s.step[node] = isHeld, toCall
		if x.callBeforeCommit {
			s.step[node] = toSettle
		}
		s.unlock(node)
	case toCall:
		s.called[node], s.step[node] = true, toSettle
	case toSettle:
		return s.settle(node, x)
	default:
		return false
	}
	return true
}

func (s *modelState) lockRow(node int, x sabotage) {
	best := -1
	for i, units := range s.available {
		free := s.rowLock[i] == 0 || x.noRowLock
		if free && units > 0 && (best < 0 || units > s.available[best]) {
			best = i
		}
	}
	switch {
	case best >= 0:
		s.row[node], s.seen[node], s.step[node] = best, s.available[best], toCommit
		if !x.noRowLock {
			s.rowLock[best] = node + 1
		}
		if x.callBeforeCommit {
			s.called[node] = true
		}
	case x.noLook:
		s.refuse(node)
	default:
		s.step[node] = toLook
	}
}

// look sees the committed units of all rows at one instant.
func (s *modelState) look(node int, x sabotage) {
	switch {
	case x.twoLooks && s.step[node] == toLook:
		s.seen[node], s.step[node] = s.available[0], toLook2
	case x.twoLooks && s.seen[node]+s.available[1] > 0, !x.twoLooks && s.units() > 0:
		s.unlock(node)
		s.step[node], s.seen[node] = toBegin, 0
	default:
		s.refuse(node)
	}
}

func (s *modelState) refuse(node int) {
	if s.units() > 0 {
		s.wrong = "a call was refused while a unit was available"
	}
	s.unlock(node)
	s.step[node], s.claim[keyOf(node)] = refused, 0
}

// settle writes the outcome: the first request of a key is charged, the others are not.
func (s *modelState) settle(node int, x sabotage) bool {
	free := -1
	for i, by := range s.rowLock {
		if by == 0 && free < 0 {
			free = i
		}
	}
	if free < 0 {
		return false // all rows are locked; tried again
	}
	if s.hold[node] == isHeld || s.hold[node] == isUnknown || x.settleTwice {
		if node == 0 {
			s.hold[node] = isPosted
		} else {
			s.hold[node] = isVoided
			s.available[free]++
		}
	}
	s.step[node] = ended
	if x.settleTwice && s.crashes == 0 {
		s.step[node], s.crashes = toSettle, 1 // its answer was lost, and it is settled again
	}
	return true
}

// sweep ends what a request left that no longer runs: its hold becomes unknown; a key without a
// hold is free, also if the request only stands still.
func (s *modelState) sweep(node int, x sabotage) bool {
	key := keyOf(node)
	if s.hold[node] == isHeld && s.step[node] == crashed {
		s.hold[node] = isUnknown
		return true
	}
	running := s.step[node] > toClaim && s.step[node] <= toCommit || s.step[node] == crashed
	if s.claim[key] == node+1 && s.hold[node] == noHold && running && (s.nameLock[key] == 0 || x.noNames) {
		s.claim[key] = 0
		return true
	}
	return false
}

// crash ends a process, or its session while it stands still.
func (s *modelState) crash(node int) bool {
	if s.crashes >= 2 || s.step[node] == toClaim || s.step[node] >= ended {
		return false
	}
	s.crashes++
	s.unlock(node)
	s.step[node] = crashed
	return true
}

func (s *modelState) check(units int) string {
	if s.wrong != "" {
		return s.wrong
	}
	taken, paid := 0, [2]int{}
	for node, state := range s.hold {
		if state == isHeld || state == isPosted || state == isUnknown {
			taken++
		}
		if s.called[node] {
			paid[keyOf(node)]++
		}
		if s.called[node] && state == noHold {
			return "a call was made without a hold"
		}
	}
	switch {
	case s.available[0] < 0 || s.available[1] < 0 || s.units()+taken != units:
		return fmt.Sprintf("%d units are available and %d taken of %d", s.units(), taken, units)
	case paid[0] > 1:
		return "two calls were made under one key"
	}
	return ""
}

// next returns every state that can follow.
func (s modelState) next(x sabotage) (list []modelState) {
	for node := range modelNodes {
		for _, step := range []func(*modelState) bool{
			func(t *modelState) bool { return t.run(node, x) },
			func(t *modelState) bool { return t.sweep(node, x) },
			func(t *modelState) bool { return t.crash(node) },
		} {
			t := s
			if step(&t) {
				list = append(list, t)
			}
		}
	}
	return list
}

// explore returns the number of states, and the first that is wrong.
func explore(units [modelRows]int, x sabotage) (states int, wrong string) {
	begin := modelState{available: units}
	total := begin.units()
	seen := map[modelState]bool{begin: true}
	for queue := []modelState{begin}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		if wrong := s.check(total); wrong != "" {
			return len(seen), wrong
		}
		list := s.next(x)
		if len(list) == 0 && (s.rowLock != [modelRows]int{} || s.nameLock != [2]int{}) {
			return len(seen), "a lock stays for ever"
		}
		for _, t := range list {
			if !seen[t] {
				seen[t] = true
				queue = append(queue, t)
			}
		}
	}
	return len(seen), ""
}

// TestInterleavings explores the protocol whole, and expects every part that is left out to be
// noticed.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	starts := [][modelRows]int{{1, 0}, {1, 1}, {2, 0}, {0, 0}}
	for _, units := range starts {
		states, wrong := explore(units, sabotage{})
		if wrong != "" || states < 100 {
			t.Errorf("%v: %s after %d states", units, wrong, states)
		}
		t.Logf("%v: %d states", units, states)
	}
	for name, x := range map[string]sabotage{
		"rows are read without a lock":              {noRowLock: true},
		"refused when no row is free":               {noLook: true},
		"rows are looked at one after another":      {twoLooks: true},
		"a hold does not look at its key":           {noFence: true},
		"a key is not locked while its call begins": {noNames: true},
		"the call comes before the commit":          {callBeforeCommit: true},
		"an outcome is settled twice":               {settleTwice: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, units := range starts {
				if _, wrong := explore(units, x); wrong != "" {
					t.Logf("found: %s", wrong)
					return
				}
			}
			t.Error("nothing noticed it")
		})
	}
}
