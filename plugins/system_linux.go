package plugins

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes asks that the plugin is killed when the thread that started it ends,
// which is when the host does, and puts it into a group of its own: a Ctrl-C at the
// terminal is the host's affair.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// seals forbid any change of the bytes, and of the seals.
const seals = unix.F_SEAL_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// sealed copies a program into memory that nobody can change any more. The system
// may not allow to execute memory; then the error says so.
func sealed(from *os.File, name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3 there was no such flag, nor a need for it
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
	// Opened anew for reading: the system does not execute what is open for writing.
	return os.Open(inMemory(memory))
}

// inMemory returns the path of an open file, in this process and in a child that is
// about to execute it.
func inMemory(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }
