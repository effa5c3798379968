package fakevendor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// Schemes returns the authentication schemes of a product that comes with heyan.
func Schemes(product string) auth.Table {
	if p, ok := declared.Open(product); ok {
		return slices.Concat(auth.Schemes(), p.Schemes)
	}
	return auth.Schemes()
}

// Plugin is a plugin program and the product of it that is played.
type Plugin struct {
	Path    string   `json:"path"`
	SHA256  string   `json:"sha256"`
	Args    []string `json:"args"`
	Product string   `json:"product"`
}

// source is where the product of a vendor comes from. Exactly one of its first three is set.
type source struct {
	use, declared string
	plugin        Plugin
	fixtures      string // a folder of recorded replies; "" for those that come with the product
}

// opener opens sources and keeps the plugins that run for them.
type opener struct {
	log     *slog.Logger
	plugins []*plugins.Plugin
}

// open returns the product of a source, nil for the vendor that is written by hand.
func (o *opener) open(ctx context.Context, s source) (*sandbox.Product, error) {
	switch {
	case s.plugin.Path != "":
		return o.plugged(ctx, s)
	case s.declared != "":
		p, err := declared.Read(s.declared, s.fixtures)
		if err != nil {
			return nil, err
		}
		return Product(p.Factory, slices.Concat(auth.Schemes(), p.Schemes))
	case s.use == ByHand && s.fixtures == "":
		return nil, nil
	}
	f, ok := assemble.Catalogue().Find(s.use)
	if !ok {
		return nil, errors.New("there is no such product; heyan provider list lists them")
	}
	return Product(s.recorded(f), Schemes(s.use))
}

// recorded returns the factory with the fixtures of the source, if it names any.
func (s source) recorded(f providers.Factory) providers.Factory {
	if s.fixtures != "" {
		f.Fixtures = func() ([]fs.FS, error) { return []fs.FS{os.DirFS(s.fixtures)}, nil }
	}
	return f
}

// startTimeout is longer than the daemon's, since the program may be read from a slow disk.
const startTimeout = 10 * time.Second

// plugged starts a plugin. A product that comes with heyan too is played with its fixtures.
func (o *opener) plugged(ctx context.Context, s source) (*sandbox.Product, error) {
	p, err := plugins.Open(ctx, plugins.Spec{
		Name: fmt.Sprintf("sandbox-%d", len(o.plugins)+1), Path: s.plugin.Path, SHA256: s.plugin.SHA256, Args: s.plugin.Args,
		AllowUnpinned: s.plugin.SHA256 == "", StartTimeout: startTimeout, Logger: o.log,
	})
	if err != nil {
		return nil, err
	}
	o.plugins = append(o.plugins, p)
	product, err := p.Product(s.plugin.Product)
	if err != nil {
		return nil, err
	}
	d := product.Descriptor()
	if d.Name == ByHand && s.fixtures == "" {
		return nil, nil
	}
	f := providers.Factory{Descriptor: d, New: func(settings providers.Settings) (providers.Codec, error) { return product.Codec(ctx, settings) }}
	if known, ok := assemble.Catalogue().Find(d.Name); ok {
		f.Fixtures, f.NotEchoed = known.Fixtures, known.NotEchoed
	}
	return Product(s.recorded(f), Schemes(d.Name))
}

// close stops the plugins.
func (o *opener) close(ctx context.Context) {
	for _, p := range o.plugins {
		_ = p.Close(ctx) // no call is in flight
	}
}
