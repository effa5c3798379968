// Package auth authenticates the callers of the daemon: by API keys, JSON Web Tokens and client
// certificates, see [Callers], or not at all, see [None]. The rules of keys are in package
// policy/access.
package auth

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/access"
)

// Authenticator finds out who sends a request. It is safe for concurrent use.
type Authenticator interface {
	// Authenticate returns the principal of a request. The error is ErrUnauthenticated, or
	// that of the store.
	Authenticate(r *http.Request) (access.Principal, error)
}

// None takes every caller for the default tenant, with all scopes. It belongs on a loopback
// listener only.
type None struct{}

// Authenticate returns the default tenant.
func (None) Authenticate(*http.Request) (access.Principal, error) {
	return access.Principal{Tenant: api.DefaultTenant, Scopes: access.Scopes()}, nil
}

type principalKey struct{}

// With returns a context with the principal of its request.
func With(ctx context.Context, p access.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the principal of a request's context. Without one it is the zero principal,
// which may do nothing.
func From(ctx context.Context) access.Principal {
	p, _ := ctx.Value(principalKey{}).(access.Principal)
	return p
}

type refusalsKey struct{}

// WithRefusals returns a context that CountRefusal counts by.
func WithRefusals(ctx context.Context, r *Refusals) context.Context {
	return context.WithValue(ctx, refusalsKey{}, r)
}

// CountRefusal counts that the request of a context is refused after it was authenticated.
func CountRefusal(ctx context.Context, reason access.Refusal) {
	if r, _ := ctx.Value(refusalsKey{}).(*Refusals); r != nil {
		r.Count(reason)
	}
}

// Address returns the address of the client: the peer of the connection, or, while that is a
// trusted proxy, the one that it names last in X-Forwarded-For. It is the zero address if a
// trusted proxy names none that can be read, so that no rule about networks is met.
func Address(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for len(hops) > 0 && within(addr, trusted) {
		last := strings.TrimSpace(hops[len(hops)-1])
		if hops = hops[:len(hops)-1]; last == "" && len(hops) == 0 {
			break // the proxy itself asks
		}
		addr = parseHop(last)
	}
	return addr
}

// parseHop reads an address with or without a port.
func parseHop(text string) netip.Addr {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		with, _ := netip.ParseAddrPort(text)
		addr = with.Addr()
	}
	return addr.Unmap().WithZone("")
}

func within(addr netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// safeURL reports whether keys may be fetched from a URL: over https, or from this machine.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && addr.IsLoopback()
}
