package limits

import (
	"time"

	"github.com/heyan-id/heyan/policy"
)

// plan is what is to be counted for a question, in this order: the look at its app's
// block, the rates, the tries. The first that is over its bound is what it is denied
// for.
type plan struct {
	asked *Asked
	hits  []Hit
	looks bool // the first hit is the look
	rated int  // how many hits are rates
	tried []try
}

// The members of the counter that blocks an app.
var usedCanary, looked = Mark{1}, Mark{2}

// block returns the hit that blocks an app for a time.
func block(a *Asked, length time.Duration) Hit {
	return Hit{Counter: scope(PerApp, a.App).of(kindBlock, 0), Member: usedCanary, Until: a.Now.Add(length)}
}

// look adds the look at the block. A count cannot be read without adding to it, so
// the look is a member that is forgotten as soon as it is counted. It may stand alone:
// beside the mark of a used canary it is over its bound.
func (p *plan) look() {
	hit := block(p.asked, -time.Hour) // well past also by the clock of a store that is slow
	hit.Member, hit.Most = looked, 1
	p.hits, p.looks = append(p.hits, hit), true
}

// slack keeps a counter for a little longer than its window, for a store whose clock
// is fast. Each window has its own counter, so it does no harm.
const slack = time.Minute

// rates adds the limits.
func (p *plan) rates(rates []rate, subject Mark) {
	for i := range rates {
		r := &rates[i]
		number, end := r.Window.at(p.asked.Now)
		counter := r.who(p.asked, subject).of(r.kind, number)
		p.hits = append(p.hits, Hit{Counter: counter, Most: r.Most, Until: end.Add(slack)})
	}
	p.rated = len(rates)
}

// tries adds what was tried, to be remembered until a time.
func (p *plan) tries(tries []try, until time.Time) {
	p.tried = tries
	for _, t := range tries {
		t.Until = until
		p.hits = append(p.hits, t.Hit)
	}
}

// firstRate returns the index of the first hit that is a rate.
func (p *plan) firstRate() int {
	if p.looks {
		return 1
	}
	return 0
}

// rate returns the limit that a hit counts, nil if it counts none.
func (p *plan) rate(rates []rate, hit int) *rate {
	if i := hit - p.firstRate(); i >= 0 && i < p.rated {
		return &rates[i]
	}
	return nil
}

// axis returns the axis that a hit counts, "" if it counts none.
func (p *plan) axis(hit int) Axis {
	if i := hit - p.firstRate() - p.rated; i >= 0 {
		return p.tried[i].axis
	}
	return ""
}

// counts takes the counts of the limits out of all totals.
func (p *plan) counts(rates []rate, totals []int) policy.Counts {
	var c policy.Counts
	for i := range p.rated {
		*count(&c, rates[i].name) = totals[p.firstRate()+i]
	}
	return c
}
