//go:build unix

package plugins

import (
	"os"
	"syscall"
)

// lockFile opens a file and locks it, or fails at once if another process has. The
// lock goes with the process that holds it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// ownFile reports whether a file belongs to this user.
func ownFile(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// tamperProof reports whether nobody but root and this user can write the file.
func tamperProof(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || ownFile(info)) && info.Mode().Perm()&0o002 == 0
}

// executableMode reports whether a file's mode allows it to be executed.
func executableMode(info os.FileInfo) bool { return info.Mode().Perm()&0o111 != 0 }

// wasKilled reports whether a process was ended by the signal that kill sends.
func wasKilled(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// killGroup ends a process and whatever it started and did not move away.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// tcpAllowed is false where there are unix sockets: others could connect to a port.
const tcpAllowed = false
