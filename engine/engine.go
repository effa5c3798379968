// Package engine asks identity vendors one question and gives one honest verdict.
//
// An [Engine] joins the rooms: it brings the claims into one form and checks them
// locally (package identity), plans whom to ask (route), walks the plan through
// the guards (dispatch, guard), writes down what it does (store) and tells of it
// (telemetry). It has never heard of a particular vendor, of HTTP or of SQL.
//
// Start with [New] and [Engine.Verify]; package enginetest has a ready engine
// with scripted providers for tests.
package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy"
)

// Options make an engine. Providers and Routes are required; the rest has
// defaults.
type Options struct {
	Providers []ProviderConfig
	Routes    []route.Rule
	Store     store.Store // a memory store if nil; the engine closes it
	Policy    Policy
	Telemetry telemetry.Options
	Timeout   time.Duration // of one verification, over all attempts; 10 s

	// MaxBillableCalls bounds the calls of one verification that may have been charged,
	// over all providers. If 0, the attempts of the route bound them, and a route
	// with RetryUnknown has 2. A vendor that may have worked on a question is never
	// asked again, whatever this says.
	MaxBillableCalls int

	// IdempotencyTTL is how long an idempotency key is kept after its request; 24 h.
	IdempotencyTTL time.Duration
	// FingerprintKey keys the hash of requests that is kept with an idempotency key.
	// Nodes that share a store share it; a random one if nil.
	FingerprintKey []byte
}

// ProviderConfig is a provider under its configured name.
type ProviderConfig struct {
	Name      string
	Provider  idv.Provider
	Recipient string // legal name of the receiver of the data, if not the descriptor's
	Price     idv.Money
	Limits    guard.Limits

	// CacheTTL is how long an answer of the provider may be given again, where the purpose
	// allows it too; 0 for never. One that promises fresh data is never re-used.
	CacheTTL time.Duration
}

// Engine answers requests. It is safe for concurrent use.
type Engine struct {
	members   map[string]*member
	names     []string
	routes    map[idv.Check]*lane
	store     store.Store
	policy    Policy
	purposes  *policy.Purposes
	answers   *answerCache // nil if no purpose re-uses answers
	telemetry *telemetry.Telemetry
	timeout   time.Duration
	possible  int
	keyLife   time.Duration
	printKey  []byte

	flights flights
}

type member struct {
	guard      *guard.Guard
	descriptor idv.Descriptor
	recipient  string
	price      idv.Money
	limit      time.Duration // of one call
	reuse      time.Duration
}

// lane is a rule with its members found.
type lane struct {
	rule    route.Rule
	members []*member
}

// New makes an engine. It returns every fault of the options at once.
func New(o Options) (*Engine, error) {
	t, err := telemetry.New(o.Telemetry)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		members: map[string]*member{}, routes: map[idv.Check]*lane{}, store: o.Store, telemetry: t,
		policy: o.Policy, timeout: o.Timeout, possible: o.MaxBillableCalls, keyLife: o.IdempotencyTTL, printKey: o.FingerprintKey,
	}
	var faulty error
	e.purposes, faulty = e.policy.prepare()
	if err := errors.Join(e.addMembers(o.Providers), e.addRoutes(o.Routes), faulty); err != nil {
		return nil, err
	}
	if e.policy.reuses() {
		if e.answers, err = newAnswerCache(); err != nil {
			return nil, err
		}
	}
	if e.store == nil {
		e.store = memory.New(0)
	}
	if e.timeout <= 0 {
		e.timeout = 10 * time.Second
	}
	if e.keyLife <= 0 {
		e.keyLife = 24 * time.Hour
	}
	if len(e.printKey) == 0 {
		e.printKey = []byte(rand.Text())
	}
	return e, nil
}

func (e *Engine) addMembers(list []ProviderConfig) error {
	var faults []error
	for _, m := range list {
		switch {
		case m.Name == "" || m.Provider == nil:
			faults = append(faults, errors.New("a provider needs a name and an implementation"))
			continue
		case e.members[m.Name] != nil:
			faults = append(faults, fmt.Errorf("two providers are named %q", m.Name))
			continue
		}
		d := m.Provider.Describe()
		one := &member{descriptor: d, recipient: m.Recipient, price: m.Price, limit: m.Limits.CallTimeout(), reuse: m.CacheTTL}
		if one.recipient == "" {
			one.recipient = d.Recipient
		}
		if one.price == (idv.Money{}) {
			one.price = d.ListPrice()
		}
		one.guard = guard.New(m.Name, m.Provider, m.Limits, guard.Hooks{Changed: e.telemetry.Gate, Panicked: e.telemetry.Panic})
		e.telemetry.Known(m.Name)
		e.members[m.Name] = one
		e.names = append(e.names, m.Name)
	}
	return errors.Join(faults...)
}

func (e *Engine) addRoutes(rules []route.Rule) error {
	var faults []error
	if len(rules) == 0 {
		faults = append(faults, errors.New("there is no route: say which providers answer which check"))
	}
	for _, r := range rules {
		if err := r.Validate(); err != nil {
			faults = append(faults, err)
			continue
		}
		if e.routes[r.Check] != nil {
			faults = append(faults, fmt.Errorf("two routes for %s", r.Check))
			continue
		}
		l := &lane{rule: r}
		for _, name := range r.Providers {
			m := e.members[name]
			if m == nil {
				faults = append(faults, fmt.Errorf("the route of %s names %q, which is no provider", r.Check, name))
				continue
			}
			l.members = append(l.members, m)
		}
		e.routes[r.Check] = l
	}
	return errors.Join(faults...)
}

