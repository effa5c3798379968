package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/idv"
)

func newRoute(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "route", Short: "Show the order in which a check calls its providers"})
	cmd.AddCommand(newRouteExplain(c))
	return cmd
}

func newRouteExplain(c *cli) *cobra.Command {
	var path, check, document string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain --config FILE",
		Short: "Print the order of attempts and the skipped providers, without a call",
		Long: "Makes the call plan with the code that a verification uses. The vendors' secrets need not be set. Only the daemon\n" +
			"knows which vendors are in maintenance or out of quota: for its plan use POST /v1/verifications:explain.",
		Args: noArgs("--check names the check"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&check, "check", idv.CheckIDName.String(), "the check: "+checkList())
	cmd.Flags().StringVar(&document, "document", "", "the document type (default any): "+documentList())
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		question, err := parseCheck(check)
		if err != nil {
			return err
		}
		kind, err := parseDocument("--document", document)
		if err != nil {
			return err
		}
		return c.explainRoute(cmd.Context(), path, question, kind, asJSON)
	}
	return cmd
}

func (c *cli) explainRoute(ctx context.Context, path string, check idv.Check, kind idv.Document, asJSON bool) error {
	// No provider is called, so any value serves for a secret from the environment.
	app, err := c.openApp(ctx, path, func(string) (string, bool) { return "unused", true })
	if err != nil {
		return err
	}
	defer func() { _ = app.Close(context.WithoutCancel(ctx)) }() // no call is in flight
	plan, err := app.Engine.ExplainCheck(check, kind)
	if err != nil {
		return c.refused(err, asJSON)
	}
	return c.printPlan(plan, asJSON)
}
