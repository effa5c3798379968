//go:build !unix

package daemon

// openFiles returns a limit that is never reached: this system has none.
func openFiles() (limit, used int) { return unlimitedConns, 0 }
