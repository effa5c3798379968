package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/rules"
)

// configFlag adds --config to a command. What stands between backquotes in a flag's
// usage is what pflag calls its value.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the configuration `FILE`; heyan config example prints one to begin with")
}

// load reads and validates the configuration. All that is wrong with it is told at
// once.
func (c *cli) load(path string) (*config.Loaded, error) {
	if path == "" {
		return nil, usageError("--config is missing: it says which vendors to ask; `heyan config example > heyan.yaml` makes one " +
			"to begin with, and `heyan demo` needs none")
	}
	loaded, err := config.Check(path, c.environ, assemble.Known)
	if err != nil {
		return nil, configError("--config: %s", faultLines(err))
	}
	return loaded, nil
}

// guest are the options of a command that lasts a moment, perhaps beside the daemon.
// Its log goes to stderr, warnings and worse: what a command did it says itself.
func (c *cli) attached(conf config.Config) assemble.Options {
	log := slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return assemble.Options{Config: conf, Telemetry: telemetry.Options{Logger: log}, LookupEnv: c.lookupEnv, Guest: true, Alarms: alarmLog{log}}
}

// house puts the configured house together.
func (c *cli) openApp(ctx context.Context, path string, lookupEnv func(string) (string, bool)) (*assemble.House, error) {
	loaded, err := c.load(path)
	if err != nil {
		return nil, err
	}
	o := c.attached(loaded.Config)
	o.LookupEnv = lookupEnv
	house, err := assemble.New(ctx, o)
	if err != nil {
		return nil, c.startError("--config: ", err)
	}
	return house, nil
}

// faultsOf lists what is wrong with a configuration and with the files that it names,
// each fault by itself: of a file with its line and column. A fault without a path is
// of the surroundings.
func faultsOf(err error) []faultView {
	if err == nil {
		return nil
	}
	var list []faultView
	var own config.Faults
	var ruled rules.Faults
	var noticed notice.Faults
	// Only a join itself is taken apart; one deeper in the chain belongs to the text around it.
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			list = append(list, faultsOf(one)...)
		}
		return list
	}
	switch {
	case errors.As(err, &own):
		for _, f := range own {
			list = append(list, faultView(f))
		}
	case errors.As(err, &ruled):
		for _, f := range ruled {
			list = append(list, faultView{"policy.rules", f.String()})
		}
	case errors.As(err, &noticed):
		for _, f := range noticed {
			list = append(list, faultView{"policy.consent.notices", f.String()})
		}
	default:
		list = append(list, faultView{Message: err.Error()})
	}
	return list
}

// faultLines writes what is wrong, each fault on a line of its own if there are more.
func faultLines(err error) string {
	list := faultsOf(err)
	if len(list) == 1 {
		return list[0].String()
	}
	var text strings.Builder
	for _, f := range list {
		text.WriteString("\n" + f.String())
	}
	return text.String()
}

// logger returns the daemon's log by its configuration.
func (c *cli) logger(conf config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(conf.Level)) // the configuration was validated
	options := &slog.HandlerOptions{Level: level}
	if conf.Format == "text" {
		return slog.New(slog.NewTextHandler(c.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(c.stderr, options))
}

// isFile reports whether a path can be read as a file: a regular one, or a pipe
// such as /dev/stdin. A directory cannot.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// opened tells why a store did not open, behind what names its place. A database that is
// away is no fault of the command line: another one would fail as well.
func (c *cli) storeError(place string, err error) error {
	switch {
	case errors.Is(err, assemble.ErrOwned):
		return configError("store: %w; stop that one first, or give each a file of its own by store.dsn. "+
			"Several daemons share a book in PostgreSQL only (store.driver: postgres)", assemble.ErrOwned)
	case errors.Is(err, store.ErrUnavailable):
		return c.unavailable(err)
	}
	return configError("%s%s", place, faultLines(err))
}

// built is opened for a whole house, in which other things than the store may be away:
// a plugin, an address. The store's faults begin with its name.
func (c *cli) startError(place string, err error) error {
	if strings.HasPrefix(err.Error(), "store: ") {
		return c.storeError(place, err)
	}
	return configError("%s%s", place, faultLines(err))
}

// away says what to do about a database that cannot be used now, if that is what err is.
func (c *cli) unavailable(err error) error {
	if !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	var exit *exitError
	if errors.As(err, &exit) && exit.code != exitInternal {
		return err
	}
	return &exitError{code: exitInternal, err: fmt.Errorf(words.Text{
		EN: "the database cannot be used now; see that it runs and that store.dsn names it, then do the same again: %w",
		ZH: "数据库暂不可用，请确认其正在运行且 store.dsn 无误，然后重试：%w",
	}.In(c.lang), err)}
}

// alarms writes to the log of a command that somebody guesses or uses a stolen list.
// The daemon, which tells operators, does not hear of what is tried here.
type alarmLog struct{ log *slog.Logger }

// Alarm takes an event.
func (a alarmLog) Alarm(e abuse.Event) {
	a.log.Warn("somebody guesses, or uses a stolen list", slog.String("dimension", string(e.Dimension)), slog.String("tenant", string(e.Tenant)), slog.String("app", e.App))
}
