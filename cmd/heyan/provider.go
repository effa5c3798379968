package main

import (
	"github.com/spf13/cobra"
)

func newProvider(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{Use: "provider", Short: "Show, certify and begin vendors: built-in ones and plugins"})
	cmd.AddCommand(newProviderList(t), newProviderShow(t), newProviderCheck(t), newProviderNew(t), newProviderServe())
	return cmd
}
