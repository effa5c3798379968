package doctor

import "golang.org/x/sys/unix"

// freeSpace returns the bytes that this user may still write where a folder is.
func freeSpace(folder string) (free uint64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
