package engine

import (
	"context"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// authorization is the outcome of policy for a request that it allows.
type authorization struct {
	token       idv.SubjectToken
	purpose     *policy.Purpose
	consent     *consent.Record // what every call needs; nil on another basis, or if the caller keeps consents
	checked     string          // the id of the consent that was read, whether it covers the request or not
	basis       policy.Basis
	rules       []string
	obligations policy.Obligations
	asked       map[string]bool // recipients that an ordered second opinion must not come from
}

// authorize applies policy: the purpose, the consent, the limits and the rules, in
// this order, so that a request without a consent uses up no limit. If counting is
// false, the request is only explained: it is not counted and no limit applies.
//
// The error is a *policy.Denial if policy denies the request.
func (s *session) authorize(ctx context.Context, counting bool) error {
	now := time.Now()
	a := &s.authorization
	if s.order != nil {
		a.asked = s.order.asked
	}
	if s.policy.Keyring != nil {
		a.token = s.policy.Keyring.Token(s.request.Tenant, s.question.subject.Person())
	}
	if err := s.findPurpose(); err != nil {
		return err
	}
	if a.purpose.Minors == policy.MinorsDeny && isChild(s.question.age) {
		return policy.DenyMinor()
	}
	if err := s.checkConsent(ctx, now); err != nil {
		return s.recordProbe(ctx, now, err)
	}
	counts, err := s.count(ctx, now, counting)
	if err != nil {
		return err
	}
	if s.policy.Rules != nil {
		if err := a.apply(s.policy.Rules.Decide(s.facts(counts, now))); err != nil {
			return err
		}
	}
	v := &s.result
	v.Token, v.Basis, v.Rules, v.Review = a.token, a.basis, a.rules, a.obligations.Review
	return nil
}

// findPurpose finds the purpose of the request and its legal basis.
func (s *session) findPurpose() (err error) {
	a := &s.authorization
	if a.purpose, err = s.purposes.Find(s.request.Purpose, s.request.App); err != nil {
		return err
	}
	a.basis = a.purpose.Basis
	if a.purpose.NeedsConsent() {
		a.basis = policy.ByConsent
	}
	if s.policy.Consent == consent.Off && a.basis == policy.ByConsent {
		a.basis = "" // the person was not asked
	}
	return nil
}

// checkConsent enforces the engine's main rule: without a consent that covers the
// request, or another legal basis, no provider is called. The rule stands here and not
// in an API handler, so that no way into the engine bypasses it.
func (s *session) checkConsent(ctx context.Context, now time.Time) error {
	switch {
	case s.policy.Consent == consent.Off:
		return nil
	case s.authorization.basis != policy.ByConsent:
		return childOnOtherBasis(s.authorization.purpose, s.question.age)
	case s.request.ConsentID == "":
		return consentDenial(consent.Missing)
	case s.policy.Consent == consent.External:
		return nil
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	record, err := s.store.Consent(ctx, s.request.Tenant, s.request.ConsentID)
	switch {
	case errors.Is(err, consent.ErrNotFound):
		return consentDenial(consent.Missing)
	case err != nil:
		return storeFailed("the consent could not be read, so no provider was called")
	}
	return s.checkCoverage(&record, now)
}

// checkCoverage compares a consent with the request. The clock of the store set the time at
// which the consent was given, and decides again before each call. So a clock of this node
// that is a little behind denies no consent that was given just now.
func (s *session) checkCoverage(record *consent.Record, now time.Time) error {
	a, r, q := &s.authorization, &s.request, &s.question
	a.checked = record.ID
	if ahead := record.DecidedAt.Sub(now); ahead > 0 && ahead <= store.Tolerance {
		now = record.DecidedAt.Add(1)
	}
	fault := record.Covers(consent.Question{
		Subject: record.Subject == a.token || s.policy.Keyring.Matches(record.Subject, r.Tenant, q.subject.Person()),
		Name:    record.Name == "" || s.policy.Keyring.MatchesName(record.Name, r.Tenant, q.subject),
		App:     r.App, Purpose: r.Purpose, Items: q.check.Claims().List(), Age: q.age,
	}, now)
	if fault != "" {
		return consentDenial(fault)
	}
	a.consent = record
	return nil
}

// childOnOtherBasis denies a child on a basis other than consent, since no guardian
// was asked, unless the purpose says that its law covers children (PIPL art. 31).
func childOnOtherBasis(purpose *policy.Purpose, age int) error {
	if purpose.Minors == policy.MinorsAllow || !isChild(age) {
		return nil
	}
	return policy.DenyMinor()
}

// isChild reports whether a person is, or may be, too young to consent alone.
func isChild(age int) bool { return age < consent.AgeOwnConsent }

// count counts the request and applies the limits. It is the last of the built-in
// checks, so that a request that another check denies uses up no limit; neither does
// one that no provider can be called for. If the request is only explained, nothing is
// counted but the number that is tried on the consent.
func (s *session) count(ctx context.Context, now time.Time, counting bool) (counts policy.Counts, err error) {
	if s.policy.Abuse == nil {
		return counts, nil
	}
	if !counting {
		return counts, s.recordProbe(ctx, now, nil)
	}
	if !s.reaches(s.question.route, s.routing(0), &s.authorization) {
		return counts, nil
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	out, err := s.policy.Abuse.Check(ctx, s.store, s.attempt(s.question.subject, now))
	if err != nil {
		return out.Counts, storeFailed("the request could not be counted, so no provider was called")
	}
	return out.Counts, out.Err()
}

// recordProbe counts the number of a request that goes no further, and returns the
// error for the caller: denied, or the detector's denial instead. Without it, numbers
// could be tried on a consent until one fits, and honeytokens would raise no alarm.
func (s *session) recordProbe(ctx context.Context, now time.Time, denied error) error {
	var denial *policy.Denial
	if s.policy.Abuse == nil || denied != nil && !errors.As(denied, &denial) {
		return denied
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	out, err := s.policy.Abuse.RecordProbe(ctx, s.store, s.attempt(s.question.subject, now))
	switch {
	case err != nil && denied == nil:
		return storeFailed("the request could not be counted, so it is not explained")
	case err != nil || out.Denial == nil:
		return denied // no call is made either way
	}
	return out.Err()
}

// recordInvalidNumber counts a number that the local check refused, because guessing
// check digits costs a guesser nothing. It returns the error for the caller: invalid,
// or the detector's denial instead.
func (s *session) recordInvalidNumber(ctx context.Context, invalid error) error {
	e := idv.AsError(invalid)
	if s.policy.Abuse == nil || e.Failure != idv.InvalidInput {
		return invalid
	}
	switch e.Field {
	case idv.FieldIDNumber, idv.FieldMobile, idv.FieldBankCard:
	default:
		return invalid
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	out, err := s.policy.Abuse.RecordInvalid(ctx, s.store, s.attempt(s.request.Subject.Only(s.request.Check.Claims()), time.Now()))
	if err != nil || out.Denial == nil {
		return invalid // no call is made either way
	}
	return out.Err()
}

// attempt describes the request to the detector.
func (s *session) attempt(subject idv.Subject, now time.Time) abuse.Attempt {
	r := &s.request
	return abuse.Attempt{Tenant: r.Tenant, App: r.App, Caller: r.Caller, Consent: s.authorization.checked, Subject: subject, Now: now}
}

// facts returns what rules may know of the request.
func (s *session) facts(counts policy.Counts, now time.Time) policy.Facts {
	a, r, q := &s.authorization, &s.request, &s.question
	f := policy.Facts{
		Tenant: string(r.Tenant), App: r.App, Caller: r.Caller, Check: q.check.String(), Document: string(q.document), Purpose: r.Purpose,
		Basis: string(a.basis), Region: q.region, NameScript: string(q.script), Age: q.age, Flags: q.flags, Counts: counts,
	}
	if c := a.consent; c != nil {
		f.Consent = policy.ConsentFacts{State: string(c.State), Valid: true, Guardian: c.Guardian.Subject != "", Recipients: c.RecipientNames()}
	}
	f.At(now)
	return f
}

// apply takes the decision of the rules.
func (a *authorization) apply(d policy.Decision) error {
	if !d.Allowed {
		return &policy.Denial{Decision: d, Failure: idv.Denied}
	}
	a.rules, a.obligations = d.Rules, d.Obligations
	return nil
}

// bars returns why a recipient may not receive the person's data, "" if it may.
func (a *authorization) bars(recipient string) idv.SkipReason {
	switch {
	case a == nil:
		return ""
	case a.consent != nil && !a.consent.Names(recipient):
		return idv.SkipNotConsented
	case !a.obligations.Permits(recipient):
		return idv.SkipPolicy
	case a.asked[recipient]:
		return idv.SkipAlreadyAsked
	}
	return ""
}

// consentDenial is the denial of a request that its consent does not cover.
func consentDenial(f consent.Fault) error {
	help := f.Help()
	return &policy.Denial{
		Failure: idv.Denied, Field: idv.FieldConsentID,
		Decision: policy.Deny(policy.Reason{Rule: consent.RulePrefix + string(f), ZH: help.ZH, EN: help.EN}),
	}
}

// noneAllowed is the denial of a plan without a step in which consent or rules bar
// every provider, nil if one is skipped for another reason.
func noneAllowed(plan *idv.Plan) error {
	if len(plan.Steps) > 0 || len(plan.Skipped) == 0 {
		return nil
	}
	byRules, asked := false, false
	for _, skipped := range plan.Skipped {
		switch skipped.Reason {
		case idv.SkipNotConsented:
		case idv.SkipAlreadyAsked:
			asked = true
		case idv.SkipPolicy:
			byRules = true
		default:
			return nil
		}
	}
	switch {
	case asked:
		return denyOrder()
	case !byRules:
		return consentDenial(consent.NotRecipient)
	}
	return &policy.Denial{Failure: idv.Denied, Decision: policy.Deny(policy.Reason{
		Rule: "recipients", ZH: "规则允许的接收方中没有可调用的供应商。", EN: "The rules leave no recipient that could be called.",
	})}
}
