package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

func newRoute(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "route", Short: "Show the order in which a check calls its providers"})
	cmd.AddCommand(newRouteExplain(c))
	return cmd
}

func newRouteExplain(c *cli) *cobra.Command {
	var path, check, document string
	var q route.Question
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
	cmd.Flags().StringVar((*string)(&q.Tenant), "tenant", "", "the tenant of the request, for routes with a match")
	cmd.Flags().StringVar(&q.App, "app", "", "the app of the request, for routes with a match")
	cmd.Flags().StringVar(&q.Purpose, "purpose", "", "the purpose of the request, for routes with a match")
	cmd.Flags().StringVar(&q.Region, "region", "", "the first two digits of the ID number, for routes with a match")
	cmd.Flags().StringVar((*string)(&q.Script), "name-script", string(idv.ScriptHan), "the script of the name: han, han_extended, latin or other")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		if q.Check, err = parseCheck(check); err != nil {
			return err
		}
		if q.Document, err = parseDocument("--document", document); err != nil {
			return err
		}
		if !slices.Contains(idv.Scripts(), q.Script) {
			return usageError("--name-script must be han, han_extended, latin or other")
		}
		return c.explainRoute(cmd.Context(), path, q, asJSON)
	}
	return cmd
}

func (c *cli) explainRoute(ctx context.Context, path string, q route.Question, asJSON bool) error {
	// No provider is called, so any value serves for a secret from the environment.
	app, err := c.openApp(ctx, path, func(string) (string, bool) { return "unused", true })
	if err != nil {
		return err
	}
	defer func() { _ = app.Close(context.WithoutCancel(ctx)) }() // no call is in flight
	plan, err := app.Engine.ExplainCheck(q)
	if err != nil {
		return c.refused(err, asJSON)
	}
	return c.printPlan(plan, asJSON)
}
