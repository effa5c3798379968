package plugins

import (
	"github.com/hashicorp/go-plugin"
)

// The environment of a plugin, beside what go-plugin itself sets. docs/plugin-protocol.md
// tells authors in other languages what each is for.
const (
	// cookieKey and cookieValue tell a plugin that heyan started it and not a person
	// at a terminal. They are no secret.
	cookieKey   = "HEYAN_PLUGIN"
	cookieValue = "heyan.provider.v1"
	// envLifeline, set to "stdin", tells that the end of the standard input is the
	// end of the host: it holds the other end open as long as it lives.
	envLifeline = "HEYAN_PLUGIN_LIFELINE"
	// envFolder is the folder of the configured path: a script runs from a copy.
	envFolder = "HEYAN_PLUGIN_DIR"
)

// serviceName is the name under which go-plugin knows the one service.
const serviceName = "provider"

// protocolVersion is the version of plugins/proto/heyan/provider/v1. Adding fields
// does not change it; a v2 will be a folder and a number of its own, offered beside
// this one.
const protocolVersion = 1

func handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{MagicCookieKey: cookieKey, MagicCookieValue: cookieValue}
}

// Methods of go-plugin's own services. Its Go client opens them with unbounded
// queues, so the host calls the two that it needs by name.
const (
	methodShutdown = "/plugin.GRPCController/Shutdown"
	methodStdio    = "/plugin.GRPCStdio/StreamStdio"
)
