// Package catalogue lists the vendors that are compiled in. Only config/assemble and the
// packages below cmd import it, so a program that embeds one vendor links one vendor.
//
// A new vendor gets an entry in [New] (its Factory and its Fixtures) and lines in the table
// of docs/imports_test.go; `make docs` then writes its page.
package catalogue

import (
	"io/fs"
	"slices"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
)

// Catalogue is a list of vendors, sorted by name. It is read-only and safe for
// concurrent use.
type Catalogue struct{ entries []entry }

type entry struct {
	factory  providers.Factory
	fixtures func() (fs.FS, error)
}

// New returns the built-in vendors.
func New() Catalogue {
	return Catalogue{[]entry{
		{idcert.Factory(), idcert.Fixtures},
	}}
}

// Factories returns the factories of all vendors.
func (c Catalogue) Factories() []providers.Factory {
	list := make([]providers.Factory, len(c.entries))
	for i, e := range c.entries {
		list[i] = e.factory
	}
	return list
}

// Find returns the factory of the named vendor and whether the catalogue has it.
func (c Catalogue) Find(name string) (providers.Factory, bool) {
	e, ok := c.entry(name)
	return e.factory, ok
}

// Fixtures returns the recorded replies for the contract test of the named vendor,
// and whether the vendor has any.
func (c Catalogue) Fixtures(name string) (fs.FS, bool) {
	e, ok := c.entry(name)
	if !ok {
		return nil, false
	}
	folder, err := e.fixtures()
	return folder, err == nil
}

func (c Catalogue) entry(name string) (entry, bool) {
	i := slices.IndexFunc(c.entries, func(e entry) bool { return e.factory.Descriptor.Name == name })
	if i < 0 {
		return entry{}, false
	}
	return c.entries[i], true
}
