package engine

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy"
)

// session is one request on its way through the stages of Verify. It is used by one
// goroutine.
type session struct {
	*Engine
	*tenantPolicy

	request       idv.Request
	order         *secondOrder // nil for a request of a caller
	question      question
	authorization authorization
	span          trace.Span
	deadline      time.Time // of the whole verification
	result        idv.Verification

	call    call
	settled bool // every attempt is, see dispatch.Outcome
	counted bool // the second opinion is

	// What the session took. Rollback returns it unless the session was committed.
	key         store.Key
	consentUsed bool
	committed   bool
}

var (
	_ dispatch.Host   = (*session)(nil)
	_ dispatch.Ledger = (*session)(nil)
)

// question is a normalized request.
type question struct {
	route    *resolvedRoute
	check    idv.Check
	document idv.Document
	script   idv.Script  // of the name
	subject  idv.Subject // in canonical form, only the claims of the check
	flags    []string
	age      int    // full years; policy.AgeUnknown if the number has no date of birth
	region   string // the province by its number; "" if the number names none
}

// open begins a session, unless the engine is closing. The session must be closed.
func (e *Engine) open(ctx context.Context, r idv.Request) (*session, context.Context, error) {
	if !e.inflight.begin() {
		return nil, ctx, ErrClosed
	}
	s := &session{Engine: e, tenantPolicy: e.policyOf(r.Tenant), request: r, deadline: e.deadline(ctx)}
	ctx, s.span = e.telemetry.Start(ctx)
	return s, ctx, nil
}

