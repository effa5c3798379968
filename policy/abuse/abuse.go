// Package abuse limits requests and detects enumeration. A paid service that answers yes
// or no is an oracle for an attacker who tries many names or numbers, so the detector
// stops such attempts after a few tries.
//
// Counters are exact. The nodes of a fleet share them through their store, under blind
// indexes, so that stored counters identify no person.
package abuse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// The bounds and defaults of [Config.Remember] and [Config.Block].
const (
	DefaultRemember = 24 * time.Hour
	MinRemember     = time.Hour
	MaxRemember     = 7 * 24 * time.Hour
	DefaultBlock    = 24 * time.Hour
	MinBlock        = time.Minute
	MaxBlock        = 7 * 24 * time.Hour
)

// Config configures a [Detector]. Only Indexer is required. Without Thresholds every
// dimension has its default.
type Config struct {
	Indexer     policy.BlindIndexer
	Limits      Limits
	Thresholds  Thresholds
	Honeytokens Honeytokens
	Alarms      Alarms // receives events; if nil, requests are denied without an event

	// Remember is how long a tried value is remembered, from the first try on: from 1 hour
	// to 7 days, 0 means a day. A longer time leaves an attacker fewer tries and blocks a
	// mistaken person for longer.
	Remember time.Duration
	// Block is how long an app that used a honeytoken is blocked: from 1 minute to 7 days,
	// 0 means a day. It is rounded up to the next quarter of an hour.
	Block time.Duration
}

// Detector counts requests and denies those above a limit or threshold. [New] makes one.
// The zero value has no key and returns an error for every request, so a detector that
// was not made by New admits nothing. It is safe for concurrent use and keeps no state
// that another node needs.
type Detector struct {
	indexer     policy.BlindIndexer
	rates       []rate
	thresholds  Thresholds
	honeytokens Honeytokens
	remember    time.Duration
	block       time.Duration
	alarms      alarmLimiter
}

// New returns a detector, or the first fault of its configuration.
func New(c Config) (*Detector, error) {
	if c.Indexer == nil {
		return nil, errors.New("a detector needs an indexer; pass the keyring")
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
		return nil, fmt.Errorf("the time to remember must be from %v to %v", MinRemember, MaxRemember)
	}
	if c.Block < MinBlock || c.Block > MaxBlock {
		return nil, fmt.Errorf("the time to block must be from %v to %v", MinBlock, MaxBlock)
	}
	return &Detector{
		indexer: c.Indexer, rates: compile(c.Limits), thresholds: c.Thresholds.complete(), honeytokens: c.Honeytokens,
		remember: c.Remember, block: c.Block, alarms: alarmLimiter{alarms: c.Alarms},
	}, nil
}

// Attempt is a request as the detector sees it.
type Attempt struct {
	Tenant  idv.Tenant
	App     string
	Caller  string      // the id of the API key; empty if there is none
	Consent string      // the id of the stored consent that the request names; empty if none
	Subject idv.Subject // in canonical form for Check; as received for RecordInvalid
	Now     time.Time
}

// Result is the outcome of counting a request. The request may continue only if the
// accompanying error and Denial are both nil.
type Result struct {
	Counts policy.Counts  // of the limits; includes this request unless it is denied
	Denial *policy.Denial // nil if nothing exceeds its limit or threshold
	Retry  time.Duration  // with a denial: when the limit resets; for enumeration, the longest time it lasts
}

// Err returns the denial as an error with its retry time, or nil.
func (r Result) Err() error {
	if r.Denial == nil {
		return nil
	}
	r.Denial.Retry = r.Retry
	return r.Denial
}

// The errors of a detector that cannot decide. The request must not continue.
var (
	errNotMade = errors.New("the detector was not made by New")
	errNoTime  = errors.New("the attempt has no time")
	errCounted = errors.New("the store returned counts of other hits")
)

// Check counts a request that is about to be executed, in one call of the store, and
// denies it if a limit, threshold or block is exceeded; then nothing is counted. Call it
// last of all local checks and once per request, since a counted request is taken for
// executed. There is one exception: a request that names a consent on which too many
// numbers were tried is counted before it is denied. An error is a fault of heyan or the
// store, never a judgement of the request; the request must not continue.
func (d *Detector) Check(ctx context.Context, counters policy.Counters, a Attempt) (Result, error) {
	if err := d.ready(&a); err != nil {
		return Result{}, err
	}
	r := d.reader(&a)
	r.request(a.Subject)
	p := plan{attempt: &a, hits: make([]policy.Hit, 0, 1+len(d.rates)+len(r.tries))}
	if d.honeytokens.plantedBy(a.Tenant) {
		p.readBlock()
	}
	p.addRates(d.rates, r.number)
	return d.count(ctx, counters, &p, &r)
}

