// Command release builds the files of a release: an archive for each platform with the
// program, manual pages and completion files, an SBOM (CycloneDX) beside it, and checksums.
// The same commit and Go version give the same bytes in any folder. It is a module of its
// own, so that heyan does not depend on the library for SBOMs.
//
//	go run . --repo ../../.. --out ../../../dist
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// platforms are those of a release.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"}

func main() {
	repo := flag.String("repo", ".", "the `FOLDER` of heyan's repository")
	out := flag.String("out", "dist", "the `FOLDER` to write to; it must not exist or be empty")
	list := flag.String("platforms", strings.Join(platforms, ","), "what to build for, as OS/ARCHITECTURE with commas between")
	flag.Parse()
	if err := release(*repo, *out, strings.Split(*list, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release writes the files of a release to out.
func release(repo, out string, list []string) (err error) {
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("--out: %s is not empty; remove it first, so that no file of another release is in it", out)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "heyan-release-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if repo, err = filepath.Abs(repo); err != nil {
		return err
	}
	var programs []program
	for _, platform := range list {
		p, err := build(repo, work, platform)
		if err != nil {
			return err
		}
		programs = append(programs, p)
	}
	own := slices.IndexFunc(programs, func(p program) bool { return p.platform == runtime.GOOS+"/"+runtime.GOARCH })
	if own < 0 {
		return fmt.Errorf("--platforms: must have %s/%s, whose program writes the manual pages", runtime.GOOS, runtime.GOARCH)
	}
	shared, err := documents(repo, work, &programs[own])
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := publish(p, shared, out); err != nil {
			return err
		}
	}
	return checksums(out)
}

// publish writes the archive and the SBOM of one program.
func publish(p program, shared []entry, out string) error {
	text, err := os.ReadFile(p.path)
	if err != nil {
		return err
	}
	name := p.name()
	entries := append([]entry{{filepath.Base(p.path), text, 0o755}}, shared...)
	write, extension := writeTar, ".tar.gz"
	if strings.HasPrefix(p.platform, "windows/") {
		write, extension = writeZip, ".zip"
	}
	bom, err := sbom(p, sha256.Sum256(text))
	if err != nil {
		return err
	}
	return errors.Join(
		write(filepath.Join(out, name+extension), name, entries, p.time),
		os.WriteFile(filepath.Join(out, name+".cdx.json"), bom, 0o644),
	)
}

// checksums writes SHA256SUMS, in the form of sha256sum.
func checksums(out string) error {
	entries, err := os.ReadDir(out) // sorted
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), e.Name())
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
