package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newProviderShow(t *tool) *cobra.Command {
	var (
		asJSON bool
		how    starting
	)
	cmd := &cobra.Command{
		Use: "show NAME|BINARY [flags] [-- ARGS…]", Short: "Print a vendor's checks, settings, prices and what its codes mean",
		DisableFlagsInUseLine: true,
		Args:                  targetArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			how.args = args[1:]
			v, err := vendorOf(cmd.Context(), args[0], how)
			defer v.close(context.WithoutCancel(cmd.Context()))
			if err != nil {
				return t.notOpened(v, err)
			}
			if asJSON {
				t.out.JSON(cardOf(v.card, true))
				return nil
			}
			t.printCard(v.card)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	startFlags(cmd, &how)
	return cmd
}

// targetArgs wants one vendor, and takes arguments for its program after --.
func targetArgs(cmd *cobra.Command, args []string) error {
	before := len(args)
	if dash := cmd.ArgsLenAtDash(); dash >= 0 {
		before = dash
	}
	if before != 1 {
		return usage("wants the name of a built-in vendor or the path of a plugin's program; arguments for it stand after --")
	}
	return nil
}

// startFlags adds what says how a plugin is started.
func startFlags(cmd *cobra.Command, into *starting) {
	cmd.Flags().StringVar(&into.sum, "sha256", "", "the sum that the program of a plugin must have; any if it is left out")
	cmd.Flags().BoolVar(&into.plaintext, "plaintext", false, "do without certificates, for a plugin that cannot make them")
	cmd.Flags().DurationVar(&into.timeout, "start-timeout", startTimeout, "how long a plugin may take to be ready")
}
