//go:build unix

package plugins

import (
	"os"
	"os/exec"
	"syscall"
)

// lockFile opens and locks a file, or fails at once if another process holds the lock.
// The lock ends with its process.
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

// tamperProof reports whether only root and this user can write the file.
func tamperProof(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || ownFile(info)) && info.Mode().Perm()&0o002 == 0
}

// executableMode reports whether a file's mode allows execution.
func executableMode(info os.FileInfo) bool { return info.Mode().Perm()&0o111 != 0 }

// wasKilled reports whether a process was ended by the signal that kill sends.
func wasKilled(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// watcher returns a command that joins a process group and kills it when its standard
// input ends.
func watcher(group int) *exec.Cmd {
	return &exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", "read -r line; kill -KILL 0"}, Env: []string{},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pgid: group},
	}
}

// killGroup kills a process group.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// tcpAllowed is false where unix sockets exist: other users could connect to a port.
const tcpAllowed = false
