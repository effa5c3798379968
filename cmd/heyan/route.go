package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/idv"
)

func newRoute(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "route", Short: "Show whom a check would ask"})
	cmd.AddCommand(newRouteExplain(c))
	return cmd
}

func newRouteExplain(c *cli) *cobra.Command {
	var path, check, document string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain --config FILE",
		Short: "Print the order of attempts and who is left out and why; asks nobody",
		Long: "Makes the plan that a verification would walk, by the code that a verification uses. Vendors' secrets need not be\n" +
			"set. A vendor's maintenance or used-up package is known to the daemon only: ask it by POST /v1/verifications:explain.",
		Args: noArgs("--check names the check"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&check, "check", idv.CheckIDName.String(), "the question: "+checkList())
	cmd.Flags().StringVar(&document, "document", "", "the kind of document; any if it is left out: "+documentList())
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
	// Nothing is called, so any word does for a secret of the environment.
	house, err := c.openApp(ctx, path, func(string) (string, bool) { return "unused", true })
	if err != nil {
		return err
	}
	defer func() { _ = house.Close(context.WithoutCancel(ctx)) }() // nothing is in flight
	plan, err := house.Engine.ExplainCheck(check, kind)
	if err != nil {
		return c.refused(err, asJSON)
	}
	return c.printPlan(plan, asJSON)
}
