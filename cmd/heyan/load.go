package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the configuration file; `heyan config example` prints one to begin with")
}

// load reads and validates the configuration. All that is wrong with it is told at
// once.
func (t *tool) load(path string) (*config.Loaded, error) {
	if path == "" {
		return nil, usage("--config is missing: it says which vendors to ask; `heyan config example > heyan.yaml` makes one " +
			"to begin with, and `heyan demo` needs none")
	}
	loaded, err := config.Check(path, t.environ, assemble.Known)
	if err != nil {
		return nil, setUp("--config: %s", faultLines(err))
	}
	return loaded, nil
}

// house puts the configured house together. Its log goes to stderr, warnings and
// worse: what a command did it says itself.
func (t *tool) house(ctx context.Context, path string, lookupEnv func(string) (string, bool)) (*assemble.House, error) {
	loaded, err := t.load(path)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(t.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	house, err := assemble.New(ctx, assemble.Options{
		Config: loaded.Config, Telemetry: telemetry.Options{Logger: log}, LookupEnv: lookupEnv, Guest: true,
	})
	if err != nil {
		return nil, setUp("--config: %s", faultLines(err))
	}
	return house, nil
}

// faultLines begins a list of faults on a line of its own.
func faultLines(err error) string {
	var faults config.Faults
	if errors.As(err, &faults) && len(faults) > 1 {
		return "\n" + faults.Error()
	}
	return err.Error()
}

// logger returns the daemon's log by its configuration.
func (t *tool) logger(c config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // the configuration was validated
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(t.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(t.stderr, options))
}

// isFile reports whether a path can be read as a file: a regular one, or a pipe
// such as /dev/stdin. A directory cannot.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
