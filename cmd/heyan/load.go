package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/logwriter"
	"github.com/heyan-id/heyan/cmd/internal/orders"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy/abuse"
)

// configFlag adds --config to a command. pflag shows the word between backquotes as the
// name of the value.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the configuration `FILE`; heyan config example prints a starting point")
}

// load reads and validates the configuration. The error lists every fault.
func (c *cli) load(path string) (*config.Loaded, error) {
	return c.loadBy(path, func(path string, environ []string) (*config.Loaded, error) {
		return config.Check(path, environ, assemble.Known)
	})
}

// checkAll reports everything for which the daemon refuses a configuration, secrets included.
func (c *cli) checkAll(path string, environ []string) (*config.Loaded, error) {
	loaded, err := assemble.Check(path, environ)
	if read, unread := config.Load(path, environ); unread == nil {
		err = errors.Join(err, read.Locate(daemon.CheckSecrets(read.Config, c.lookupEnv)))
	}
	return loaded, err
}

// loadBy is load with another check: the daemon's is checkAll.
func (c *cli) loadBy(path string, check func(string, []string) (*config.Loaded, error)) (*config.Loaded, error) {
	if path == "" {
		return nil, usageError("--config is missing; `heyan config example > heyan.yaml` writes a starting point, and `heyan demo` needs none")
	}
	loaded, err := check(path, c.environ)
	if err != nil {
		return nil, configError("--config: %s", faultLines(err))
	}
	c.configPath = shellWord(path)
	if conf := &loaded.Config; c.tenant != "" && len(conf.Tenants) > 0 && !conf.HasTenant(string(c.tenant)) {
		return nil, usageError("--tenant: must be one of tenants in the configuration, which has no %s", c.tenant)
	}
	return loaded, nil
}

// shellWord returns a text as one word of a shell command.
func shellWord(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// attached returns the options of a short command, which may run beside the daemon. Its
// log goes to stderr at level warn, since the command prints its own results.
func (c *cli) attached(conf config.Config) assemble.Options {
	log := slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return assemble.Options{Config: conf, Telemetry: telemetry.Options{Logger: log}, LookupEnv: c.lookupEnv, Attached: true, Alarms: alarmLog{log}}
}

// openApp assembles the configured engine.
func (c *cli) openApp(ctx context.Context, path string, lookupEnv func(string) (string, bool)) (*assemble.App, error) {
	loaded, err := c.load(path)
	if err != nil {
		return nil, err
	}
	o := c.attached(loaded.Config)
	o.LookupEnv = lookupEnv
	app, err := assemble.New(ctx, o)
	if err != nil {
		return nil, c.startError("--config: ", loaded.Locate(err))
	}
	// What operators drained or closed is not called by a command either.
	if err := orders.New(app.Store, func() orders.Engine { return app.Engine }, o.Telemetry.Logger).Read(ctx); err != nil {
		return nil, errors.Join(c.storeError("--config: store: ", err), app.Close(ctx))
	}
	return app, nil
}

// faultsOf lists the faults of a configuration and of the files that it names, those of a
// file with its line. A fault without a path concerns the environment.
func faultsOf(err error) []faultView {
	if err == nil {
		return nil
	}
	var list []faultView
	var own strictyaml.Faults
	// Only a top-level join is split; a join deeper in the chain belongs to the text around it.
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			list = append(list, faultsOf(one)...)
		}
		return list
	}
	switch {
	case errors.As(err, &own):
		for _, f := range own {
			list = append(list, faultView{f.File, f.Line, f.Path, f.Text})
		}
	default:
		list = append(list, faultView{Message: err.Error()})
	}
	return list
}

// faultLines returns one fault as it is, and several with each on its own line.
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

// fileFaults reports every fault of files of notices, values, rules, cases or facts, each on
// its own line with file, line and path. The faults quote no value.
func fileFaults(what string, err error) error {
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		return internalError(err)
	}
	return configError("%s:\n%s", what, faults.Error())
}

// logTimeout is how long a command waits at its end for a stderr that accepts no data.
const logTimeout = time.Second

// keepRunning prepares a command that serves until it is stopped and returns its logger, which
// follows level.
// From then on neither a stalled nor a closed reader of stderr holds or ends the process.
func (c *cli) keepRunning(conf config.Log, level *slog.LevelVar) *slog.Logger {
	// A write to a closed stderr or stdout ends the process unless SIGPIPE is caught. An ignored
	// signal would also be ignored by the plugins.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	c.log = logwriter.New(c.stderr, func(dropped int64) []byte {
		var line bytes.Buffer
		newLogger(&line, conf, level).Warn("log lines dropped", slog.Int64("count", dropped))
		return line.Bytes()
	})
	c.stderr = c.log
	log.SetOutput(c.log) // packages such as net/http report there
	return newLogger(c.stderr, conf, level)
}

// closeLog passes on what a command has logged, for logTimeout at most.
func (c *cli) closeLog() {
	if c.log == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), logTimeout)
	defer cancel()
	_ = c.log.Close(ctx) // a stderr that accepts nothing cannot show the error
}

// levelOf returns the configured level of the log.
func levelOf(conf config.Log) *slog.LevelVar {
	level := new(slog.LevelVar)
	_ = level.UnmarshalText([]byte(conf.Level)) // the configuration was validated
	return level
}

// newLogger returns the logger that the configuration describes, with a level that may change.
func newLogger(w io.Writer, conf config.Log, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if conf.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// isFile reports whether path exists and is not a directory. A pipe such as /dev/stdin
// counts as a file.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// storeError explains why a store did not open; place is the prefix that names the setting.
// An unavailable database is not a usage error: another command line would fail as well.
func (c *cli) storeError(place string, err error) error {
	switch {
	case errors.Is(err, assemble.ErrOwned):
		return configError("store: %w; stop that process first, or set another file in store.dsn. "+
			"Several daemons can share a database only in PostgreSQL (store.driver: postgres)", assemble.ErrOwned)
	case errors.Is(err, store.ErrUnavailable):
		return c.unavailable(err)
	}
	return configError("%s%s", place, faultLines(err))
}

// startError is storeError for the whole application, where a plugin or an address may be
// unavailable instead of the store. Faults of the store start with "store: ".
func (c *cli) startError(place string, err error) error {
	if strings.HasPrefix(err.Error(), "store: ") {
		return c.storeError(place, err)
	}
	return configError("%s%s", place, faultLines(err))
}

// unavailable adds the remedy to err if err means that the database is unavailable.
func (c *cli) unavailable(err error) error {
	if !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	var exit *exitError
	if errors.As(err, &exit) && exit.code != exitInternal {
		return err
	}
	return &exitError{code: exitInternal, err: fmt.Errorf(idv.Text{
		EN: "the database is unavailable; check that it is running and that store.dsn is correct, then try again: %w",
		ZH: "数据库暂不可用，请确认其正在运行且 store.dsn 无误，然后重试：%w",
	}.In(c.lang), err)}
}

// alarmLog logs abuse events of a single command. The daemon, which sends alarms to the
// operators, does not receive them.
type alarmLog struct{ log *slog.Logger }

// Alarm logs an event.
func (a alarmLog) Alarm(e abuse.Event) {
	a.log.Warn("suspected guessing or use of a stolen list", slog.String("dimension", string(e.Dimension)), slog.String("tenant", string(e.Tenant)), slog.String("app", e.App))
}
