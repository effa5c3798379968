package assemble

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzReadArchive: whatever the archive, nothing is written outside of the folder, and what is
// accepted has the sizes and hashes of its manifest.
func FuzzReadArchive(f *testing.F) {
	path := filepath.Join(f.TempDir(), "key")
	if err := os.WriteFile(path, []byte("0123"), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"keys/receipt", "../x", "/x", "keys/policy-k1", "heyan.db"} {
		m := Manifest{Format: archiveFormat, Driver: "postgres", TakenAt: time.Unix(1_790_000_000, 0).UTC(), Files: []BackupFile{{Name: name}}}
		if name == databaseName {
			m.Driver = "sqlite"
		}
		if err := m.Files[0].describe(path); err != nil {
			f.Fatal(err)
		}
		var w bytes.Buffer
		if err := writeArchive(&w, m, []string{path}); err != nil {
			f.Fatal(err)
		}
		f.Add(w.Bytes())
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		m, err := readArchive(bytes.NewReader(archive), dir)
		if left, unread := os.ReadDir(outer); unread != nil || len(left) != 1 {
			t.Errorf("beside the folder: %v, %v", left, unread)
		}
		if err != nil {
			return
		}
		for _, want := range m.Files {
			got := BackupFile{Name: want.Name, Setting: want.Setting}
			if err := got.describe(filepath.Join(dir, filepath.Base(want.Name))); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		}
	})
}
