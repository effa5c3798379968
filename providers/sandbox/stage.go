package sandbox

import (
	"sync"
	"time"
)

// stage holds the scenario that a vendor plays. Safe for concurrent use.
type stage struct {
	mu    sync.Mutex
	now   Scenario
	until time.Time // zero: no end in time
	left  int64     // requests left, if now.Count is set
}

func newStage() *stage {
	s := new(stage)
	s.set(Scenario{Mode: ModeNormal})
	return s
}

// set replaces the scenario; its time and count begin now.
func (s *stage) set(sc Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.left, s.until = sc, sc.Count, time.Time{}
	if sc.ForMS > 0 {
		s.until = time.Now().Add(time.Duration(sc.ForMS) * time.Millisecond)
	}
}

// next returns the scenario for one request and takes it off the count.
func (s *stage) next() Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		s.now, s.left, s.until = Scenario{Mode: ModeNormal}, 0, time.Time{}
	}
	s.left--
	return s.now
}

func (s *stage) over() bool {
	return s.now.Count > 0 && s.left <= 0 || !s.until.IsZero() && !time.Now().Before(s.until)
}
