package auth

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

// The errors of authenticators.
var (
	// ErrUnauthenticated means that a request has no key, token or certificate that
	// authenticates it. Why is logged only, so that a caller who guesses learns nothing.
	ErrUnauthenticated = errors.New("no valid API key, token or client certificate")
	// ErrRateLimited means that the address of the client has failed too often.
	ErrRateLimited = errors.New("too many requests of this address were not authenticated")
)

// Options configure Callers.
type Options struct {
	Issuer       Issuer         // of API keys; its keyring also makes the ids of tokens
	Proxies      []netip.Prefix // whose requests name their clients' addresses
	Tokens       []TokenIssuer
	Certificates []Certificate
	ClientCA     func() *x509.CertPool // of client certificates; nil if there are no Certificates
	Tenants      []idv.Tenant          // that callers may be of; any if empty
	Refusals     *Refusals             // made if nil
	Changes      <-chan store.Change   // of the store; nil if it reports none
	Log          *slog.Logger
}

// Callers authenticates callers by API keys, and by JSON Web Tokens and client certificates
// if there are such. Run must run, and Close ends it. It is safe for concurrent use.
type Callers struct {
	Issuer

	options Options
	keys    *keys
	issuers []*trusted
	cache   *ristretto.Cache[string, verified] // of tokens and certificates, by their hash
}

// NewCallers returns an authenticator. It reads the key files of token issuers; an error names
// the path in the configuration.
func NewCallers(o Options) (*Callers, error) {
	if o.Refusals == nil {
		o.Refusals = NewRefusals()
	}
	issuers, err := openIssuers(o.Tokens, o.Log)
	if err != nil {
		return nil, err
	}
	cache, err := ristretto.NewCache(&ristretto.Config[string, verified]{
		NumCounters: 10 * maxKnown, MaxCost: maxKnown, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		return nil, err
	}
	k, err := newKeys(o)
	if err != nil {
		cache.Close()
		return nil, err
	}
	return &Callers{Issuer: o.Issuer, options: o, keys: k, issuers: issuers, cache: cache}, nil
}

// Close releases the memory. Run must have ended.
func (c *Callers) Close() {
	c.keys.cache.Close()
	c.cache.Close()
}

// Run keeps what is known of keys and issuers up to date, until ctx is done.
func (c *Callers) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, t := range c.issuers {
		running.Go(func() { t.keys.run(ctx) })
	}
	c.keys.run(ctx)
	running.Wait()
}

// Authenticate returns the principal of the key or token in the header Authorization, or of
// the client certificate if there is no such header.
func (c *Callers) Authenticate(r *http.Request) (access.Principal, error) {
	from := Address(r, c.options.Proxies)
	p, id, refusal, err := c.identify(r, from)
	if err != nil {
		return access.Principal{}, err
	}
	if refusal == "" && len(c.options.Tenants) > 0 && !slices.Contains(c.options.Tenants, p.Tenant) {
		refusal = access.UnknownTenant
	}
	if refusal == "" {
		return p, nil
	}
	return access.Principal{}, c.refuse(refusal, id, from)
}

// refuse counts and logs a refusal. Those beyond the allowance of the address are counted
// only, so that the log stays readable too.
func (c *Callers) refuse(refusal access.Refusal, id string, from netip.Addr) error {
	if refusal == access.RateLimited || !c.options.Refusals.fail(from) {
		c.options.Refusals.Count(access.RateLimited)
		return ErrRateLimited
	}
	c.options.Refusals.Count(refusal)
	c.options.Log.Warn("request not authenticated", slog.String("reason", string(refusal)), slog.String("key", id), slog.String("client", from.String()))
	return ErrUnauthenticated
}

// identify returns the principal of a request, or why it is refused. The id may be logged.
func (c *Callers) identify(r *http.Request, from netip.Addr) (p access.Principal, id string, refusal access.Refusal, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		p, id, refusal = c.certificate(r, from)
		return p, id, refusal, nil
	}
	scheme, text, _ := strings.Cut(header, " ")
	if text = strings.TrimLeft(text, " "); !strings.EqualFold(scheme, "Bearer") {
		return p, "", access.Malformed, nil
	}
	if len(c.issuers) > 0 && strings.Count(text, ".") == 2 {
		p, refusal = c.token(r.Context(), text, from)
		return p, p.Key, refusal, nil
	}
	return c.keys.check(r.Context(), idv.NewSensitive(text), from)
}
