//go:build !unix

package doctor

import "io/fs"

func writable(string) bool { return true }

func changeable(fs.FileInfo) bool { return false }

func openFilesLimit() (limit uint64, known bool) { return 0, false }
