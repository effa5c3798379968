package abuse

import (
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Event is what an operator has to know: somebody is guessing, or uses a stolen list.
// It says which axis and whose program, and nothing of a person, so it may go
// anywhere.
type Event struct {
	Dimension Dimension  `json:"dimension"`
	Tenant    idv.Tenant `json:"tenant"`
	App       string     `json:"app"`
	Caller    string     `json:"caller"` // the id of the API key
	At        time.Time  `json:"at"`
}

// Alarms takes events. Alarm is called by many goroutines, while a question waits for
// it: it must return at once.
type Alarms interface {
	Alarm(Event)
}

// quiet is how long one axis of one app is silent after an alarm.
const quiet = time.Minute

// maxRung is how many alarms a bell remembers. When a flood of app names fills it, it
// forgets them all: rather an alarm too many than none.
const maxRung = 1024

// bell passes events on, at most one per axis, tenant, app and minute.
type bell struct {
	alarms Alarms

	mu   sync.Mutex
	rung map[source]time.Time
}

type source struct {
	axis   Dimension
	tenant idv.Tenant
	app    string
}

func (b *bell) ring(e Event) {
	if b.alarms != nil && b.due(e) {
		b.alarms.Alarm(e)
	}
}

// due reports whether an event may be told, and remembers it. A clock that was set
// back by more than a minute does not silence the bell.
func (b *bell) due(e Event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := source{e.Dimension, e.Tenant, e.App}
	if last, ok := b.rung[from]; ok && e.At.Sub(last).Abs() < quiet {
		return false
	}
	if b.rung == nil || len(b.rung) >= maxRung {
		b.rung = map[source]time.Time{}
	}
	b.rung[from] = e.At
	return true
}
