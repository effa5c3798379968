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
		Long: "Serves the REST API until SIGINT or SIGTERM; calls in flight then get the configured grace to end, and a second\n" +
			`signal ends the process at once. When it is ready it prints one line, {"listen":"…","admin_listen":"…"}, on stdout.` + "\n" +
			"SIGHUP takes changed programs of plugins from the configuration, without a request that fails for it; other\n" +
			"changes need a restart. Logs go to stderr. To try it without a vendor: heyan demo --serve.",
		Args: noArgs("--config names the configuration"),
	}
	configFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := c.load(path)
		if err != nil {
			return err
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, syscall.SIGHUP)
		defer signal.Stop(again)
		return c.serve(cmd.Context(), daemon.Options{
			Config: loaded.Config, LookupEnv: c.lookupEnv, Log: c.logger(loaded.Config.Log),
			Ready:  func(a daemon.Addresses) { c.out.JSON(a) },
			Reload: again, Load: func() (config.Config, error) {
				loaded, err := config.Check(path, c.environ, assemble.Known)
				if err != nil {
					return config.Config{}, err
				}
				return loaded.Config, nil
			},
		})
	}
	return cmd
}

// serve runs the daemon. What fails before it is ready is a fault of the set-up: a
// secret that is not there, an address that is taken. A database that is away is none.
func (c *cli) serve(ctx context.Context, o daemon.Options) error {
	o.Version = version
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
		return c.startError("", err)
	}
}
