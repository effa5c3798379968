// Package catalogue lists the vendors that are compiled in. Only config/assemble and the
// packages below cmd import it, so a program that embeds one vendor links one vendor.
//
// A new vendor gets an entry in [New] and lines in the table of docs/imports_test.go; `make
// docs` then writes its page.
package catalogue

import (
	"cmp"
	"slices"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/aliyun"
	"github.com/heyan-id/heyan/providers/baidu"
	"github.com/heyan-id/heyan/providers/esign"
	"github.com/heyan-id/heyan/providers/huawei"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/tencent"
)

// Catalogue is a list of products, sorted by name. It is read-only and safe for
// concurrent use.
type Catalogue struct{ factories []providers.Factory }

// New returns the products that are written in Go.
func New() Catalogue {
	return Catalogue{}.With(slices.Concat(
		[]providers.Factory{baidu.Factory(), esign.Factory(), huawei.Factory(), idcert.Factory()},
		aliyun.Factories(),
		tencent.Factories(),
	)...)
}

// With returns the catalogue with more products. c is not modified.
func (c Catalogue) With(more ...providers.Factory) Catalogue {
	list := slices.Concat(c.factories, more)
	slices.SortFunc(list, func(a, b providers.Factory) int { return cmp.Compare(a.Descriptor.Name, b.Descriptor.Name) })
	return Catalogue{list}
}

// Factories returns the factories of all products.
func (c Catalogue) Factories() []providers.Factory { return slices.Clone(c.factories) }

// Find returns the factory of the named product and whether the catalogue has it.
func (c Catalogue) Find(name string) (providers.Factory, bool) {
	for _, f := range c.factories {
		if f.Descriptor.Name == name {
			return f, true
		}
	}
	return providers.Factory{}, false
}
