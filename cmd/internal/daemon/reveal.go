package daemon

import "github.com/heyan-id/heyan/engine/idv"

// revealKey returns the private key of the certificate, for package tls.
func revealKey(key idv.Sensitive) []byte { return []byte(key.Reveal()) }
