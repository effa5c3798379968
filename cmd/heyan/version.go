package main

import (
	"maps"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

// version is the version of heyan (semver.org). It is defined only here.
const version = "0.1.0"

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
			c.printBuild(b)
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

func (c *cli) printBuild(b build) {
	c.out.Linef("heyan %s", b.Version)
	commit := b.Commit
	if commit == "" {
		commit = "unknown"
	}
	if b.Modified {
		commit += ", with uncommitted changes"
	}
	c.out.Linef("commit   %s %s", commit, b.Time)
	c.out.Linef("go       %s %s", b.Go, b.Platform)
	for _, key := range slices.Sorted(maps.Keys(b.Settings)) {
		c.out.Linef("setting  %s=%s", key, b.Settings[key])
	}
}
