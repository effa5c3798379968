package abuse

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// rate is a limit made ready.
type rate struct {
	Limit
	name    string
	rule    string // the id of its denials
	failure idv.Failure
	kind    kind
}

func compile(limits Limits) []rate {
	list := make([]rate, len(limits))
	for i, l := range limits {
		r := rate{Limit: l, name: l.Name(), failure: idv.Throttled}
		r.rule, r.kind = "limit."+r.name, l.Window.kind()
		if l.Per == PerSubject {
			r.failure = idv.SubjectLimited
		}
		list[i] = r
	}
	return list
}

// who returns the mark of those whose questions the limit counts together.
func (r *rate) who(a *Attempt, subject BlindIndex) BlindIndex {
	switch r.Per {
	case PerSubject:
		return subject
	case PerApp:
		return scope(PerApp, a.App)
	case PerCaller:
		return scope(PerCaller, a.Caller)
	case PerTenant:
	}
	return scope(PerTenant, "") // the store keeps tenants apart
}

// left returns how long the window of a time lasts yet.
func (r *rate) left(now time.Time) time.Duration {
	_, end := r.Window.at(now)
	return end.Sub(now)
}
