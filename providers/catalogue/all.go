// Package all is the list of the vendors that are compiled in, and nothing else.
// Only config/assemble and the commands may import it, so that a program which
// embeds one vendor links one vendor.
package catalogue

import (
	"io/fs"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
)

// Builtins lists the vendors in the order of their names.
func Builtins() []providers.Builtin {
	return []providers.Builtin{
		idcert.Builtin(),
	}
}

// Find returns the vendor of that name and whether there is one.
func Find(name string) (providers.Builtin, bool) {
	for _, b := range Builtins() {
		if b.Descriptor.Name == name {
			return b, true
		}
	}
	return providers.Builtin{}, false
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
