package abuse

import (
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Event reports that a caller enumerates people or uses a stolen list. It names the
// dimension and the calling program, and contains nothing about a person, so it may be
// sent anywhere.
type Event struct {
	Dimension Dimension  `json:"dimension"`
	Tenant    idv.Tenant `json:"tenant"`
	App       string     `json:"app"`
	Caller    string     `json:"caller"` // the id of the API key
	At        time.Time  `json:"at"`
}

// Alarms receives events. A request waits for Alarm, so it must return at once. It is
// called concurrently.
type Alarms interface {
	Alarm(Event)
}

// quietPeriod is the time after an alarm in which the same source raises no other.
const quietPeriod = time.Minute

// maxSources bounds the memory of the limiter. When a flood of app names fills it, all
// sources are forgotten: a repeated alarm is better than a missing one.
const maxSources = 1024

// alarmLimiter forwards at most one event per source and minute.
type alarmLimiter struct {
	alarms Alarms

	mu   sync.Mutex
	last map[source]time.Time
}

type source struct {
	dimension Dimension
	tenant    idv.Tenant
	app       string
}

func (l *alarmLimiter) raise(e Event) {
	if l.alarms != nil && l.due(e) {
		l.alarms.Alarm(e)
	}
}

// due reports whether an event is forwarded, and remembers it. The absolute difference
// keeps a clock that was set back by more than a minute from suppressing alarms.
func (l *alarmLimiter) due(e Event) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := source{e.Dimension, e.Tenant, e.App}
	if last, ok := l.last[from]; ok && e.At.Sub(last).Abs() < quietPeriod {
		return false
	}
	if l.last == nil || len(l.last) >= maxSources {
		l.last = map[source]time.Time{}
	}
	l.last[from] = e.At
	return true
}
