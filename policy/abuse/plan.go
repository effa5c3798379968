package abuse

import (
	"time"

	"github.com/heyan-id/heyan/policy"
)

// plan is what is to be counted for a question, in this order: the look at its app's
// block, the rates, the tries. The first that is over its bound is what it is denied
// for.
type plan struct {
	asked *Attempt
	hits  []Hit
	looks bool // the first hit is the look
	rated int  // how many hits are rates
	tried []try
}

// The members of the counters that block an app.
var usedCanary, looked = BlindIndex{1}, BlindIndex{2}

// slot is the time that one counter of a block stands for. A count cannot be read
// without adding to it, and the first hit says when it is forgotten, so that a block
// of one counter would end when the first look at it does. Therefore a block is a row
// of counters, one for each quarter of an hour to come. The mark of the used canary is
// in each before anybody looks, but perhaps in the one that has begun.
const slot = 15 * 60 // seconds

// block returns the hits that block an app for a time, rounded up to the end of a slot.
func block(a *Attempt, length time.Duration) (hits []Hit) {
	app, last := scope(PerApp, a.App), a.Now.Add(length)
	for at := a.Now; at.Before(last); {
		number, end := windowAt(at, slot)
		hits = append(hits, Hit{Counter: app.of(kindBlock, number), Member: usedCanary, Until: end.Add(slack)})
		at = end
	}
	return hits
}

// look adds the look at the block. It may stand alone: beside the mark of a used
// canary it is over its bound. In the slot that had begun when the canary was used it
// may have stood there before; then the total tells.
func (p *plan) look() {
	number, end := windowAt(p.asked.Now, slot)
	counter := scope(PerApp, p.asked.App).of(kindBlock, number)
	p.hits, p.looks = append(p.hits, Hit{Counter: counter, Member: looked, Most: 1, Until: end.Add(slack)}), true
}

// slack keeps a counter for longer than its window, for a store whose clock is ahead of
// the node's: a counter that is over when it arrives would count nothing. Each window
// has its own counter, and what is over is deleted by the hour, so it does no harm.
const slack = 15 * time.Minute

// rates adds the limits.
func (p *plan) rates(rates []rate, subject BlindIndex) {
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
func (p *plan) axis(hit int) Dimension {
	if i := hit - p.firstRate() - p.rated; i >= 0 {
		return p.tried[i].axis
	}
	return ""
}

// guessed reports whether more numbers than allowed were tried on the consent. Its
// counter, the last one if there is one, takes one more than that.
func (p *plan) guessed(totals []int, most int) bool {
	last := len(p.tried) - 1
	return last >= 0 && p.tried[last].axis == NumbersPerConsent && totals[len(totals)-1] > most
}

// counts takes the counts of the limits out of all totals.
func (p *plan) counts(rates []rate, totals []int) policy.Counts {
	var c policy.Counts
	for i := range p.rated {
		*count(&c, rates[i].name) = totals[p.firstRate()+i]
	}
	return c
}
