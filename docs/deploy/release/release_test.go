package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestReproducible builds a release of one tag from two clones in different folders, and
// compares every byte. `make reproduce` does it for all platforms with empty build caches.
func TestReproducible(t *testing.T) {
	list := []string{runtime.GOOS + "/" + runtime.GOARCH}
	full := os.Getenv("HEYAN_REPRODUCE") != ""
	if full {
		list = platforms
	}
	tagged := filepath.Join(t.TempDir(), "tagged") // a commit made meanwhile is in no clone or in both
	clone(t, "../../..", tagged)
	tag := exec.Command("git", "-C", tagged, "tag", "v1.9.9")
	if out, err := tag.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var results [2]map[string][]byte
	for i, name := range []string{"one", "another folder with a longer name"} {
		dir := filepath.Join(t.TempDir(), name)
		if full {
			t.Setenv("GOCACHE", filepath.Join(t.TempDir(), "cache"))
		}
		clone(t, tagged, dir)
		out := filepath.Join(dir, "dist")
		if err := release(dir, out, list); err != nil {
			t.Fatal(err)
		}
		results[i] = read(t, out)
		if err := release(dir, out, list); err == nil {
			t.Error("a second release was written into the folder of the first")
		}
	}
	if a, b := names(results[0]), names(results[1]); !slices.Equal(a, b) || len(a) != 2*len(list)+1 {
		t.Fatalf("files %v and %v", a, b)
	}
	for name, text := range results[0] {
		if !bytes.Equal(text, results[1][name]) {
			t.Errorf("%s differs: %x and %x", name, sha256.Sum256(text), sha256.Sum256(results[1][name]))
		}
	}
	examine(t, results[0])
}

// clone makes a checkout of the last commit of a repository.
func clone(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("git", "clone", "--quiet", "--no-hardlinks", from, to).CombinedOutput(); err != nil {
		t.Skipf("not in a checkout of git: %v: %s", err, out)
	}
}

func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = text
	}
	return files
}

func names(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

// examine looks at what a release has: the program with the version of the tag, documents, the
// bill of materials, and checksums of all.
func examine(t *testing.T, files map[string][]byte) {
	t.Helper()
	name := "heyan_1.9.9_" + runtime.GOOS + "_" + runtime.GOARCH
	if runtime.GOOS == "windows" {
		t.Skip("the rest reads a .tar.gz file")
	}
	content := unpack(t, files[name+".tar.gz"])
	for _, want := range []string{"heyan", "LICENSE", "completions/heyan.bash", "completions/_heyan", "completions/heyan.fish", "completions/heyan.ps1", "man/heyan.1", "man/heyan-serve.1"} {
		if len(content[name+"/"+want]) == 0 {
			t.Errorf("the archive has no %s", want)
		}
	}
	program := filepath.Join(t.TempDir(), "heyan")
	if err := os.WriteFile(program, content[name+"/heyan"], 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "version").Output(); err != nil || !strings.HasPrefix(string(out), "heyan 1.9.9\ncommit   ") || strings.Contains(string(out), "uncommitted") {
		t.Errorf("heyan version: %v: %s", err, out)
	}
	var bom cdx.BOM
	if err := json.Unmarshal(files[name+".cdx.json"], &bom); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content[name+"/heyan"])
	if got := (*bom.Metadata.Component.Hashes)[0].Value; got != hex.EncodeToString(sum[:]) {
		t.Errorf("the SBOM is of a program with the hash %s, want %x", got, sum)
	}
	var modules []string
	for _, c := range *bom.Components {
		modules = append(modules, c.Name)
	}
	if !slices.Contains(modules, "std") || !slices.Contains(modules, "modernc.org/sqlite") || slices.Contains(modules, "pgregory.net/rapid") {
		t.Errorf("the SBOM has the modules %v; want those of the program, not of its tests", modules)
	}
	for line := range strings.Lines(string(files["SHA256SUMS"])) {
		want, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if sum := sha256.Sum256(files[file]); hex.EncodeToString(sum[:]) != want {
			t.Errorf("SHA256SUMS: the line of %s is wrong", file)
		}
	}
	if got := strings.Count(string(files["SHA256SUMS"]), "\n"); got != len(files)-1 {
		t.Errorf("%d checksums, want %d", got, len(files)-1)
	}
}

func unpack(t *testing.T, text []byte) map[string][]byte {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(plain); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if head.Uid != 0 || head.Uname != "" {
			t.Errorf("%s belongs to %d %s, want root", head.Name, head.Uid, head.Uname)
		}
		if files[head.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// TestArchivesAreSorted: the order in which files are found does not matter.
func TestArchivesAreSorted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	a, b := entry{"a", []byte("one"), 0o755}, entry{"b", []byte("two"), 0o644}
	for name, write := range map[string]func(string, string, []entry, time.Time) error{"tar": writeTar, "zip": writeZip} {
		var texts [2][]byte
		for i, list := range [][]entry{{a, b}, {b, a}} {
			path := filepath.Join(t.TempDir(), "archive")
			if err := write(path, "folder", list, at); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = text
		}
		if !bytes.Equal(texts[0], texts[1]) {
			t.Errorf("%s: two archives of the same files differ", name)
		}
		if name == "zip" {
			r, err := zip.NewReader(bytes.NewReader(texts[0]), int64(len(texts[0])))
			if err != nil || len(r.File) != 2 || r.File[0].Name != "folder/a" || r.File[0].Mode() != 0o755 || !r.File[0].Modified.Equal(at) {
				t.Errorf("zip: %v, %+v", err, r)
			}
		}
	}
}

// TestReleaseRefuses: a wrong platform is named, and one that this machine cannot run is not enough.
func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	for platform, want := range map[string]string{"linux": "must be OS/ARCHITECTURE", "plan10/amd64": "plan10/amd64"} {
		if err := release("../../..", t.TempDir(), []string{platform}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", platform, err, want)
		}
	}
}
