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

// newGate opens the authenticator of a configuration and starts its jobs.
func newGate(o Options, app *assemble.App) (*gate, error) {
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
	keys, err := auth.NewKeys(g.issuer, proxies(&o.Config), o.Log)
	if err != nil {
		g.end()
		return nil, err
	}
	g.auth = keys
	running.Go(func() { keys.Run(ctx) })
	end := g.end
	g.end = sync.OnceFunc(func() {
		end()
		keys.Close()
	})
	return g, nil
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
	if o.Config.Auth.Mode != "keys" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keysTime)
	defer cancel()
	if list, _, err := keys.Store.APIKeys(ctx, "", ledger.Page{Limit: 1}); err == nil && len(list) == 0 {
		o.Log.Warn("there is no API key, so every request is refused; create one with heyan key create",
			slog.String("setting", "auth.mode"))
	}
}
