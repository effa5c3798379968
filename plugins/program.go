package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// program is the copy of a plugin file that is executed. Its sum is computed from the
// copy. The same copy serves every restart, so a changed file on disk has no effect
// before the next Open or Swap.
//
// On Linux the copy is in sealed memory, so it cannot change between check and start. On
// other systems it is in the private directory, where a process of the same user could
// still modify it. Scripts ("#!") always run from the private directory; the sum covers
// neither their interpreter nor what they import.
type program struct {
	path   string   // what is executed
	sum    string   // sha256 of it, in hex
	memory *os.File // sealed; nil if the copy is a file
}

// maxProgram is the maximum size of a program in bytes. The copy stays in memory while
// the plugin runs.
const maxProgram = 512 << 20

var errTooLarge = errors.New("the file is too large")

// load copies a program and checks its sum. The copy goes to the directory where sealed
// memory is not available.
func load(s Spec, folder string) (*program, error) {
	file, err := openProgram(s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p, err := copyProgramFile(file, folder)
	if err != nil {
		return nil, s.newError(ReasonFolder, "the program cannot be copied")
	}
	if s.SHA256 != "" && p.sum != s.SHA256 {
		p.close()
		return nil, s.newError(ReasonChecksum, "the file's sum is "+p.sum)
	}
	return p, nil
}

// openProgram opens the program and checks its mode and owner. It checks the open file,
// so a replacement of the path in between is detected.
func openProgram(s Spec) (*os.File, error) {
	before, err := os.Lstat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.newError(ReasonMissing, s.Path)
	case err != nil:
		return nil, s.newError(ReasonMissing, "no access to "+s.Path)
	case !before.Mode().IsRegular():
		return nil, s.newError(ReasonNotAFile, s.Path)
	}
	file, err := os.Open(s.Path)
	if err != nil {
		return nil, s.newError(ReasonNotExecutable, "the file cannot be read")
	}
	info, err := file.Stat()
	reason := ReasonNone
	switch {
	case err != nil || !os.SameFile(before, info):
		reason = ReasonNotAFile
	case !tamperProof(info):
		reason = ReasonUnsafeFile
	case !executableMode(info) || info.Size() == 0 || info.Size() > maxProgram:
		reason = ReasonNotExecutable
	}
	if reason != ReasonNone {
		_ = file.Close()
		return nil, s.newError(reason, s.Path)
	}
	return file, nil
}

// copyProgramFile copies a program and hashes the copy. A script cannot run from
// memory, since its interpreter opens it by path.
func copyProgramFile(file *os.File, folder string) (*program, error) {
	script, err := isScript(file)
	if err != nil {
		return nil, err
	}
	if !script {
		if memory, err := sealed(file, filepath.Base(file.Name())); err == nil {
			return summed(&program{path: inMemory(memory), memory: memory}, memory)
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
	}
	return privateCopy(file, folder)
}

func isScript(file *os.File) (bool, error) {
	var head [2]byte
	n, err := file.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return string(head[:n]) == "#!", nil
}

func privateCopy(file *os.File, folder string) (*program, error) {
	dir, err := os.MkdirTemp(folder, "program-")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, filepath.Base(file.Name()))
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(copyProgram(to, file), to.Chmod(0o500), to.Close()); err != nil {
		return nil, err
	}
	copied, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = copied.Close() }()
	return summed(&program{path: path}, copied)
}

func copyProgram(to, from *os.File) error {
	n, err := io.Copy(to, io.LimitReader(from, maxProgram+1))
	if err == nil && n > maxProgram {
		return errTooLarge
	}
	return err
}

func summed(p *program, r io.Reader) (*program, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		p.close()
		return nil, err
	}
	p.sum = hex.EncodeToString(h.Sum(nil))
	return p, nil
}

// close frees the sealed memory. A copy on disk is removed with its directory.
func (p *program) close() {
	if p.memory != nil {
		_ = p.memory.Close()
	}
}

// Inspect reports why Open would not start a program, without starting it: its file, mode,
// owner and checksum. The error is an *Error.
func Inspect(s Spec) error {
	file, err := openProgram(s)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if s.SHA256 == "" {
		return nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return s.newError(ReasonNotExecutable, "the file cannot be read")
	}
	if got := hex.EncodeToString(sum.Sum(nil)); s.SHA256 != "" && got != s.SHA256 {
		return s.newError(ReasonChecksum, "the file's sum is "+got)
	}
	return nil
}
