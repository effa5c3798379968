package exchange

import (
	"cmp"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Provider is a provider with an exchange of its own. An engine that it is given to
// closes it.
type Provider struct {
	idv.Provider
	exchange *Exchange
}

// Open returns a provider that calls its vendor with a codec, over connections of its
// own. If c.BaseURL is empty, the default of the codec's setting base_url is used. The
// error lists every fault of c by its setting's name.
func Open(codec providers.Codec, c Config) (*Provider, error) {
	c.BaseURL = cmp.Or(c.BaseURL, defaultBaseURL(codec.Describe()))
	x, err := New(c)
	if err != nil {
		return nil, err
	}
	return &Provider{providers.NewProvider(codec, x), x}, nil
}

// Close closes the connections as [Exchange.Close] does. It returns nil.
func (p *Provider) Close() error {
	p.exchange.Close()
	return nil
}

func defaultBaseURL(d idv.Descriptor) string {
	i := slices.IndexFunc(d.Settings, func(s idv.Setting) bool { return s.Name == "base_url" })
	if i < 0 {
		return ""
	}
	return d.Settings[i].Default
}
