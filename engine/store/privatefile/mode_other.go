//go:build !unix

package privatefile

import "io/fs"

// openToOthers reports false: where files have no mode bits, they do not say who can read
// them.
func openToOthers(fs.FileInfo) bool { return false }
