package main

import "github.com/spf13/cobra"

func newPolicy(_ *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "policy", Short: "Try the rules of policy, and see which one decides",
	})
	return cmd
}
