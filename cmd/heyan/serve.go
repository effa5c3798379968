package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
)

func newServe(t *tool) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Run the daemon",
		Long: "Serves the REST API until SIGINT or SIGTERM; calls in flight then get the configured grace to end, and a second\n" +
			`signal ends the process at once. When it is ready it prints one line, {"listen":"…","admin_listen":"…"}, on stdout.` + "\n" +
			"Logs go to stderr. To try it without a vendor: heyan demo --serve.",
		Args: noArgs("--config names the configuration"),
	}
	configFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := t.load(path)
		if err != nil {
			return err
		}
		return t.serve(cmd.Context(), daemon.Options{
			Config: loaded.Config, LookupEnv: t.lookupEnv, Log: t.logger(loaded.Config.Log),
			Ready: func(a daemon.Addresses) { t.out.JSON(a) },
		})
	}
	return cmd
}

// serve runs the daemon. What fails before it is ready is a fault of the set-up: a
// secret that is not there, an address that is taken.
func (t *tool) serve(ctx context.Context, o daemon.Options) error {
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
		return internal(err)
	default:
		return setUp("%s", faultLines(err))
	}
}
