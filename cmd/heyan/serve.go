package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
)

func newServe(c *cli) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Run the daemon",
		Long: "Serves the REST API until SIGINT or SIGTERM. Calls in flight then have the configured grace period to complete; a\n" +
			`second signal ends the process at once. When ready, it prints one line, {"listen":"…","admin_listen":"…"}, on stdout.` + "\n" +
			"A changed configuration is reloaded without failing a request, also on SIGHUP; one that cannot be taken changes nothing\n" +
			"(docs/reload.md). Logs go to stderr, metrics to /metrics of the admin address; OTEL_ variables send traces, metrics and\n" +
			"logs to a collector (docs/observability.md). To try it without a vendor: heyan demo --serve.",
		Args: noArgs("use --config"),
	}
	configFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := refuseDebugging(c.lookupEnv); err != nil {
			return err
		}
		loaded, err := c.loadBy(path, c.checkAll)
		if err != nil {
			return err
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, syscall.SIGHUP)
		defer signal.Stop(again)
		return c.serve(cmd.Context(), loaded.Locate, daemon.Options{
			Config: loaded.Config, LookupEnv: c.lookupEnv, Overrides: loaded.Overrides(),
			Ready:  func(a daemon.Addresses) { c.out.JSON(a) },
			Reload: again, File: path, Load: func() (*config.Loaded, error) {
				loaded, err := assemble.Check(path, c.environ)
				if err != nil {
					loaded, _ = config.Load(path, c.environ) // for the files that it names; err has its faults
				}
				return loaded, err
			},
		})
	}
	return cmd
}

// serve runs the daemon. An error before it is ready is a configuration error, such as a
// missing secret or an address in use, unless the database is unavailable. locate adds the
// lines of the configuration to faults.
func (c *cli) serve(ctx context.Context, locate func(error) error, o daemon.Options) error {
	tuneCollector()
	o.Version = version
	o.Level = levelOf(o.Config.Log)
	o.Log = c.keepRunning(o.Config.Log, o.Level)
	o.LogDropped = c.log.Dropped
	ready := false
	tell := o.Ready
	o.Ready = func(a daemon.Addresses) {
		ready = true
		tell(a)
	}
	switch err := daemon.Run(ctx, o); {
	case err == nil:
		return nil
	case ready:
		return internalError(err)
	default:
		return c.startError("", locate(err))
	}
}
