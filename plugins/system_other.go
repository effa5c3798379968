//go:build !unix

package plugins

import (
	"os"
	"syscall"
)

// lockFile opens a file; this system has no lock that goes with the process, so the
// folders of dead hosts are removed as soon as they are old.
func lockFile(path string) (*os.File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) }

// ownFile takes a file for ours: temporary folders are each user's own here.
func ownFile(os.FileInfo) bool { return true }

// tamperProof leaves the rights of files to the system's lists.
func tamperProof(os.FileInfo) bool { return true }

// executableMode leaves it to the start to find out.
func executableMode(os.FileInfo) bool { return true }

// wasKilled cannot tell here, so it takes the word of the host, which killed it.
func wasKilled(*os.ProcessState) bool { return true }

// killGroup has no groups to kill here; the process itself is killed elsewhere.
func killGroup(int) {}

// attributes asks for nothing special.
func attributes() *syscall.SysProcAttr { return nil }

// tcpAllowed is true here: go-plugin has no other socket on this system.
const tcpAllowed = true
