// Package all is the list of the vendors that are compiled in, and nothing else.
// Only config/assemble and the commands may import it, so that a program which
// embeds one vendor links one vendor.
package all

import (
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
