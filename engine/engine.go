// Package engine verifies identity claims with paid vendors and returns one verdict
// with its evidence, attempts and cost.
//
// An [Engine] normalizes the claims of a request and checks them locally (package
// identity), applies policy and consent, plans which providers to call (route),
// executes the plan (dispatch) through guards (guard) and records intents and results
// (store). It imports no vendor, no HTTP client and no SQL driver.
//
// Start with [New] and [Engine.Verify]; [ProblemOf] reads the errors of the latter. Package enginetest has scripted providers and
// a ready engine for tests.
package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// Options configure an engine. Providers are required; the other fields have defaults.
type Options struct {
	// Providers in the order of preference. The engine closes those that implement
	// io.Closer.
	Providers []ProviderConfig

	// Routes say which providers answer which check. If there is none, every check is
	// routed to all providers that support it, in the order of Providers.
	Routes []route.Rule

	// Store keeps what must survive. Whoever opened it closes it after the engine, so
	// several engines may share one. If nil, the engine has a memory store of its own.
	Store store.Store

	// Replaces is the engine whose work this one takes over, as after a change of the
	// configuration; nil for none. The state of its guards and the answers that it cached go
	// over. It answers requests until it is closed, and must not be replaced a second time.
	Replaces *Engine
	// Renewed are the providers and accounts that share only their name with those of
	// Replaces, so that the state of their guards does not go over.
	Renewed guard.Renewed

	// Calendar has the maintenance windows of the providers; nil for none. See SetCalendar.
	Calendar *route.Calendar

	Policy Policy
	// Tenants have policies of their own, in place of Policy as a whole. Each needs the keyring
	// of Policy, or none.
	Tenants   map[idv.Tenant]Policy
	Telemetry telemetry.Options
	Timeout   time.Duration // of one verification, over all attempts; 10 s if 0

	// MaxBillableCalls bounds the calls of one verification that may have been charged,
	// over all providers. If 0, the attempts of the route bound them, and a route
	// with RetryUnknown has 2. A vendor that may have executed a call is never called
	// again for the same verification, whatever this says.
	MaxBillableCalls int

	// IdempotencyTTL is how long an idempotency key is kept after its request; 24 h if 0.
	IdempotencyTTL time.Duration
	// FingerprintKey keys the hash of requests that is stored with an idempotency key.
	// Nodes that share a store must share it. If nil, a random key is generated for a memory
	// store; any other store is refused, since a repeated request would not be recognized
	// after a restart, and could be paid for twice.
	FingerprintKey []byte
}

// Engine answers requests. It is safe for concurrent use.
type Engine struct {
	providers      map[string]*provider
	guards         *guard.Pool
	names          []string // of the providers, in the order of the options
	routes         routes
	units          units // what the next call of each provider costs
	store          store.Store
	bounded        bool          // each operation of the store has a deadline
	ownStore       *memory.Store // nil if the caller opened the store
	general        *tenantPolicy
	tenants        map[idv.Tenant]*tenantPolicy // those that differ
	answers        *answerCache                 // nil if no purpose reuses answers
	telemetry      *telemetry.Telemetry
	unwatch        func() error
	timeout        time.Duration
	maxBillable    int
	idempotencyTTL time.Duration
	fingerprintKey []byte

	inflight inflight
}

// New returns an engine. The error joins every fault of the options.
func New(o Options) (*Engine, error) {
	if v := reflect.ValueOf(o.Store); v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("Options.Store: is a nil pointer, as of a store that did not open; check the error of opening it, or leave Store nil for a memory store")
	}
	t, err := telemetry.New(o.Telemetry)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		providers: map[string]*provider{}, routes: routes{},
		guards: guard.NewPool(), store: o.Store, bounded: durable(o.Store), telemetry: t, maxBillable: o.MaxBillableCalls, fingerprintKey: o.FingerprintKey,
		timeout: cmp.Or(max(o.Timeout, 0), 10*time.Second), idempotencyTTL: cmp.Or(max(o.IdempotencyTTL, 0), 24*time.Hour),
	}
	policyErr := e.addPolicies(&o)
	var keyErr error
	if o.FingerprintKey == nil && durable(o.Store) {
		keyErr = errors.New("Options.FingerprintKey: nil beside a durable store, so a request that is repeated after a restart would be " +
			"taken for another one; pass 32 or more random bytes that are kept apart from the store")
	}
	if err := errors.Join(e.addProviders(o.Providers), e.addRoutes(o.Routes), policyErr, keyErr); err != nil {
		return nil, err
	}
	if e.reuses() {
		if e.answers, err = o.Replaces.shareAnswers(); err != nil {
			return nil, err
		}
	}
	if e.store == nil {
		e.ownStore = memory.New(0)
		e.store = e.ownStore
	}
	if len(e.fingerprintKey) == 0 {
		e.fingerprintKey = []byte(rand.Text())
	}
	t.Prepare(e.names, slices.Sorted(maps.Keys(e.routes)), numberRules())
	e.guard(o) // last, since the engine that is replaced goes on after an error
	e.unwatch, err = t.Watch(e.eachAvailability)
	return e, err
}

