// Package all is the list of the vendors that are compiled in, and nothing else.
// Only config/assemble and the commands may import it, so that a program which
// embeds one vendor links one vendor.
package catalogue

import (
	"io/fs"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
)

// Factories lists the vendors in the order of their names.
func Factories() []providers.Factory {
	return []providers.Factory{
		idcert.Factory(),
	}
}

// Find returns the vendor of that name and whether there is one.
func Find(name string) (providers.Factory, bool) {
	for _, b := range Factories() {
		if b.Descriptor.Name == name {
			return b, true
		}
	}
	return providers.Factory{}, false
}

// Fixtures returns the replies on which the contract of a built-in vendor is tried,
// and whether it ships any.
func Fixtures(name string) (fs.FS, bool) {
	open, ok := map[string]func() (fs.FS, error){"idcert": idcert.Fixtures}[name]
	if !ok {
		return nil, false
	}
	folder, err := open()
	return folder, err == nil
}
