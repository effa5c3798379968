//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// isTerminal reads the termios settings, which only a terminal has.
func isTerminal(f *os.File) bool {
	connection, err := f.SyscallConn() // Fd would make the file a blocking one
	if err != nil {
		return false
	}
	var none error
	err = connection.Control(func(fd uintptr) { _, none = unix.IoctlGetTermios(int(fd), getTermios) })
	return err == nil && none == nil
}
