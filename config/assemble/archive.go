package assemble

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// maxManifest and maxKey bound what is read before it is checked.
const (
	maxManifest = 64 << 10
	maxKey      = 64 << 10
)

// archived matches the names that an archive may have beside the manifest.
var archived = regexp.MustCompile(`^(heyan\.db(\.key|\.people\.key|\.receipt\.key)?|keys/(idempotency|receipt|policy-[a-z0-9]{1,16}))$`)

// writeArchive writes the manifest and the files at the paths as a tar archive.
func writeArchive(w io.Writer, m Manifest, paths []string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	head := func(name string, size int64) error {
		return out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: m.TakenAt, Format: tar.FormatPAX})
	}
	text = append(text, '\n')
	if err := head(manifestName, int64(len(text))); err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	for i, f := range m.Files {
		if err := head(f.Name, f.Size); err != nil {
			return err
		}
		if err := appendFile(out, paths[i]); err != nil {
			return err
		}
	}
	return out.Close()
}

func appendFile(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}

// errArchive means that a file is not an archive of Backup, or not a whole one.
var errArchive = errors.New("is not a whole backup of heyan; decrypt it first if it is encrypted, or take another one")

// readArchive reads an archive into a folder: each file under the last part of its name, with
// mode 0600. Sizes and hashes are those of the manifest.
func readArchive(r io.Reader, dir string) (m Manifest, err error) {
	in := tar.NewReader(r)
	if m, err = readManifest(in); err != nil {
		return m, err
	}
	for i := range m.Files {
		f := &m.Files[i]
		h, err := in.Next()
		if err != nil || h.Name != f.Name || h.Size != f.Size || h.Typeflag != tar.TypeReg {
			return m, errArchive
		}
		if err := extract(in, filepath.Join(dir, filepath.Base(f.Name)), f); err != nil {
			return m, err
		}
	}
	if _, err := in.Next(); err != io.EOF {
		return m, errArchive
	}
	return m, nil
}

// readManifest reads and checks the first file. It must name no file twice and none that a
// backup does not have.
func readManifest(in *tar.Reader) (m Manifest, err error) {
	h, err := in.Next()
	if err != nil || h.Name != manifestName || h.Size > maxManifest {
		return m, errArchive
	}
	text, err := io.ReadAll(in)
	if err != nil || json.Unmarshal(text, &m) != nil {
		return m, errArchive
	}
	if m.Format != archiveFormat {
		return m, fmt.Errorf("the backup has format %d, this program reads %d; use the version of heyan that made it", m.Format, archiveFormat)
	}
	return m, m.check()
}

// check returns errArchive for a manifest that no backup has.
func (m *Manifest) check() error {
	seen := map[string]bool{}
	for _, f := range m.Files {
		if !archived.MatchString(f.Name) || seen[f.Name] || f.Size < 0 || f.Name != databaseName && f.Size > maxKey {
			return errArchive
		}
		seen[f.Name] = true
	}
	if m.TakenAt.IsZero() || m.TakenAt.After(time.Now().Add(24*time.Hour)) || seen[databaseName] != (m.Driver == "sqlite") {
		return errArchive
	}
	return nil
}

func extract(in io.Reader, path string, f *BackupFile) error {
	out, err := privatefile.Create(path)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("%s cannot be unpacked: %w", f.Name, cause(err))
	}
	if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return errArchive
	}
	return nil
}
