package abuse

import (
	"context"
	"time"
)

// Quota is what a limit leaves to one caller.
type Quota struct {
	Name      string // of the limit, such as caller_minute
	Most      int
	Window    time.Duration
	Remaining int
	Reset     time.Duration // until the window ends
}

type quotasKey struct{}

// WithQuotas returns a context with which [Detector.Check] writes the quotas of the limits per
// caller to the list. The other limits are shared with callers who may not learn of each
// other.
func WithQuotas(ctx context.Context, list *[]Quota) context.Context {
	return context.WithValue(ctx, quotasKey{}, list)
}

// report writes the quotas of a counted plan to the list of the context.
func (p *plan) report(ctx context.Context, rates []rate, totals []int) {
	list, ok := ctx.Value(quotasKey{}).(*[]Quota)
	if !ok {
		return
	}
	*list = nil
	for i := range p.rateCount {
		r := &rates[i]
		if r.Per != PerCaller || r.Most == 0 {
			continue
		}
		_, end := r.Window.at(p.attempt.Now)
		*list = append(*list, Quota{
			Name: r.name, Most: r.Most, Window: time.Duration(r.Window.seconds()) * time.Second,
			Remaining: max(r.Most-totals[p.firstRate()+i], 0), Reset: end.Sub(p.attempt.Now),
		})
	}
}
