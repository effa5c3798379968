//go:build !unix

package sqlstore

// syncFolder does nothing: the system has no sync of a folder.
func syncFolder(string) error { return nil }