// close ends the session. An error that ends it before the commit rolls it back. A
// panic does not: a call may have been made, so recovery has to look at it.
func (s *session) close(ctx context.Context, err error) error {
	defer s.inflight.done()
	if s.committed {
		return err
	}
	var failure *idv.Error
	if errors.As(err, &failure) {
		s.telemetry.Refused(ctx, s.span, &s.request, failure)
	} else {
		s.span.End()
	}
	if err != nil {
		if failed := s.rollback(ctx); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// rollback returns what the session took: the idempotency key, so that the request can
// be repeated, and the use of the consent. If the key cannot be released, both stay:
// recovery returns them together. It has done so if the session no longer has the key.
func (s *session) rollback(ctx context.Context) error {
	if s.key.Key != "" {
		ctx, cancel := s.returning(ctx)
		defer cancel()
		err := s.store.Release(ctx, s.key, s.result.ID)
		switch {
		case errors.Is(err, store.ErrOverdue):
			s.consentUsed = false
		case err != nil:
			return err
		}
		s.key = store.Key{}
	}
	s.returnConsent(ctx)
	return nil
}

// returnConsent returns the use of the consent, if one was taken. An error is dropped:
// the person is then asked for a new consent sooner than necessary.
func (s *session) returnConsent(ctx context.Context) {
	if s.consentUsed {
		s.consentUsed = false
		ctx, cancel := s.returning(ctx)
		defer cancel()
		_ = s.store.ReturnConsent(ctx, s.request.Tenant, s.authorization.consent.ID)
	}
}

// normalize brings the claims into canonical form and checks them locally, so that a
// typing error is not paid for. Then it opens the result.
func (s *session) normalize() error {
	r := &s.request
	if s.routes[r.Check] == nil {
		return noRoute(r.Check)
	}
	if field, fault := canonical(r); fault != idv.TextFits {
		return illegible(field, fault)
	}
	now := time.Now()
	subject, err := identity.Normalize(r.Subject, r.Check, now)
	if err != nil {
		return err
	}
	if field := exposing(r, subject.Claims); field != idv.NoField {
		return illegible(field, idv.TextPersonal)
	}
	s.question = question{
		check: r.Check, document: subject.Document, script: subject.Script, subject: subject.Claims, flags: subject.Flags.List(), age: policy.AgeUnknown,
	}
	if !subject.Number.Birth.IsZero() {
		s.question.age = identity.AgeAt(subject.Number.Birth, identity.DateOf(now), identity.Statutory)
	}
	if len(subject.Number.AddressCode) >= 2 {
		s.question.region = subject.Number.AddressCode[:2]
	}
	ask := s.routing(0)
	if s.question.route = s.routes.find(&ask); s.question.route == nil {
		return noMatch(r.Check)
	}
	return nil
}

// routing describes the request to package route.
func (s *session) routing(turn uint64) route.Question {
	r, q := &s.request, &s.question
	return route.Question{
		Check: q.check, Document: q.document, Script: q.script, Tenant: r.Tenant, App: r.App, Purpose: r.Purpose, Region: q.region,
		Subject: s.authorization.token, Turn: turn,
	}
}

// canonical brings the identifiers of a request into canonical form. The idempotency key is
// left as it is: programs make it, and two keys are the same only byte by byte. It returns the
// first field whose text cannot be kept, and why.
func canonical(r *idv.Request) (idv.Field, idv.TextFault) {
	for _, one := range [...]struct {
		field idv.Field
		text  *string
	}{{idv.FieldTenant, (*string)(&r.Tenant)}, {idv.FieldApp, &r.App}, {idv.FieldPurpose, &r.Purpose}, {idv.FieldConsentID, &r.ConsentID}} {
		form, fault := identity.Identifier(*one.text)
		if fault != idv.TextFits {
			return one.field, fault
		}
		*one.text = form
	}
	return idv.FieldIdempotencyKey, idv.CheckText(r.IdempotencyKey, idv.MaxName)
}

// exposing returns the first text of a request that has a number of the person. It would stand
// in clear in logs, messages and the ledger, and stay there after the person's data is erased.
func exposing(r *idv.Request, person idv.Subject) idv.Field {
	for _, one := range [...]struct {
		field idv.Field
		text  string
	}{{idv.FieldApp, r.App}, {idv.FieldPurpose, r.Purpose}, {idv.FieldConsentID, r.ConsentID}} {
		if person.NumberIn(one.text) {
			return one.field
		}
	}
	return idv.NoField
}

// openResult begins the verification. Its id sorts by time. Without tracing the trace
// id has the same bytes, so that every verification has one to quote.
func (s *session) openResult(ctx context.Context) {
	now := idv.Now()
	var raw [16]byte
	_, _ = rand.Read(raw[6:]) // never fails; it ends the process instead
	binary.BigEndian.PutUint16(raw[:], uint16(now.UnixMilli()>>32))
	binary.BigEndian.PutUint32(raw[2:], uint32(now.UnixMilli()))
	traceID := telemetry.TraceID(ctx)
	if traceID == "" {
		traceID = hex.EncodeToString(raw[:])
	}
	id := [30]byte{'v', 'e', 'r', '_'}
	base32.HexEncoding.WithPadding(base32.NoPadding).Encode(id[4:], raw[:])
	r, q := &s.request, &s.question
	s.result = idv.Verification{
		ID:     string(id[:]),
		Tenant: r.Tenant, App: r.App, Check: q.check, Document: q.document,
		Subject: q.subject.Masked(), Flags: q.flags,
		Purpose: r.Purpose, ConsentID: r.ConsentID, CreatedAt: now, TraceID: traceID,
	}
	if s.order != nil {
		s.result.SecondOf = s.order.earlier.ID
	}
}

// authorizeTraced is authorize within a span.
func (s *session) authorizeTraced(ctx context.Context) error {
	ctx, span := s.telemetry.Authorize(ctx)
	err := s.authorize(ctx, true)
	s.telemetry.End(span, err)
	return err
}

// planTraced is plan within a span, for the next turn of the route.
func (s *session) planTraced(ctx context.Context) (idv.Plan, error) {
	ctx, span := s.telemetry.Plan(ctx)
	plan, err := s.plan(ctx, s.question.route.turn.Add(1))
	s.telemetry.End(span, err)
	return plan, err
}

// plan makes the plan of a turn of the route, or a denial if policy and consent leave no
// recipient.
func (s *session) plan(ctx context.Context, turn uint64) (idv.Plan, error) {
	s.refreshUnits(ctx)
	plan := s.resolve(s.question.route, s.routing(turn), &s.authorization)
	a := &s.authorization
	plan.SecondOpinion = s.order == nil && s.allowsSecond(a.purpose, &plan)
	plan.Basis, plan.Rules, plan.Review = a.basis, a.rules, a.obligations.Review
	return plan, noneAllowed(&plan)
}

// execute calls the providers of the plan. It returns an error only if no call was made.
func (s *session) execute(ctx context.Context, plan idv.Plan) error {
	v, q := &s.result, &s.question
	v.Skipped = plan.Skipped
	x := dispatch.Execution{
		Intent: idv.Intent{Verification: v.ID, Tenant: v.Tenant, App: v.App, Purpose: v.Purpose, Basis: v.Basis},
		Ledger: s, Host: s,
		Query:               idv.Query{Check: q.check, Document: q.document, Subject: q.subject},
		RetryUnknown:        q.route.rule.RetryUnknown,
		RetrySubjectLimited: q.route.rule.RetrySubjectLimited,
		MaxBillableCalls:    s.billableCalls(),
	}
	if c := s.authorization.consent; c != nil {
		x.Intent.Consent.ID = c.ID
	}
	if plan.SecondOpinion {
		x.SecondOpinion = s.secondOpinion
	}
	outcome := x.Run(ctx, plan)
	if refusedBeforeCall(outcome) {
		return outcome.Err
	}
	s.settled = outcome.Settled
	s.conclude(outcome)
	s.telemetry.SecondOpinion(ctx, outcome.Provider, idv.NoRecord, outcome.Second.Provider, outcome.Second.Answer)
	s.concludeOrder(ctx, &outcome)
	s.cacheAnswer()
	return nil
}

// retryBillable bounds the possible charges of a route with RetryUnknown if the
// options set no bound: the first call, and one more.
const retryBillable = 2

func (s *session) billableCalls() int {
	if s.maxBillable == 0 && s.question.route.rule.RetryUnknown {
		return retryBillable
	}
	return s.maxBillable
}

// refusedBeforeCall reports whether the execution ended without a call because the
// intent could not be written or the consent no longer stands. The request then ends
// with an error and can be repeated.
func refusedBeforeCall(out dispatch.Outcome) bool {
	return len(out.Attempts) == 0 && (idv.FailureOf(out.Err) == idv.Internal || idv.FailureOf(out.Err) == idv.Denied)
}

// conclude writes the outcome of the execution into the result.
func (s *session) conclude(out dispatch.Outcome) {
	v := &s.result
	v.Attempts = out.Attempts
	v.Skipped = append(v.Skipped, out.Skipped...)
	if out.Err != nil {
		s.explainFailure(out.Err)
		return
	}
	v.Verdict, v.Fidelity = out.Answer.Verdict, s.providers[out.Provider].descriptor.Fidelity
	v.Fields = out.Answer.Fields.Only(v.Check.Claims())
	if out.Second.Answer != nil {
		s.join(&out.Second)
	}
	for i := range out.Attempts {
		if a := &out.Attempts[i]; !a.Failed {
			v.Evidence = append(v.Evidence, s.evidence(a))
		}
	}
	s.advise()
}

func (s *session) evidence(a *idv.Attempt) idv.Evidence {
	p := s.providers[a.Provider]
	return idv.Evidence{
		Type: "electronic_record", CheckMethod: "data", Organization: p.recipient, Provider: a.Provider,
		CheckID: a.VendorRef, Source: p.descriptor.Source, Time: a.StartedAt.Add(a.Duration),
	}
}

// explainFailure writes why there is no verdict, and the next steps that can help.
func (s *session) explainFailure(err error) {
	v, last, obstacles := &s.result, idv.FailureOf(err), s.obstacles()
	if r := idv.RejectionOf(err); r != nil && r.Reason == idv.SkipNone {
		last = idv.NoCall(obstacles) // the plan had no step
	}
	v.Reason, v.NextSteps = idv.ReasonOf(last), idv.Advise(idv.Undetermined, last, obstacles)
	v.Fields = idv.AsError(err).Fields.Only(v.Check.Claims())
	if len(v.NextSteps) == 1 && v.NextSteps[0].Code == idv.RetryLater {
		v.NextSteps[0].At = earliest(v.Skipped)
	}
}

// earliest returns when the first of the providers is called again, zero if that is not known
// of any.
func earliest(list []idv.Skipped) (first time.Time) {
	for _, s := range list {
		if !s.Until.IsZero() && (first.IsZero() || s.Until.Before(first)) {
			first = s.Until
		}
	}
	return first
}

// obstacles returns for each provider of the route why it cannot be called now.
func (s *session) obstacles() []idv.SkipReason {
	v := &s.result
	why := map[string]idv.SkipReason{}
	for i := range v.Attempts {
		why[v.Attempts[i].Provider] = v.Attempts[i].Obstacle()
	}
	for _, skipped := range v.Skipped {
		why[skipped.Provider] = skipped.Reason
	}
	list := make([]idv.SkipReason, len(s.question.route.providers))
	for i, p := range s.question.route.providers {
		list[i] = why[p.guard.Name()]
	}
	return list
}

// commit stores the result, unless the last stage failed with err. The store returns the use
// of the consent in the same write if no data left for any provider.
func (s *session) commit(ctx context.Context, err error) (idv.Verification, error) {
	if err != nil {
		return idv.Verification{}, err
	}
	v := &s.result
	if !v.Called() {
		s.commitUncalled(ctx)
		return *v, nil
	}
	s.committed = true
	err = s.complete(ctx)
	s.telemetry.Done(ctx, s.span, v)
	if err != nil {
		return *v, notStored(v.ID)
	}
	return *v, nil
}

// commitUncalled ends a request for which no provider was called. The key and the consent
// are returned, so that the same request can be repeated. The result is stored in short
// form if the caller gave a key, and has no id if it is not stored.
func (s *session) commitUncalled(ctx context.Context) {
	s.committed = true
	v := &s.result
	released := true
	if s.key.Key == "" {
		v.ID = ""
	} else if s.releaseUncalled(ctx) != nil {
		v.ID, released = "", false
	}
	if released { // else recovery returns the key and the use together
		s.returnConsent(ctx)
	}
	s.telemetry.Done(ctx, s.span, v)
}

func (s *session) releaseUncalled(ctx context.Context) error {
	ctx, cancel := s.returning(ctx)
	defer cancel()
	return s.store.ReleaseUncalled(ctx, s.key, s.result)
}

// complete stores the result. The attempt that was answered is settled in the same durable
// write; a crash before it leaves the call as perhaps charged.
func (s *session) complete(ctx context.Context) error {
	ctx, cancel := s.recording(ctx)
	defer cancel()
	if n := len(s.result.Attempts); n > 0 && !s.result.Attempts[n-1].Failed && !s.settled {
		return s.store.CompleteWithCall(ctx, s.result.Attempts[n-1], s.key, s.result)
	}
	return s.store.Complete(ctx, s.key, s.result)
}

// Hold writes the intent of a call. The store checks the key and the consent in the same
// transaction, so no call follows a withdrawal, or a recovery that freed the key.
func (s *session) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	i.Key = s.key.Key
	if i.Consent.ID != "" {
		i.Consent.Recipient, i.Consent.First = s.providers[i.Provider].recipient, !s.consentUsed
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	reservation, err := s.store.Hold(ctx, i)
	var gap *store.GapError
	if errors.As(err, &gap) {
		return reservation, restored(gap)
	}
	s.consentUsed = s.consentUsed || err == nil && i.Consent.ID != ""
	return reservation, err
}

// Settle writes the outcome of a call that was not answered.
func (s *session) Settle(ctx context.Context, a idv.Attempt) error {
	ctx, cancel := s.recording(ctx)
	defer cancel()
	return s.store.Settle(ctx, a)
}

// Provider returns a provider behind its guard, and its list price.
func (s *session) Provider(name string) (idv.Provider, idv.Money) {
	p := s.providers[name]
	return p.guard, p.price
}

// CallContext bounds a call by the timeout of the provider and by the time that is left, and
// lets Close cancel it. While another call may follow, a call gets two thirds of the time, so
// that the last provider of the plan is not left with nothing.
func (s *session) CallContext(ctx context.Context, name string, last bool) (context.Context, context.CancelFunc) {
	now := time.Now()
	left := s.deadline.Sub(now)
	if !last {
		left = left * 2 / 3
	}
	ctx, s.call.span = s.telemetry.BeginAttempt(ctx, name)
	end := now.Add(min(s.providers[name].timeout, left))
	ctx, s.call.cancel = context.WithDeadline(ctx, end)
	s.inflight.add(&s.call)
	return ctx, s.releaseCall
}

func (s *session) releaseCall() {
	s.inflight.release(&s.call)
	s.call.span.End()
}

// Observe reports an attempt to telemetry.
func (s *session) Observe(ctx context.Context, a idv.Attempt) {
	s.telemetry.Attempt(ctx, s.call.span, a)
}
