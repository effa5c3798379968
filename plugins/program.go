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

// program is the file of a plugin as it is executed: a copy that was hashed after it
// was made. It is kept for every start, so a change of the file on disk changes
// nothing until somebody opens or swaps the plugin.
type program struct {
	path   string   // what is executed
	sum    string   // sha256 of it, in hex
	memory *os.File // sealed; nil if the copy is a file
}

// maxProgram is the most bytes of a program. It is in memory as long as it runs.
const maxProgram = 512 << 20

var errTooLarge = errors.New("the file is too large")

// load copies and checks the program of a specification. The folder takes the copy
// where there is no sealed memory.
func load(s Spec, folder string) (*program, error) {
	file, err := openProgram(s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p, err := copyProgramFile(file, folder)
	if err != nil {
		return nil, s.newError(ReasonFolder, "its program cannot be copied")
	}
	if s.SHA256 != "" && p.sum != s.SHA256 {
		p.close()
		return nil, s.newError(ReasonChecksum, "it is "+p.sum)
	}
	return p, nil
}

// openProgram opens the file and looks at it. The look is at the open file, so
// nothing can be put into its place in between.
func openProgram(s Spec) (*os.File, error) {
	before, err := os.Lstat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.newError(ReasonMissing, s.Path)
	case err != nil:
		return nil, s.newError(ReasonMissing, "it cannot be looked at: "+s.Path)
	case !before.Mode().IsRegular():
		return nil, s.newError(ReasonNotAFile, s.Path)
	}
	file, err := os.Open(s.Path)
	if err != nil {
		return nil, s.newError(ReasonNotExecutable, "it cannot be read")
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

// hold copies a program and hashes the copy. A script cannot run from memory: its
// interpreter has to open it by a path that is still there.
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

// close lets the memory go. A copy goes with its folder.
func (p *program) close() {
	if p.memory != nil {
		_ = p.memory.Close()
	}
}
