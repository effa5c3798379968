package abuse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// The times of a guard.
const (
	DefaultRemember = 24 * time.Hour
	MinRemember     = time.Hour
	MaxRemember     = 7 * 24 * time.Hour
	DefaultBlock    = 24 * time.Hour
	MinBlock        = time.Minute
	MaxBlock        = 7 * 24 * time.Hour
)

// Config is what a guard is made of. Without limits and bounds every axis is watched
// with its default; only Marks is needed.
type Config struct {
	Indexer     BlindIndexer
	Limits      Limits
	Thresholds  Thresholds
	Honeytokens Honeytokens
	Alarms      Alarms // nil: nobody is told, what is blocked is blocked all the same

	// Remember is how long what was tried is remembered, from the first try on: from 1
	// hour to 7 days, 0 for a day. A guesser has a few tries in each such time; a longer
	// one leaves him fewer, and blocks a mistaken person for longer.
	Remember time.Duration
	// Block is for how long an app that used a canary is blocked: from 1 minute to 7
	// days, 0 for a day. It ends with the quarter of an hour that it would end in.
	Block time.Duration
}

// Detector counts questions and denies those beyond the limits. [New] makes one; the
// zero value knows no key to count under and refuses every question with an error, so
// that one that was forgotten to be made is no open door. It is safe for concurrent
// use and keeps nothing that another node needs.
type Detector struct {
	marks    BlindIndexer
	rates    []rate
	bounds   Thresholds
	canaries Honeytokens
	remember time.Duration
	block    time.Duration
	bell     bell
}

// New makes a guard, or returns the first fault of its configuration.
func New(c Config) (*Detector, error) {
	if c.Indexer == nil {
		return nil, errors.New("a guard needs a marker")
	}
	if err := errors.Join(c.Limits.Validate(), c.Thresholds.Validate()); err != nil {
		return nil, err
	}
	if c.Remember == 0 {
		c.Remember = DefaultRemember
	}
	if c.Block == 0 {
		c.Block = DefaultBlock
	}
	if c.Remember < MinRemember || c.Remember > MaxRemember {
		return nil, fmt.Errorf("a guard remembers from %v to %v", MinRemember, MaxRemember)
	}
	if c.Block < MinBlock || c.Block > MaxBlock {
		return nil, fmt.Errorf("a block lasts from %v to %v", MinBlock, MaxBlock)
	}
	return &Detector{
		marks: c.Indexer, rates: compile(c.Limits), bounds: c.Thresholds.complete(), canaries: c.Honeytokens,
		remember: c.Remember, block: c.Block, bell: bell{alarms: c.Alarms},
	}, nil
}

// Attempt is a question as the guard sees it.
type Attempt struct {
	Tenant  idv.Tenant
	App     string
	Caller  string      // the id of the API key; "" if there is none
	Consent string      // the id of the consent that the question rests on, if it is kept here
	Subject idv.Subject // in canonical form for Check; as it came for Refused
	Now     time.Time
}

// Result is what a guard found. The question may go on only if both the error beside
// it and Denial are nil.
type Result struct {
	Counts policy.Counts  // of the limits; this question included if it is not denied
	Denial *policy.Denial // nil if nothing is over its bound
	Retry  time.Duration  // with a denial: when a limit is fresh; of the guard, the longest that it lasts
}

// Err returns the denial as an error that says when to ask again, nil if there is none.
func (o Result) Err() error {
	if o.Denial == nil {
		return nil
	}
	o.Denial.Retry = o.Retry
	return o.Denial
}

// The errors of a guard that cannot judge. The question must not be asked then.
var (
	errNotMade = errors.New("the guard was not made by New")
	errNoTime  = errors.New("the question has no time")
	errCounted = errors.New("the store counted something else than it was asked to")
)

// Check counts a question that is about to be asked, in one call of the store, and
// denies it if a limit, a bound or a block is reached; then nothing is counted. Ask
// it last of all local checks and once per question: what it counts is taken for
// asked. One exception: a question on a consent that too many numbers were tried on is
// counted before it is denied. An error is a fault of ours or the store's, never a verdict about the
// question, and means that it may not be asked.
func (g *Detector) Check(ctx context.Context, counters Counters, a Attempt) (Result, error) {
	if err := g.ready(&a); err != nil {
		return Result{}, err
	}
	r := g.reader(&a)
	r.question(a.Subject)
	p := plan{asked: &a, hits: make([]Hit, 0, 1+len(g.rates)+len(r.tries))}
	if g.canaries.watched(a.Tenant) {
		p.look()
	}
	p.rates(g.rates, r.number)
	return g.judge(ctx, counters, &p, &r)
}

