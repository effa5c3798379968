// Command caddy is Caddy with its reverse proxy and nothing else, for the comparison in
// docs/benchmarks: the modules that a plain proxy does not need would only be compiled.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

func main() { caddycmd.Main() }
