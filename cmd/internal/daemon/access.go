package daemon

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/access"
)

// keysTime bounds the look for live keys at the start.
const keysTime = 5 * time.Second

// gate decides who is let in, and keeps what it needs for that up to date. Each generation has
// its own.
type gate struct {
	auth   auth.Authenticator
	issuer auth.Issuer
	end    func() // may be called again
}

// newGate opens the authenticator of a configuration and starts its jobs. cert is nil without
// TLS.
func newGate(o Options, app *assemble.App, cert *certificate, refusals *auth.Refusals) (*gate, error) {
	g := &gate{auth: auth.None{}, issuer: auth.Issuer{Store: app.Store, Keyring: app.Keyring}}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	g.end = sync.OnceFunc(func() {
		stop()
		running.Wait()
	})
	if o.Config.Auth.Mode != "keys" {
		return g, nil
	}
	options := callersOf(&o.Config, cert)
	options.Issuer, options.Refusals, options.Changes, options.Log = g.issuer, refusals, app.Store.Changes(ctx), o.Log
	callers, err := auth.NewCallers(options)
	if err != nil {
		g.end()
		return nil, err
	}
	g.auth = callers
	running.Go(func() { callers.Run(ctx) })
	end := g.end
	g.end = sync.OnceFunc(func() {
		end()
		callers.Close()
	})
	return g, nil
}

// callersOf returns what a configuration says about callers.
func callersOf(c *config.Config, cert *certificate) auth.Options {
	o := auth.Options{Proxies: proxies(c)}
	for _, t := range c.Tenants {
		o.Tenants = append(o.Tenants, idv.Tenant(t.Name))
	}
	for _, j := range c.Auth.JWT {
		algorithms := j.Algorithms
		if len(algorithms) == 0 {
			algorithms = access.Algorithms()
		}
		o.Tokens = append(o.Tokens, auth.TokenIssuer{
			Issuer: j.Issuer, KeysFile: j.JWKSFile, Audience: j.Audience, Algorithms: algorithms,
			TenantClaim: j.Claims.Tenant, AppClaim: j.Claims.App, ScopeClaim: j.Claims.Scopes,
			Tenant: idv.Tenant(j.Tenant), Apps: j.Apps, Scopes: scopesOf(j.Scopes),
		})
	}
	for _, m := range c.Auth.MTLS {
		o.Certificates = append(o.Certificates, auth.Certificate{
			Name: m.Name, Subject: m.Subject, SPIFFE: m.SPIFFEID, Tenant: idv.Tenant(m.Tenant), Apps: m.Apps, Scopes: scopesOf(m.Scopes),
		})
	}
	if cert != nil && c.TLS.ClientCA != "" {
		o.ClientCA = cert.clientCA
	}
	return o
}

func scopesOf(words []string) []access.Scope {
	list := make([]access.Scope, len(words))
	for i, w := range words {
		list[i] = access.Scope(w)
	}
	return list
}

// proxies returns the trusted ones. Validate has checked them.
func proxies(c *config.Config) (list []netip.Prefix) {
	for _, text := range c.TrustedProxies {
		if p, err := access.ParseNetwork(text); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// warnKeyless warns if callers need keys and there is none.
func (o Options) warnKeyless(ctx context.Context, keys auth.Issuer) {
	if o.Config.Auth.Mode != "keys" || len(o.Config.Auth.JWT)+len(o.Config.Auth.MTLS) > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keysTime)
	defer cancel()
	if list, _, err := keys.Store.APIKeys(ctx, "", ledger.Page{Limit: 1}); err == nil && len(list) == 0 {
		o.Log.Warn("there is no API key, so every request is refused; create one with heyan key create",
			slog.String("setting", "auth.mode"))
	}
}
