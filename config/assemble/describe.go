package assemble

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/consent"
)

// Known finds the descriptor of a built-in or declared product, for config.Validate. Of
// plugins, which are not started for that, it knows nothing.
func Known(p config.Provider) (idv.Descriptor, error) {
	if p.Plugin.Path != "" {
		return idv.Descriptor{}, config.ErrNotStarted
	}
	b, err := find(p)
	return b.Factory.Descriptor, err
}

// Describe returns what a provider says of itself. If it is a plugin, that is started
// and ended for it: the state is of then, and an error is a *plugins.Error.
func Describe(ctx context.Context, p config.Provider) (idv.Descriptor, plugins.State, error) {
	if p.Plugin.Path == "" {
		d, err := Known(p)
		return d, plugins.State{}, err
	}
	plugin, err := plugins.Open(ctx, spec(p, slog.New(slog.DiscardHandler)))
	if err != nil {
		return idv.Descriptor{}, plugins.State{}, err
	}
	product, err := plugin.Product(p.Use)
	d, state := product.Descriptor(), plugin.State()
	_ = plugin.Close(context.WithoutCancel(ctx)) // no call is in it
	return d, state, err
}

// describing finds what a provider says of itself.
type describing func(context.Context, config.Provider) (idv.Descriptor, error)

// recipient is who gets the data that a provider is asked with.
func (d describing) recipient(ctx context.Context, p config.Provider) (string, error) {
	if p.Recipient != "" {
		return p.Recipient, nil
	}
	card, err := d(ctx, p)
	if err != nil {
		return "", fmt.Errorf("recipient is not set, and could not be found out: %w", err) // which names the provider
	}
	return card.Recipient, nil
}

// takes reports whether a provider supports a check of a document. So does one whose
// descriptor cannot be read here: the person then agrees to a recipient that may not be asked.
func (d describing) takes(ctx context.Context, p config.Provider, check idv.Check, document idv.Document) bool {
	if document == idv.DocumentUnknown {
		return true
	}
	card, err := d(ctx, p)
	return err != nil || card.Supports(check, document)
}

// recipients lists who may be asked for a check of a document, each body once.
func (d describing) recipients(ctx context.Context, c config.Config, check idv.Check, document idv.Document) (list []consent.Party, err error) {
	for _, r := range c.Routes {
		if r.Check != check.String() {
			continue
		}
		for _, p := range c.Providers {
			if !slices.Contains(r.Providers, p.Name) || !d.takes(ctx, p, check, document) {
				continue
			}
			name, err := d.recipient(ctx, p)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(list, func(p consent.Party) bool { return p.Name == name }) {
				list = append(list, consent.Party{Name: name, Contact: p.RecipientContact})
			}
		}
	}
	return list, nil
}
