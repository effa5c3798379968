package plugins

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes kills the plugin when its starting thread ends, which is when the host
// ends, and gives it a process group of its own, so that a Ctrl-C at the terminal
// reaches the host only.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// seals forbid changes of the content and of the seals.
const seals = unix.F_SEAL_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// sealed copies a program into memory that cannot be modified any more. It fails where
// the system does not allow executable memory.
func sealed(from *os.File, name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // the flag exists since Linux 6.3, before which it is not needed
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, err
	}
	memory := os.NewFile(uintptr(fd), name)
	defer func() { _ = memory.Close() }()
	if err := copyProgram(memory, from); err != nil {
		return nil, err
	}
	if _, err := unix.FcntlInt(memory.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return nil, err
	}
	// Reopen for reading: the kernel does not execute a file that is open for writing.
	return os.Open(inMemory(memory))
}

// inMemory returns the path of an open file, valid in this process and in a child that
// is about to execute it.
func inMemory(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }
