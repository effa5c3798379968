package auth

import (
	"context"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// Grant is an access token and how long the vendor accepts it.
type Grant struct {
	Token idv.Sensitive
	Life  time.Duration
}

// Fetch gets a new access token. Its error is idv.BadCredentials if the endpoint refused
// our credentials; every other class counts as idv.Unavailable.
type Fetch func(ctx context.Context) (Grant, error)

// Token is a scheme that adds an access token to each call. It fetches the token when the
// first call needs it, again shortly before it expires, and again when [Token.Renew] says
// that the vendor no longer accepts it. One fetch serves all calls that wait for it.
//
// A failed fetch fails the calls that wait for it: nothing was sent and nothing is
// charged. The next fetch begins a second later at the earliest.
type Token struct {
	name  string
	to    Target
	fetch Fetch

	mu      sync.Mutex
	current token     // zero if there is none
	serial  uint64    // of the last token that was fetched
	running *fetching // nil if none runs
	failure *idv.Error
	retryAt time.Time // no fetch before; failure says why
}

// token is a grant with its times.
type token struct {
	value            idv.Sensitive
	serial           uint64
	renewAt, expires time.Time
}

// fetching is a fetch that runs. token and failure are set before done is closed.
type fetching struct {
	done    chan struct{}
	token   token
	failure *idv.Error
}

const (
	fetchTimeout = 10 * time.Second // a transport's own limit is shorter
	fetchPause   = time.Second      // from a failed fetch to the next one
	maxMargin    = 5 * time.Minute  // from a renewal to the expiry
	maxToken     = 2 << 10          // bytes; a longer one would fill the head of the request
)

var (
	_ Authenticator     = (*Token)(nil)
	_ providers.Renewer = (*Token)(nil)
)

// NewToken returns a scheme of a name that puts the tokens of fetch at a target. Create
// one for each provider and keep it.
func NewToken(name string, to Target, fetch Fetch) *Token {
	return &Token{name: name, to: to, fetch: fetch}
}

// Name returns the name that the scheme was given.
func (t *Token) Name() string { return t.name }

// String returns the name, so that a Token can be printed while it is in use.
func (t *Token) String() string { return t.name }

// GoString returns the name, for %#v.
func (t *Token) GoString() string { return t.name }

// Authenticate adds the access token. It waits for a fetch if there is no valid token, at
// most until ctx ends; the fetch then goes on for others.
func (t *Token) Authenticate(ctx context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	token, fresh, err := t.get(ctx)
	if err != nil {
		return providers.Call{}, err
	}
	if c, err = t.to.put(c, token.value.Reveal()); err != nil {
		return providers.Call{}, err
	}
	c.Credential = providers.Credential{Serial: token.serial, Fresh: fresh}
	return c, nil
}

// Renew implements [providers.Renewer]. It drops the token of a refused call unless a
// newer one has replaced it already.
func (t *Token) Renew(refused providers.Credential) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if refused.Serial == 0 {
		return false
	}
	if refused.Serial == t.current.serial {
		t.current = token{}
	}
	return !refused.Fresh || refused.Serial < t.serial
}

// get returns a valid token, and whether it was fetched while the caller waited.
func (t *Token) get(ctx context.Context) (_ token, fresh bool, _ error) {
	t.mu.Lock()
	now := time.Now()
	valid := now.Before(t.current.expires)
	if valid && now.Before(t.current.renewAt) {
		defer t.mu.Unlock()
		return t.current, false, nil
	}
	running, failure := t.begin(ctx, now)
	if valid { // the old token serves until the new one is there
		defer t.mu.Unlock()
		return t.current, false, nil
	}
	t.mu.Unlock()
	if failure != nil {
		return token{}, false, failure
	}
	select {
	case <-running.done:
	case <-ctx.Done():
		return token{}, false, notFetched(idv.FailureOf(ctx.Err()), "", "no access token arrived within the time of the call")
	}
	if running.failure != nil {
		return token{}, false, running.failure
	}
	return running.token, true, nil
}

// begin returns the fetch that runs, or begins one. It returns the last failure instead
// while the pause after it lasts. The caller holds the lock.
func (t *Token) begin(ctx context.Context, now time.Time) (*fetching, *idv.Error) {
	if t.running != nil {
		return t.running, nil
	}
	if wait := t.retryAt.Sub(now); wait > 0 {
		failure := *t.failure
		failure.Retry = wait
		return nil, &failure
	}
	t.running = &fetching{done: make(chan struct{})}
	go t.run(context.WithoutCancel(ctx), t.running)
	return t.running, nil
}

// run fetches a token and wakes all who wait for it.
func (t *Token) run(ctx context.Context, f *fetching) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	grant, err := t.safeFetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if err != nil {
		f.failure = fetchFailure(err)
		t.failure, t.retryAt = f.failure, now.Add(fetchPause)
	} else {
		t.serial++
		f.token = token{grant.Token, t.serial, now.Add(grant.Life - min(grant.Life/10, maxMargin)), now.Add(grant.Life)}
		t.current = f.token
	}
	t.running = nil
	close(f.done)
}

// safeFetch fetches and checks a token. A panic is an error, because no caller's recover
// covers this goroutine.
func (t *Token) safeFetch(ctx context.Context) (grant Grant, err error) {
	defer func() {
		if recover() != nil {
			err = notFetched(idv.Unavailable, "", "")
		}
	}()
	grant, err = t.fetch(ctx)
	if err == nil && (!secret.Usable(grant.Token) || len(grant.Token.Reveal()) > maxToken || grant.Life <= 0) {
		err = notFetched(idv.Unavailable, "", "")
	}
	return grant, err
}

// fetchFailure returns the failure of the calls that wait for a fetch. It keeps class and
// code and drops the rest, which tells of another call.
func fetchFailure(err error) *idv.Error {
	if e := idv.AsError(err); e.Failure == idv.BadCredentials {
		return notFetched(idv.BadCredentials, e.Code, "the token endpoint refused the credentials")
	}
	return notFetched(idv.Unavailable, "", "no access token could be fetched from the token endpoint")
}

// notFetched returns a failure before the call was sent.
func notFetched(class idv.Failure, code, detail string) *idv.Error {
	return &idv.Error{
		Failure: class, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Code: code, Detail: detail,
	}
}