// numberRules returns the rules by which the local check refuses a number of a resident.
func numberRules() []string {
	var list []string
	for _, r := range []identity.Reason{
		identity.ReasonEmpty, identity.ReasonLength, identity.ReasonCharset, identity.ReasonProvince, identity.ReasonBirthDate,
		identity.ReasonFuture, identity.ReasonTooOld, identity.ReasonCheckDigit, identity.ReasonRepeated, identity.ReasonUnsupported,
	} {
		list = append(list, string(r))
	}
	return list
}

// Verify verifies the claims of a request in stages: normalize and check locally, claim
// the idempotency key, authorize, reuse an answer or plan and execute, commit. Each
// stage goes on or ends the request; what it took (the key, a use of the consent) is
// returned if the request ends with an error.
//
// If err is nil, the returned verification is complete. If its verdict is
// idv.Undetermined, Reason says why. If no provider was called, the verification is
// stored only for a request with an idempotency key, in short form; otherwise its id is
// empty.
//
// An error means that no provider was called; [ProblemOf] reads it. It is ErrClosed,
// store.ErrInProgress, store.ErrKeyReused, a *policy.Denial or another *idv.Error. The
// one exception is an *idv.Error with Delivery idv.Answered: the result, which is
// returned with it, could not be stored.
//
// A deadline of ctx that is earlier than Options.Timeout is that of the verification, and is
// divided among the providers as that is.
//
// If ctx is canceled during a call, the attempt is recorded with what is known of it
// and the verification has the reason canceled.
func (e *Engine) Verify(ctx context.Context, r idv.Request) (v idv.Verification, err error) {
	s, ctx, err := e.open(ctx, r)
	if err != nil {
		return v, err
	}
	defer func() { err = s.close(ctx, err) }()

	if err := s.normalize(); err != nil {
		return v, s.recordInvalidNumber(ctx, err)
	}
	if earlier, err := s.claim(ctx); err != nil || earlier != nil {
		return replay(earlier), err
	}
	if err := s.authorizeTraced(ctx); err != nil {
		return v, err
	}
	if reused, err := s.fromCache(ctx); err != nil || reused {
		return s.commit(ctx, err)
	}
	plan, err := s.planTraced(ctx)
	if err != nil {
		return v, err
	}
	err = s.execute(ctx, plan)
	return s.commit(ctx, err)
}

// Explain returns the plan of a request: the providers that Verify would call now, and
// why it would skip the others. It runs the stages of Verify up to the plan, makes no
// call and costs nothing.
//
// Explain counts no request and applies no limit: rules that mention counts see zeros.
// It does count a number that is tried on a consent, and honeytokens, since an
// explanation would tell a guesser as much as an answer.
func (e *Engine) Explain(ctx context.Context, r idv.Request) (idv.Plan, error) {
	s := session{Engine: e, tenantPolicy: e.policyOf(r.Tenant), request: r, deadline: e.deadline(ctx)}
	if err := s.normalize(); err != nil {
		return idv.Plan{}, err
	}
	if err := s.authorize(ctx, false); err != nil {
		return idv.Plan{}, err
	}
	return s.plan(ctx, s.question.route.turn.Load()+1)
}

// ExplainCheck returns the plan for a question without a person: its check, and what else a
// route may match. Its turn is that of the next verification.
func (e *Engine) ExplainCheck(q route.Question) (idv.Plan, error) {
	if e.routes[q.Check] == nil {
		return idv.Plan{}, noRoute(q.Check)
	}
	r := e.routes.find(&q)
	if r == nil {
		return idv.Plan{}, noMatch(q.Check)
	}
	q.Turn = r.turn.Load() + 1
	plan := e.resolve(r, q, nil)
	if purpose, err := e.policyOf(q.Tenant).purposes.Find(q.Purpose, q.App); err == nil {
		plan.SecondOpinion = e.allowsSecond(purpose, &plan)
	}
	return plan, nil
}

// Verification returns a stored verification of the tenant, or store.ErrNotFound.
func (e *Engine) Verification(ctx context.Context, tenant idv.Tenant, id string) (idv.Verification, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return e.store.Verification(ctx, tenant, id)
}

// Closing reports whether Close has begun.
func (e *Engine) Closing() bool { return e.inflight.isClosed() }

// Close ends the engine. It refuses new requests and lets those in flight complete
// until ctx is done; then it cancels their calls. When all of them are recorded, it
// closes the providers that implement io.Closer. Every further Close returns nil at
// once.
func (e *Engine) Close(ctx context.Context) error {
	if !e.inflight.close() {
		return nil
	}
	err := errors.Join(e.inflight.wait(ctx), e.unwatch(), e.closeProviders())
	e.answers.close()
	if e.ownStore != nil {
		err = errors.Join(err, e.ownStore.Close())
	}
	return err
}
