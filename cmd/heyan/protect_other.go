//go:build !linux

package main

// protect does nothing: docs/plugins.md says what this means on other systems.
func protect() {}
