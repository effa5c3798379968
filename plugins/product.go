package plugins

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// Product is one product of a plugin. All products of a plugin share its process. Its
// methods are safe for concurrent use.
type Product struct {
	plugin *Plugin
	name   string // of the descriptor
}

// Product returns the product with that name. The name may be empty if the plugin serves
// one product only. Otherwise the error is an *[Error] with [ReasonProduct] that lists the
// products.
func (p *Plugin) Product(name string) (Product, error) {
	var names []string
	for _, d := range p.Products() {
		names = append(names, d.Name)
	}
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	if !slices.Contains(names, name) {
		return Product{}, &Error{p.Name(), ReasonProduct, "it serves " + strings.Join(names, ", ")}
	}
	return Product{p, name}, nil
}

// Products returns the descriptors of the plugin's products from the latest successful
// start. They remain available while the plugin is down.
func (p *Plugin) Products() []idv.Descriptor {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.products
}

// Descriptor returns the product's descriptor from the latest successful start.
func (p Product) Descriptor() idv.Descriptor { return find(p.plugin.Products(), p.name) }

// find returns the descriptor of a name, which is in the list.
func find(list []idv.Descriptor, name string) idv.Descriptor {
	i := slices.IndexFunc(list, func(d idv.Descriptor) bool { return d.Name == name })
	if i < 0 {
		return idv.Descriptor{}
	}
	return list[i]
}

// Factory returns the product as a factory of codecs, like one that is compiled in. Its
// New asks the plugin to validate the settings.
func (p Product) Factory() providers.Factory {
	return providers.Factory{Descriptor: p.Descriptor(), New: func(s providers.Settings) (providers.Codec, error) {
		ctx, cancel := context.WithTimeout(context.Background(), p.plugin.timeout())
		defer cancel()
		return p.Codec(ctx, s)
	}}
}

// Codec returns the product as a codec with the given settings, after the plugin
// accepted them. The result is a [providers.ContextCodec], so the caller's deadline
// applies. [providers.NewProvider] checks its answers against the code table. Codec refuses
// a product with a custom transport.
func (p Product) Codec(ctx context.Context, s providers.Settings) (providers.ContextCodec, error) {
	if p.Descriptor().CustomTransport {
		return nil, &Error{p.plugin.Name(), ReasonSettings, "the product has a custom transport and is not a codec"}
	}
	if err := p.validate(ctx, s, nil); err != nil {
		return nil, err
	}
	return codec{p, maps.Clone(s)}, nil
}

// validate asks the plugin to validate the settings.
func (p Product) validate(ctx context.Context, s providers.Settings, secrets map[string]idv.Sensitive) error {
	req := &pb.ValidateSettingsRequest{Product: p.name, Settings: s, Secrets: wire.Secrets(secrets)}
	var faults error
	err := p.plugin.quickCall(ctx, idv.Subject{}, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.ValidateSettings(ctx, req)
		if err == nil {
			faults = wire.FaultsFrom(r, secrets)
		}
		return err
	})
	if err == nil {
		err = faults
	}
	if err != nil {
		return &Error{p.plugin.Name(), ReasonSettings, err.Error()}
	}
	return nil
}
