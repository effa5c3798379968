package main

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// protect keeps other processes of the same user, such as a plugin, from reading the secrets
// of this one. It erases the environment that the process was started with, which
// /proc/PID/environ shows, and makes the process not dumpable: the rest of /proc/PID then
// belongs to root, only root can attach a debugger, and there is no core dump. The caller has
// copied the environment.
func protect() {
	// Only before the next line may /proc/self/mem be opened. Without /proc, there is nothing
	// to erase that another process could read.
	eraseEnvironment()
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // fails for no process
}

// The fields of /proc/PID/stat that hold the bounds of the environment, counted after the
// name of the program, see proc_pid_stat(5).
const (
	envStart = 50 - 3
	envEnd   = 51 - 3
)

func eraseEnvironment() {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= envEnd {
		return
	}
	start, err := strconv.ParseInt(string(fields[envStart]), 10, 64)
	if err != nil {
		return
	}
	end, err := strconv.ParseInt(string(fields[envEnd]), 10, 64)
	if err != nil || end < start || end-start > maxEnvironment {
		return
	}
	memory, err := os.OpenFile("/proc/self/mem", os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = memory.WriteAt(make([]byte, end-start), start)
	_ = memory.Close()
}

// maxEnvironment is more than Linux allows for arguments and environment, in bytes.
const maxEnvironment = 16 << 20
