//go:build unix

package doctor

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// writable reports whether this user may write a file or folder.
func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }

// changeable reports whether every user may write a file or folder. In a folder with the
// sticky bit, such as /tmp, users do not replace the files of others.
func changeable(info fs.FileInfo) bool {
	return info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}

// openFilesLimit returns how many files a process may open.
func openFilesLimit() (limit uint64, known bool) {
	var r unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r)
	return uint64(r.Cur), err == nil //nolint:unconvert // int64 on FreeBSD
}
