package main

import "github.com/spf13/cobra"

func newConsent(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "consent", Short: "Notices, what people agreed to, and the receipts they keep",
	})
	cmd.AddCommand(newConsentReceipt(t))
	cmd.AddCommand(newConsentNotice(t), newConsentLint(t))
	cmd.AddCommand(
		newConsentRecord(t), newConsentPresent(t), newConsentGive(t), newConsentRefuse(t), newConsentWithdraw(t), newConsentShow(t), newConsentList(t),
	)
	return cmd
}
