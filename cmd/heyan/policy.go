package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/policy/rules"
)

func newPolicy(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "policy", Short: "Try the rules of policy, and see which one decides",
	})
	cmd.AddCommand(newPolicyTest(t), newPolicyExplain(t))
	return cmd
}

// ruleFaults ends a command whose files of rules, cases or facts have faults: all of
// them, each on a line of its own that begins with its place.
func ruleFaults(what string, err error) error {
	var faults rules.Faults
	if !errors.As(err, &faults) {
		return internal(err)
	}
	return setUp("%s:\n%s", what, faults.Error())
}
