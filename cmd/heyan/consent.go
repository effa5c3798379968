package main

import "github.com/spf13/cobra"

func newConsent(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "consent", Short: "Notices, what people agreed to, and the receipts they keep",
	})
	cmd.AddCommand(newConsentReceipt(t))
	return cmd
}
