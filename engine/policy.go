package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// Policy is what a question has to pass before anybody is asked. The zero value
// needs a consent of the person that the store keeps, for any purpose.
type Policy struct {
	Consent  consent.Mode
	Purposes []policy.Purpose // what may be asked for; if empty, anything that the person agreed to
	Rules    policy.Decider   // nil: no rules beside the built-in ones
	Abuse    *abuse.Detector  // nil: nothing is counted, and guessing is not stopped

	// Keyring makes the tokens that stand for people. Nodes that share a store share it.
	// If nil, one is made where it is needed; what stands under its tokens is not found
	// again after the process has ended.
	Keyring *keyring.Keyring
}

// prepare finds the faults of a policy and fills in its defaults.
func (p *Policy) prepare() (*policy.Purposes, error) {
	purposes, err := policy.NewPurposes(p.Purposes)
	if err != nil || p.Keyring != nil || p.Consent != consent.Required && !p.reuses() {
		return purposes, err
	}
	p.Keyring, err = keyring.New(keyring.Key{ID: "random", Secret: idv.NewSensitive(rand.Text() + rand.Text())})
	return purposes, err
}

// reuses reports whether any purpose lets an earlier answer be given again.
func (p *Policy) reuses() bool {
	for i := range p.Purposes {
		if p.Purposes[i].CacheTTL > 0 {
			return true
		}
	}
	return false
}

// permit is what policy said of a question that it allows.
type permit struct {
	token       idv.SubjectToken
	purpose     *policy.Purpose
	consent     *consent.Record // the one that every call needs; nil if the basis is another, or the caller keeps it
	looked      string          // the id of the consent that was looked at, whether it covers the question or not
	basis       policy.Basis
	rules       []string
	obligations policy.Obligations
}

// permit lets policy look at a question: its purpose, the person's consent, the
// counts and the rules, in this order, so that a question that is not in order uses up
// nobody's share. Explain counts no question, so it sees no limit.
//
// The error is a *policy.Denial if policy says no.
func (e *Engine) permit(ctx context.Context, r *idv.Request, q *question, counting bool) (p permit, err error) {
	now := time.Now()
	if e.policy.Keyring != nil {
		p.token = e.policy.Keyring.Token(r.Tenant, q.subject.IDNumber)
	}
	if err := e.purposeOf(r, &p); err != nil {
		return p, err
	}
	if p.purpose.Minors == policy.MinorsDeny && child(q.age) {
		return p, policy.DenyMinor()
	}
	if err := e.agreed(ctx, r, q, &p, now); err != nil {
		return p, e.tried(ctx, r, q, &p, now, err)
	}
	counts, err := e.count(ctx, r, q, &p, now, counting)
	if err != nil {
		return p, err
	}
	if e.policy.Rules == nil {
		return p, nil
	}
	return p, p.decide(e.policy.Rules.Decide(factsOf(r, q, &p, counts, now)))
}

// purposeOf finds the purpose of a request and its legal basis.
func (e *Engine) purposeOf(r *idv.Request, p *permit) (err error) {
	if p.purpose, err = e.purposes.Find(r.Purpose, r.App); err != nil {
		return err
	}
	p.basis = p.purpose.Basis
	if p.purpose.NeedsConsent() {
		p.basis = policy.ByConsent
	}
	if e.policy.Consent == consent.Off && p.basis == policy.ByConsent {
		p.basis = "" // nobody asked the person
	}
	return nil
}

// agreed keeps the rule that the engine is built round: without a consent that
// covers the question, or another basis in law, nobody is asked. It is kept here and
// not in a handler, so that no way into the engine goes past it.
func (e *Engine) agreed(ctx context.Context, r *idv.Request, q *question, p *permit, now time.Time) error {
	switch {
	case e.policy.Consent == consent.Off:
		return nil
	case p.basis != policy.ByConsent:
		return childOnOtherBasis(p.purpose, q.age)
	case e.policy.Consent == consent.External:
		if r.ConsentID == "" {
			return faulty(consent.Missing)
		}
		return nil
	}
	if r.ConsentID == "" {
		return faulty(consent.Missing)
	}
	record, err := e.store.Consent(ctx, r.Tenant, r.ConsentID)
	switch {
	case errors.Is(err, consent.ErrNotFound):
		return faulty(consent.Missing)
	case err != nil:
		return unread("the consent could not be read, so nobody was asked")
	}
	return e.covered(r, q, p, &record, now)
}

