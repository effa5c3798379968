// Command heyan-provider-idcert is the first vendor as a plugin: the same codec
// that is built into heyan, in a process of its own.
package main

import (
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/idcert"
)

func main() { plugins.Serve(idcert.Factory()) }
