//go:build unix

package daemon

import (
	"os"
	"syscall"
)

// openFiles returns how many files the process may open, and how many it has open. Without
// /dev/fd it assumes what a daemon with a few plugins has.
func openFiles() (limit, used int) {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil || r.Cur > unlimitedConns {
		return unlimitedConns, 0
	}
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return int(r.Cur), 48
	}
	return int(r.Cur), len(open)
}
