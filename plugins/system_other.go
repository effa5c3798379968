//go:build !unix

package plugins

import (
	"os"
	"os/exec"
	"syscall"
)

// lockFile opens a file. This system has no lock that ends with its process, so
// directories of dead hosts are removed by age alone.
func lockFile(path string) (*os.File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) }

// ownFile returns true: each user has a temporary directory of their own here.
func ownFile(os.FileInfo) bool { return true }

// tamperProof leaves file permissions to the system's access control lists.
func tamperProof(os.FileInfo) bool { return true }

// executableMode returns true: the start will tell.
func executableMode(os.FileInfo) bool { return true }

// wasKilled returns true, since the exit status does not tell here; its callers ask
// only about a process that the host killed.
func wasKilled(*os.ProcessState) bool { return true }

// watcher returns nil: this system has no process groups.
func watcher(int) *exec.Cmd { return nil }

// killGroup does nothing: this system has no process groups, and the process itself is
// killed by its caller.
func killGroup(int) {}

// attributes returns none.
func attributes() *syscall.SysProcAttr { return nil }

// tcpAllowed is true: go-plugin uses TCP on this system.
const tcpAllowed = true
