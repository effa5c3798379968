package telemetry

import (
	"sync"
	"time"
)

// linesPerSecond is the number of log lines a second about requests for which no provider was
// called. The metrics count all of them.
const linesPerSecond = 10

// sampler admits the first lines of each second.
type sampler struct {
	mu      sync.Mutex
	began   time.Time
	lines   int
	omitted int
}

// admit reports whether a line may be written, and how many were omitted since the last one.
func (s *sampler) admit(now time.Time) (omitted int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.began); age < 0 || age >= time.Second {
		s.began, s.lines = now, 0
	}
	if s.lines++; s.lines > linesPerSecond {
		s.omitted++
		return 0, false
	}
	omitted, s.omitted = s.omitted, 0
	return omitted, true
}
