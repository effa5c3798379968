// Package plugins runs vendor adapters in processes of their own. It implements both
// ends of the protocol: a plugin's main calls [Serve] with its products, and the host
// calls [Open], which starts the program, restarts it when it fails (supervise.go), and
// returns its products as codecs or providers. docs/plugins.md has the guide for authors.
//
// The protocol is plugins/proto over hashicorp/go-plugin (launch.go). A codec gets no
// credentials, since the host signs and sends. Package plugins/internal/wire checks every
// field of a response.
package plugins
