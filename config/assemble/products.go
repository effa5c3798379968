package assemble

import (
	"sync"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/catalogue"
	"github.com/heyan-id/heyan/providers/declared"
)

// Catalogue returns the products that come with heyan, written in Go or declared in YAML.
func Catalogue() catalogue.Catalogue { return products() }

// products reads the files that are compiled in once, since they do not change.
var products = sync.OnceValue(func() catalogue.Catalogue {
	var list []providers.Factory
	for _, name := range declared.Shipped() {
		if p, ok := declared.Open(name); ok { // a test of package declared opens all
			list = append(list, p.Factory)
		}
	}
	return catalogue.New().With(list...)
})

// find returns the product that a provider uses, unless it has a plugin. The error is
// config.ErrNoAdapter, or the faults of the provider's file.
func find(p config.Provider) (declared.Product, error) {
	if p.Declared != "" {
		return declared.Read(p.Declared, "")
	}
	if f, ok := catalogue.New().Find(p.Use); ok {
		return declared.Product{Factory: f}, nil
	}
	if one, ok := declared.Open(p.Use); ok && one.Factory.Descriptor.Name == p.Use {
		return one, nil
	}
	return declared.Product{}, config.ErrNoAdapter
}

// builtIn is find for a provider without a plugin; a plugin has no product here.
func builtIn(p config.Provider, plugged bool) (declared.Product, error) {
	if plugged {
		return declared.Product{}, nil
	}
	return find(p)
}
