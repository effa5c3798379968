//go:build unix

package privatefile

import "io/fs"

// openToOthers reports whether group or others may do anything with a file.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