// Verify answers a request.
//
// An error means that the question was not put to anybody: an *idv.Error with
// idv.InvalidInput, Unsupported, Denied or Internal, a *policy.Denial, which wraps
// one, store.ErrInProgress, store.ErrKeyReused or ErrClosed. Without an error there
// is a verification, with whatever verdict; idv.Undetermined has a Reason.
//
// When ctx is canceled while a vendor is being asked, the attempt is recorded with
// what is known of it, and the verification says canceled.
func (e *Engine) Verify(ctx context.Context, r idv.Request) (idv.Verification, error) {
	if !e.flights.begin() {
		return idv.Verification{}, ErrClosed
	}
	defer e.flights.done()
	ctx, span := e.telemetry.Start(ctx)
	q, err := e.examine(r)
	if err != nil {
		err = e.mistyped(ctx, &r, err)
		e.telemetry.Refused(ctx, span, idv.AsError(err))
		return idv.Verification{}, err
	}
	v := e.open(ctx, r, q)
	key, earlier, err := e.claim(ctx, r, q, v.ID)
	if err != nil || earlier != nil {
		span.End()
		return replay(earlier), err
	}
	j := &journey{Engine: e, end: time.Now().Add(e.timeout)}
	if err := j.do(ctx, &r, &q, v); err != nil {
		e.telemetry.Refused(ctx, span, idv.AsError(err))
		return idv.Verification{}, errors.Join(err, j.giveBack(ctx, v.Tenant, key))
	}
	if len(v.Attempts) == 0 && v.Reused == nil && j.giveBack(ctx, v.Tenant, key) == nil {
		key = store.Key{}
	}
	e.telemetry.Done(ctx, span, v)
	if err := j.finish(ctx, key, v); err != nil {
		return *v, notStored(v)
	}
	if len(v.Attempts) > 0 && idv.Unsent(v.Attempts) {
		j.returnUse(ctx, v.Tenant)
	}
	return *v, nil
}

// Explain returns the plan of a request: whom Verify would ask now, and why not
// the others. It makes no call and costs nothing.
//
// It counts no question and looks at no limit: rules that mention counts see zeros.
// What it does count is a number that is tried on a consent, and canaries, since an
// explanation tells a guesser as much as an answer would.
func (e *Engine) Explain(ctx context.Context, r idv.Request) (idv.Plan, error) {
	q, err := e.examine(r)
	if err != nil {
		return idv.Plan{}, err
	}
	p, err := e.permit(ctx, &r, &q, false)
	if err != nil {
		return idv.Plan{}, err
	}
	plan := e.plan(q, &p)
	plan.Basis, plan.Rules, plan.Review = string(p.basis), p.rules, p.obligations.Review
	return plan, nobodyAllowed(&plan)
}

// ExplainCheck returns the plan for a check and a kind of document, which may be
// idv.DocumentUnknown, without a person.
func (e *Engine) ExplainCheck(check idv.Check, doc idv.Document) (idv.Plan, error) {
	l := e.routes[check]
	if l == nil {
		return idv.Plan{}, noRoute(check)
	}
	return e.plan(question{lane: l, check: check, document: doc}, nil), nil
}

// question is a request after it was examined.
type question struct {
	lane     *lane
	check    idv.Check
	document idv.Document
	subject  idv.Subject // in canonical form, only the claims of the check
	flags    []string
	age      int    // full years; policy.AgeUnknown if the number does not tell
	region   string // the province by its number, "" if the number names none
}

// examine brings the claims into one form and checks what can be checked without
// asking anybody: a typing error must not be paid for.
func (e *Engine) examine(r idv.Request) (question, error) {
	l := e.routes[r.Check]
	if l == nil {
		return question{}, noRoute(r.Check)
	}
	if f := r.InvalidField(); f != idv.NoField {
		return question{}, illegible(f)
	}
	now := time.Now()
	s, err := identity.Normalize(r.Subject, r.Check, now)
	if err != nil {
		return question{}, err
	}
	q := question{lane: l, check: r.Check, document: s.Document, subject: s.Claims, flags: s.Flags.List(), age: policy.AgeUnknown}
	if !s.Number.Birth.IsZero() {
		q.age = identity.AgeAt(s.Number.Birth, identity.DateOf(now), identity.Statutory)
	}
	if len(s.Number.AddressCode) >= 2 {
		q.region = s.Number.AddressCode[:2]
	}
	return q, nil
}

// plan is the same for Verify and Explain, so Explain cannot lie.
func (e *Engine) plan(q question, p *permit) idv.Plan {
	var some [4]route.Candidate // most routes have no more, and it costs no allocation
	candidates := some[:0]
	for _, m := range q.lane.members {
		candidates = append(candidates, route.Candidate{Name: m.guard.Name(), Descriptor: m.descriptor, Availability: m.guard.Availability(), Barred: p.barred(m.recipient)})
	}
	return route.Make(route.Question{Check: q.check, Document: q.document}, candidates, q.lane.rule)
}

// Verification returns a stored verification of the tenant, or store.ErrNotFound.
func (e *Engine) Verification(ctx context.Context, tenant idv.Tenant, id string) (idv.Verification, error) {
	return e.store.Verification(ctx, tenant, id)
}
