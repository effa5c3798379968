package main

import "strings"

// refuseDebugging returns an error if the environment makes a library print requests: with
// http2debug Go logs headers and bodies of HTTP/2, and with a filter for binary logs gRPC
// writes the calls of plugins to a file. Both hold personal data and keys, and both are read
// before main starts, so they cannot be switched off here.
func refuseDebugging(lookup func(string) (string, bool)) error {
	// Go looks for these words anywhere in the variable.
	if text, _ := lookup("GODEBUG"); strings.Contains(text, "http2debug=1") || strings.Contains(text, "http2debug=2") {
		return configError("GODEBUG: http2debug prints names, numbers and keys; remove it from the variable")
	}
	if text, _ := lookup("GRPC_BINARY_LOG_FILTER"); text != "" {
		return configError("GRPC_BINARY_LOG_FILTER: writes the calls of plugins to a file, with names and numbers; unset the variable")
	}
	return nil
}
