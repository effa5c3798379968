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

// columns returns the width of a terminal, 0 if it is unknown.
func columns(f *os.File) (n int) {
	connection, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	_ = connection.Control(func(fd uintptr) { // fails if the file is closed
		if size, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ); err == nil {
			n = int(size.Col)
		}
	})
	return n
}
