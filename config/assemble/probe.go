package assemble

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
)

// Path is a way to a vendor that calls of a provider take: that of its calls, or that to a
// token endpoint.
type Path struct {
	BaseURL string
	Network exchange.Network
	Limit   time.Duration // of a connection, as for a call
}

// Probe connects by the path up to the TLS handshake and sends no request. See
// [exchange.Probe].
func (p Path) Probe(ctx context.Context) (exchange.Reached, error) {
	return exchange.Probe(ctx, p.BaseURL, p.Network, p.Limit)
}

// Paths returns the ways to the vendor of provider i, with the keys and files of its network.
// d is its descriptor, see [Describe]. A plugin with a transport of its own has none. Without
// the vendor's secrets, those to token endpoints may be missing.
func Paths(ctx context.Context, o Options, i int, d idv.Descriptor) ([]Path, error) {
	if d.CustomTransport {
		return nil, nil
	}
	l, err := newLine(&o.Config, i, d, o.resolver())
	if err != nil {
		return nil, err
	}
	var unread error
	l.secrets, unread = l.resolve(ctx)
	read, err := readNetwork(ctx, l.network, l.path, o.resolver())
	if err == nil {
		l.way, err = read.network(l.network, l.path)
	}
	if err != nil {
		return nil, err
	}
	product, err := builtIn(o.Config.Providers[i], o.Config.Providers[i].Plugin.Path != "")
	if err != nil {
		return nil, err
	}
	list := []Path{{l.plain["base_url"], l.way, l.provider.Limits.Connect}}
	_, err = append(auth.Schemes(), product.Schemes...).Select(d.Schemes, auth.Env{
		Value: func(name string) idv.Sensitive { return l.value(l.secrets, name) },
		Connect: func(baseURL string, _ auth.Authenticator) (providers.Transport, error) {
			if !slices.ContainsFunc(list, func(p Path) bool { return p.BaseURL == baseURL }) {
				list = append(list, Path{baseURL, l.way, l.provider.Limits.Connect})
			}
			return nil, nil
		},
	})
	if unread != nil {
		return list, nil // whoever resolves the secrets reports them
	}
	return list, err
}
