package main

import (
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/catalogue"
)

// newProviderServe makes the command that turns heyan itself into a plugin, so that
// a built-in vendor can run in a process of its own without another binary. It is
// hidden: heyan starts it, with the arguments of a configured plugin.
func newProviderServe() *cobra.Command {
	return &cobra.Command{
		Use: "serve NAME", Short: "Serve a built-in vendor as a plugin", Hidden: true,
		Args: exactly(1, "the name of a built-in vendor; heyan provider list prints them"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, ok := catalogue.New().Find(args[0])
			if !ok {
				return usage("there is no built-in vendor of this name; heyan provider list prints them")
			}
			// main asks for an orderly end by this signal; a plugin keeps nothing, so it ends.
			signal.Reset(syscall.SIGTERM)
			plugins.Serve(b)
			return nil
		},
	}
}
