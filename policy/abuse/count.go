package abuse

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// plan is what a request counts, in this order: the read of its app's block, the rates,
// the tries. The first hit that exceeds its bound decides the denial.
type plan struct {
	attempt    *Attempt
	hits       []policy.Hit
	readsBlock bool // the first hit reads the block
	rateCount  int  // how many hits are rates
	tries      []try
}

// The members of the counters that block an app.
var memberHoneytoken, memberRead = policy.BlindIndex{1}, policy.BlindIndex{2}

// blockSlot is the period of one counter of a block, in seconds. A counter cannot be read
// without adding to it, and its first hit decides when it expires, so a block of one
// counter would end when the first read of it expires. Therefore a block is a row of
// counters, one for each quarter of an hour to come. The member of the honeytoken is in
// each before the first read, except perhaps in the one that has begun.
const blockSlot = 15 * 60

// block returns the hits that block an app for a time, rounded up to the end of a slot.
func block(a *Attempt, length time.Duration) (hits []policy.Hit) {
	app, last := scope(PerApp, a.App), a.Now.Add(length)
	for at := a.Now; at.Before(last); {
		number, end := windowAt(at, blockSlot)
		hits = append(hits, policy.Hit{Counter: counter(app, kindBlock, number), Member: memberHoneytoken, Until: end.Add(slack)})
		at = end
	}
	return hits
}

// readBlock adds the read of the block. Alone in its counter it is within its bound;
// beside the member of a used honeytoken it exceeds it. In the slot in which the
// honeytoken was used it may have been there before; then the total shows it.
func (p *plan) readBlock() {
	number, end := windowAt(p.attempt.Now, blockSlot)
	read := counter(scope(PerApp, p.attempt.App), kindBlock, number)
	p.hits, p.readsBlock = append(p.hits, policy.Hit{Counter: read, Member: memberRead, Most: 1, Until: end.Add(slack)}), true
}

// slack keeps a counter beyond its window, for a store whose clock is ahead of the
// node's: a counter that has expired on arrival would count nothing. Each window has its
// own counter, and expired ones are deleted hourly, so the slack has no other effect.
const slack = 15 * time.Minute

// addRates adds the limits.
func (p *plan) addRates(rates []rate, subject policy.BlindIndex) {
	for i := range rates {
		r := &rates[i]
		number, end := r.Window.at(p.attempt.Now)
		p.hits = append(p.hits, policy.Hit{Counter: counter(r.scope(p.attempt, subject), r.kind, number), Most: r.Most, Until: end.Add(slack)})
	}
	p.rateCount = len(rates)
}

// addTries adds the tried values, to be remembered until a time.
func (p *plan) addTries(tries []try, until time.Time) {
	p.tries = tries
	for _, t := range tries {
		p.hits = append(p.hits, policy.Hit{Counter: t.counter, Member: t.member, Most: t.most, Until: until})
	}
}

// firstRate returns the index of the first hit that is a rate.
func (p *plan) firstRate() int {
	if p.readsBlock {
		return 1
	}
	return 0
}

// rate returns the limit that a hit counts, or nil.
func (p *plan) rate(rates []rate, hit int) *rate {
	if i := hit - p.firstRate(); i >= 0 && i < p.rateCount {
		return &rates[i]
	}
	return nil
}

// dimension returns the dimension that a hit counts, or "".
func (p *plan) dimension(hit int) Dimension {
	if i := hit - p.firstRate() - p.rateCount; i >= 0 {
		return p.tries[i].dimension
	}
	return ""
}

// consentProbed reports whether more numbers than allowed were tried on the consent. Its
// hit, if there is one, is the last and allows one more than the threshold.
func (p *plan) consentProbed(totals []int, most int) bool {
	last := len(p.tries) - 1
	return last >= 0 && p.tries[last].dimension == NumbersPerConsent && totals[len(totals)-1] > most
}

// counts returns the counts of the limits.
func (p *plan) counts(rates []rate, totals []int) policy.Counts {
	var c policy.Counts
	for i := range p.rateCount {
		*count(&c, rates[i].name) = totals[p.firstRate()+i]
	}
	return c
}

// kind distinguishes the counters that share one blind index.
type kind byte

const (
	kindMinute kind = iota + 1
	kindHour
	kindDay
	kindBlock
	kindNames
	kindMobiles
	kindCards
	kindConsent
)

// kind returns the kind of the counters of a window.
func (w Window) kind() kind {
	switch w {
	case Minute:
		return kindMinute
	case Hour:
		return kindHour
	case Day:
	}
	return kindDay
}

// counter derives the index of one counter from the index of what it counts, which saves
// a keyed hash for each. An index is 128 bits of a hash, so changing 40 of them yields an
// index that nothing else has. Stored counters depend on this derivation.
func counter(of policy.BlindIndex, k kind, window uint32) policy.BlindIndex {
	of[0] ^= byte(k)
	binary.BigEndian.PutUint32(of[1:], binary.BigEndian.Uint32(of[1:])^window)
	return of
}

// scope returns the index of a tenant, an app or a caller. It needs no key, because these
// are programs and not people.
func scope(per Per, id string) policy.BlindIndex {
	sum := sha256.Sum256([]byte(string(per) + "\x00" + id))
	return policy.BlindIndex(sum[:len(policy.BlindIndex{})])
}

// rate is a limit prepared for counting.
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

// scope returns the index of those whose requests the limit counts together.
func (r *rate) scope(a *Attempt, subject policy.BlindIndex) policy.BlindIndex {
	switch r.Per {
	case PerSubject:
		return subject
	case PerApp:
		return scope(PerApp, a.App)
	case PerCaller:
		return scope(PerCaller, a.Caller)
	case PerTenant:
	}
	return scope(PerTenant, "") // the store separates tenants
}

// left returns the time until the current window ends.
func (r *rate) left(now time.Time) time.Duration {
	_, end := r.Window.at(now)
	return end.Sub(now)
}
