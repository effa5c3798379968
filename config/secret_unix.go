//go:build unix

package config

import (
	"io/fs"
	"syscall"
)

// private reports whether only the owner can read or write the file. A
// file of root's may be read by its group.
func private(info fs.FileInfo) bool {
	open := info.Mode().Perm() & 0o077
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
		open &^= 0o040
	}
	return open == 0
}
