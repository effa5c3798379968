// Command heyan-provider-idcert serves the built-in idcert codec as a plugin.
package main

import (
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/idcert"
)

func main() { plugins.Serve(idcert.Factory()) }