// RecordInvalid counts a question whose number the local check refused. It cost nothing, but
// trying check digits and using a canary are signs of guessing. Call it for a number
// refused for any reason. The denial, if there is one, is the answer in place of the
// refusal; the counts stay 0. Errors are as those of Check.
func (g *Detector) RecordInvalid(ctx context.Context, counters Counters, a Attempt) (Result, error) {
	if err := g.ready(&a); err != nil {
		return Result{}, err
	}
	r := g.reader(&a)
	r.refused(a.Subject)
	return g.judge(ctx, counters, &plan{asked: &a}, &r)
}

// RecordProbe counts a question that is not asked, because the consent that it names, if it
// names one, does not cover it: whoever tries numbers until one fits, or puts one from
// a stolen list, is a guesser all the same. The denial, if there is one, is the answer
// in place of the refusal; the counts stay 0. Errors are as those of Check.
func (g *Detector) RecordProbe(ctx context.Context, counters Counters, a Attempt) (Result, error) {
	if err := g.ready(&a); err != nil {
		return Result{}, err
	}
	r := g.reader(&a)
	r.tried(a.Subject)
	return g.judge(ctx, counters, &plan{asked: &a}, &r)
}

// ready returns why the guard cannot judge a question, if it cannot.
func (g *Detector) ready(a *Attempt) error {
	switch {
	case g == nil || g.marks == nil:
		return errNotMade
	case a.Now.IsZero():
		return errNoTime
	}
	return nil
}

func (g *Detector) reader(a *Attempt) reader {
	return reader{marks: g.marks, bounds: g.bounds, tenant: a.Tenant, consent: a.Consent}
}

// judge counts what is planned and what was read, unless the number is a canary.
func (g *Detector) judge(ctx context.Context, counters Counters, p *plan, r *reader) (Result, error) {
	if g.canaries.has(r.tenant, r.number) {
		return g.stolen(ctx, counters, p.asked)
	}
	p.tries(r.tries, p.asked.Now.Add(g.remember))
	if len(p.hits) == 0 {
		return Result{}, nil
	}
	counted, err := counters.Count(ctx, r.tenant, p.hits)
	if err != nil {
		return Result{}, fmt.Errorf("count the question: %w", err)
	}
	if len(counted.Totals) != len(p.hits) || counted.Over >= len(p.hits) {
		return Result{}, errCounted
	}
	out := Result{Counts: p.counts(g.rates, counted.Totals)}
	g.conclude(p, counted, &out)
	return out, nil
}

// conclude denies what was counted over its bound.
func (g *Detector) conclude(p *plan, counted Counted, out *Result) {
	if counted.Over < 0 {
		if p.looks && counted.Totals[0] > 1 { // a canary was used after an earlier look
			g.deny(out)
		}
		if p.guessed(counted.Totals, g.bounds[NumbersPerConsent]) {
			g.alarm(NumbersPerConsent, p.asked)
			g.deny(out)
		}
		return
	}
	if rate := p.rate(g.rates, counted.Over); rate != nil {
		out.Denial, out.Retry = denial(rate.rule, rate.failure), rate.left(p.asked.Now)
		return
	}
	if axis := p.axis(counted.Over); axis != "" {
		g.alarm(axis, p.asked)
	}
	g.deny(out)
}

// deny sets the one denial of the guard.
func (g *Detector) deny(out *Result) {
	out.Denial, out.Retry = denial(RuleGuard, idv.SubjectLimited), g.remember
}

func (g *Detector) alarm(axis Dimension, a *Attempt) {
	g.bell.ring(Event{Dimension: axis, Tenant: a.Tenant, App: a.App, Caller: a.Caller, At: a.Now})
}

// stolen tells of a canary and blocks the app. The alarm comes first: it must be heard
// even if the store is away.
func (g *Detector) stolen(ctx context.Context, counters Counters, a *Attempt) (Result, error) {
	g.alarm(HoneytokenUsed, a)
	if _, err := counters.Count(ctx, a.Tenant, block(a, g.block)); err != nil {
		return Result{}, fmt.Errorf("block the app: %w", err)
	}
	var out Result
	g.deny(&out)
	return out, nil
}