// covered holds a consent against the question.
func (e *Engine) covered(r *idv.Request, q *question, p *permit, record *consent.Record, now time.Time) error {
	p.looked = record.ID
	fault := record.Covers(consent.Question{
		Subject: record.Subject == p.token || e.policy.Keyring.Matches(record.Subject, r.Tenant, q.subject.IDNumber),
		App:     r.App, Purpose: r.Purpose, Items: q.check.Claims().List(), Age: q.age,
	}, now)
	if fault != "" {
		return faulty(fault)
	}
	p.consent = record
	return nil
}

// childOnOtherBasis keeps children out where no consent can speak for them, unless
// the purpose says that its law covers them (PIPL art. 31).
func childOnOtherBasis(purpose *policy.Purpose, age int) error {
	if purpose.Minors == policy.MinorsAllow || !child(age) {
		return nil
	}
	return policy.DenyMinor()
}

// child reports whether somebody is, or may be, under the age of own consent.
func child(age int) bool { return age < consent.AgeOwnConsent }

// decide takes the word of the rules.
func (p *permit) decide(d policy.Decision) error {
	if !d.Allowed {
		return denied(idv.NoField, d)
	}
	p.rules, p.obligations = d.Rules, d.Obligations
	return nil
}

// factsOf says of a question what policy may know.
func factsOf(r *idv.Request, q *question, p *permit, counts policy.Counts, now time.Time) policy.Facts {
	f := policy.Facts{
		Tenant: string(r.Tenant), App: r.App, Caller: r.Caller, Check: q.check.String(), Document: string(q.document), Purpose: r.Purpose,
		Basis: string(p.basis), Region: q.region, Age: q.age, Flags: q.flags, Counts: counts,
	}
	if c := p.consent; c != nil {
		f.Consent = policy.ConsentFacts{State: string(c.State), Valid: true, Guardian: c.Guardian.Subject != "", Recipients: c.RecipientNames()}
	}
	f.At(now)
	return f
}

func denied(field idv.Field, d policy.Decision) error {
	return &policy.Denial{Decision: d, Failure: idv.Denied, Field: field}
}

// faulty is the denial of a consent that does not cover the question.
func faulty(f consent.Fault) error {
	help := f.Help()
	return denied(idv.FieldConsentID, policy.Deny(policy.Reason{Rule: consent.RulePrefix + string(f), ZH: help.ZH, EN: help.EN}))
}

// unread is the error of a store that could not say what policy has to know.
func unread(detail string) error {
	return &idv.Error{Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Detail: detail}
}

// barred returns why a recipient may not get the person's data, "" if it may.
func (p *permit) barred(recipient string) idv.SkipReason {
	switch {
	case p == nil:
		return ""
	case p.consent != nil && !p.consent.Names(recipient):
		return idv.SkipNotConsented
	case !p.obligations.Permits(recipient):
		return idv.SkipPolicy
	}
	return ""
}

// nobodyAllowed is the denial of a question that every provider is barred from, nil
// if one is not: a consent to other recipients is none for these.
func nobodyAllowed(plan *idv.Plan) error {
	if len(plan.Steps) > 0 || len(plan.Skipped) == 0 {
		return nil
	}
	fault := consent.NotRecipient
	for _, out := range plan.Skipped {
		switch out.Reason {
		case idv.SkipNotConsented:
		case idv.SkipPolicy:
			fault = ""
		default:
			return nil
		}
	}
	if fault != "" {
		return faulty(fault)
	}
	return denied(idv.NoField, policy.Deny(policy.Reason{
		Rule: "recipients", ZH: "规则所允许的接收方都不在可询问之列。", EN: "The rules leave no recipient that could be asked.",
	}))
}

// write puts what policy said into the verification.
func (p *permit) write(v *idv.Verification) {
	v.Token, v.Basis, v.Rules, v.Review = p.token, string(p.basis), p.rules, p.obligations.Review
}
