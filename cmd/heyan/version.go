package main

import (
	"cmp"
	"maps"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// nextVersion is the version of a program that was not built from a tag.
const nextVersion = "0.1.0"

// version is the version of heyan (semver.org): that of the tag which it was built from, as
// the Go tool notes it in the binary, else nextVersion.
var version = versionOf(debug.ReadBuildInfo())

// notATag matches what the Go tool notes between tags, or with uncommitted changes.
var notATag = regexp.MustCompile(`[0-9]{14}-[0-9a-f]{12}|\+`)

func versionOf(info *debug.BuildInfo, ok bool) string {
	if !ok || notATag.MatchString(info.Main.Version) {
		return nextVersion
	}
	if tag, is := strings.CutPrefix(info.Main.Version, "v"); is {
		return tag
	}
	return nextVersion
}

// build is what `heyan version` prints.
type build struct {
	Version  string            `json:"version"`
	Commit   string            `json:"commit,omitempty"`
	Time     string            `json:"time,omitempty"` // of the commit
	Modified bool              `json:"modified"`       // built from a tree with uncommitted changes
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Settings map[string]string `json:"settings,omitempty"`
}

func newVersion(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print version, commit, Go version and build settings", Args: noArgs("for JSON use --json"),
		RunE: func(*cobra.Command, []string) error {
			b := readBuild()
			if asJSON {
				c.out.JSON(b)
				return nil
			}
			for _, line := range b.lines() {
				c.out.Linef("%s", line)
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// jsonFlag adds --json to a command.
func jsonFlag(cmd *cobra.Command, into *bool) {
	cmd.Flags().BoolVar(into, "json", false, "print JSON, one object per line")
}

// readBuild returns the build information in the binary.
func readBuild() build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Settings: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "-trimpath", "-race", "-buildmode", "-compiler", "-tags", "CGO_ENABLED", "GOAMD64", "GOARM64", "GOFIPS140":
			b.Settings[s.Key] = s.Value
		}
	}
	return b
}

// lines returns the build for people, as `heyan version` and `heyan --version` print it.
func (b build) lines() []string {
	commit := cmp.Or(b.Commit, "unknown")
	if b.Modified {
		commit += ", with uncommitted changes"
	}
	list := []string{"heyan " + b.Version, strings.TrimSpace("commit   " + commit + " " + b.Time), "go       " + b.Go + " " + b.Platform}
	for _, key := range slices.Sorted(maps.Keys(b.Settings)) {
		list = append(list, "setting  "+key+"="+b.Settings[key])
	}
	return list
}