// RecordInvalid counts a request whose number the local check rejected, for any reason.
// It cost nothing, but trying check digits and using a honeytoken are signs of
// enumeration. If there is a denial, it replaces the rejection. The counts stay 0. Errors
// are those of Check.
func (d *Detector) RecordInvalid(ctx context.Context, counters policy.Counters, a Attempt) (Result, error) {
	if err := d.ready(&a); err != nil {
		return Result{}, err
	}
	r := d.reader(&a)
	r.invalid(a.Subject)
	return d.count(ctx, counters, &plan{attempt: &a}, &r)
}

// RecordProbe counts a request that is not executed because the consent that it names, if
// any, does not cover it. Trying numbers until one fits is enumeration, and so is sending
// the numbers of a stolen list. If there is a denial, it replaces the refusal. The counts
// stay 0. Errors are those of Check.
func (d *Detector) RecordProbe(ctx context.Context, counters policy.Counters, a Attempt) (Result, error) {
	if err := d.ready(&a); err != nil {
		return Result{}, err
	}
	r := d.reader(&a)
	r.probe(a.Subject)
	return d.count(ctx, counters, &plan{attempt: &a}, &r)
}

// ready returns the error of a detector that cannot decide about an attempt.
func (d *Detector) ready(a *Attempt) error {
	switch {
	case d == nil || d.indexer == nil:
		return errNotMade
	case a.Now.IsZero():
		return errNoTime
	}
	return nil
}

func (d *Detector) reader(a *Attempt) reader {
	return reader{indexer: d.indexer, thresholds: d.thresholds, tenant: a.Tenant, consent: a.Consent}
}

// count counts the planned hits and the tries, unless a number is a honeytoken.
func (d *Detector) count(ctx context.Context, counters policy.Counters, p *plan, r *reader) (Result, error) {
	if d.honeytokens.has(r.tenant, r.number, r.mobile, r.card) {
		return d.honeytokenUsed(ctx, counters, p.attempt)
	}
	p.addTries(r.tries, p.attempt.Now.Add(d.remember))
	if len(p.hits) == 0 {
		return Result{}, nil
	}
	counted, err := counters.Count(ctx, r.tenant, p.hits)
	if err != nil {
		return Result{}, fmt.Errorf("count the request: %w", err)
	}
	if len(counted.Totals) != len(p.hits) || counted.Over >= len(p.hits) {
		return Result{}, errCounted
	}
	out := Result{Counts: p.counts(d.rates, counted.Totals)}
	d.decide(p, counted, &out)
	p.report(ctx, d.rates, counted.Totals)
	return out, nil
}

// decide sets the denial if a count exceeds its bound.
func (d *Detector) decide(p *plan, counted policy.Counted, out *Result) {
	if counted.Over < 0 {
		if p.readsBlock && counted.Totals[0] > 1 { // a honeytoken was used after an earlier read
			d.deny(out)
		}
		if p.consentProbed(counted.Totals, d.thresholds[NumbersPerConsent]) {
			d.alarm(NumbersPerConsent, p.attempt)
			d.deny(out)
		}
		return
	}
	if rate := p.rate(d.rates, counted.Over); rate != nil {
		out.Denial, out.Retry = denial(rate.rule, rate.failure), rate.left(p.attempt.Now)
		return
	}
	if dim := p.dimension(counted.Over); dim != "" {
		d.alarm(dim, p.attempt)
	}
	d.deny(out)
}

// deny sets the denial that is the same for every kind of enumeration.
func (d *Detector) deny(out *Result) {
	out.Denial, out.Retry = denial(RuleGuard, idv.SubjectLimited), d.remember
}

func (d *Detector) alarm(dim Dimension, a *Attempt) {
	d.alarms.raise(Event{Dimension: dim, Tenant: a.Tenant, App: a.App, Caller: a.Caller, At: a.Now})
}

// honeytokenUsed raises the alarm and blocks the app. The alarm comes first, so that it
// is raised even if the store is unavailable.
func (d *Detector) honeytokenUsed(ctx context.Context, counters policy.Counters, a *Attempt) (Result, error) {
	d.alarm(HoneytokenUsed, a)
	if _, err := counters.Count(ctx, a.Tenant, block(a, d.block)); err != nil {
		return Result{}, fmt.Errorf("block the app: %w", err)
	}
	var out Result
	d.deny(&out)
	return out, nil
}

// RuleGuard is the id of every denial because of enumeration or a honeytoken. All share
// one id and one text, so that an attacker does not learn which dimension was exceeded.
// The [Event] tells the operator.
const RuleGuard = "guard"

// denial returns a denial with the text of its failure. Enumeration shares the text of a
// limit per person, so that the text reveals nothing about the detector.
func denial(rule string, failure idv.Failure) *policy.Denial {
	reason := policy.Reason{
		Rule: rule,
		ZH:   "暂时不能再核验此人的信息，请稍后再试。",
		EN:   "This person's details cannot be verified again for now. Please try again later.",
	}
	if failure == idv.Throttled {
		reason.ZH = "请求次数已达上限，请稍后再试。"
		reason.EN = "The limit on the number of requests is reached. Please try again later."
	}
	return &policy.Denial{Decision: policy.Deny(reason), Failure: failure}
}
