package daemon

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"os"
	"path/filepath"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
)

// sums are hashes of what stands in files, by their names. A file that cannot be read has the
// hash of the reason.
type sums map[string][sha256.Size]byte

// add reads the files of a configuration.
func (s sums) add(c config.Config) {
	for _, f := range config.Files(c) {
		s.read(f.Name)
	}
}

// of returns the sums of a configuration and its file.
func (s sums) of(file string, c config.Config) sums {
	out := sums{}
	for _, f := range append(config.Files(c), config.File{Name: file}) {
		if sum, ok := s[f.Name]; ok {
			out[f.Name] = sum
		}
	}
	return out
}

// read reads a file, or those in a folder, unless it has been read.
func (s sums) read(name string) {
	if _, ok := s[name]; ok || name == "" {
		return
	}
	h := sha256.New()
	entries, err := os.ReadDir(name)
	if err != nil { // mostly since it is a file
		hashFile(h, name)
	}
	for _, e := range entries {
		hashPart(h, []byte(e.Name()))
		hashFile(h, filepath.Join(name, e.Name()))
	}
	s[name] = [sha256.Size]byte(h.Sum(nil))
}

func hashFile(h hash.Hash, name string) {
	text, err := strictyaml.ReadFile(name, strictyaml.MaxSize)
	if err != nil {
		text = []byte("\x00" + err.Error())
	}
	hashPart(h, text)
}

// hashPart hashes a part with its length, so that no two lists of parts hash alike.
func hashPart(h hash.Hash, part []byte) {
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
	_, _ = h.Write(part)
}

// changedFiles returns the settings of the files that both configurations name and whose
// content differs.
func changedFiles(before, after sums, c config.Config) (paths []string) {
	for _, f := range config.Files(c) {
		if was, ok := before[f.Name]; ok && was != after[f.Name] {
			paths = append(paths, f.Path)
		}
	}
	return paths
}
