package main

import (
	"cmp"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// program is heyan for one platform.
type program struct {
	platform string // such as linux/amd64
	path     string
	info     *buildinfo.BuildInfo
	time     time.Time // of the commit
}

// version is the tag that the program was built from, or what the Go tool notes between tags.
func (p program) version() string {
	return cmp.Or(strings.TrimPrefix(strings.Trim(p.info.Main.Version, "()"), "v"), "devel")
}

// name is that of the program's files.
func (p program) name() string {
	return "heyan_" + strings.ReplaceAll(p.version(), "+", "-") + "_" + strings.ReplaceAll(p.platform, "/", "_")
}

// build compiles heyan without cgo. The settings are fixed, so that those of the user's
// environment do not change the result.
func build(repo, work, platform string) (p program, err error) {
	system, architecture, found := strings.Cut(platform, "/")
	if !found {
		return p, fmt.Errorf("--platforms: %s must be OS/ARCHITECTURE, such as linux/amd64", platform)
	}
	p = program{platform: platform, path: filepath.Join(work, system+"-"+architecture, "heyan")}
	if system == "windows" {
		p.path += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", p.path, "./cmd/heyan")
	cmd.Dir = repo
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return p, fmt.Errorf("%s: %w\n%s", platform, err, text)
	}
	if p.info, err = buildinfo.ReadFile(p.path); err != nil {
		return p, err
	}
	p.time, err = buildTime(p.info)
	return p, err
}

// buildTime is the time that the files of the release have: SOURCE_DATE_EPOCH, else that of the
// commit, else the first that a zip file can have.
func buildTime(info *buildinfo.BuildInfo) (time.Time, error) {
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: must be seconds since 1970: %w", err)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			return time.Parse(time.RFC3339, s.Value)
		}
	}
	return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), nil
}

// documents returns what every archive has beside the program: manual pages and completion
// files, which the program for this machine writes, and texts of the repository.
func documents(repo, work string, own *program) ([]entry, error) {
	var list []entry
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			return nil, err
		}
		list = append(list, entry{name, text, 0o644})
	}
	for shell, name := range map[string]string{"bash": "heyan.bash", "zsh": "_heyan", "fish": "heyan.fish", "powershell": "heyan.ps1"} {
		text, err := exec.Command(own.path, "completion", shell).Output()
		if err != nil {
			return nil, fmt.Errorf("completion %s: %w", shell, err)
		}
		list = append(list, entry{"completions/" + name, text, 0o644})
	}
	man := filepath.Join(work, "man")
	if err := os.Mkdir(man, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command(own.path, "docs", "--man", "--dir", man)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(own.time.Unix(), 10))
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("docs --man: %w\n%s", err, text)
	}
	pages, err := os.ReadDir(man)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(man, page.Name()))
		if err != nil {
			return nil, err
		}
		list = append(list, entry{"man/" + page.Name(), text, 0o644})
	}
	return list, nil
}
