package main

import (
	"cmp"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/scaffold"
	"github.com/heyan-id/heyan/engine/idv"
)

// programPrefix is the prefix of the file names of plugin programs.
const programPrefix = "heyan-provider-"

func newProviderNew(c *cli) *cobra.Command {
	var (
		dir, checkout string
		plan          scaffold.Plan
	)
	cmd := &cobra.Command{
		Use:   "new NAME [flags]",
		Short: "Create a plugin in Go: a module that builds, has tests and passes the contract",
		Long: "Writes a Go module for a fictitious vendor, to be adapted step by step with the tests at hand. The module requires the\n" +
			"module of heyan. With --heyan it uses a checkout and builds without a network.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the name of the vendor"),
		RunE: func(_ *cobra.Command, args []string) error {
			plan.Name, plan.Version = args[0], version
			if !scaffold.CheckName(plan.Name) {
				return usageError("the name must have 2 to 40 characters of a-z, 0-9 and - and start with a letter")
			}
			dir, plan.Module = cmp.Or(dir, programPrefix+plan.Name), cmp.Or(plan.Module, "example.com/"+programPrefix+plan.Name)
			if !scaffold.CheckModule(plan.Module) {
				return usageError("--module: must be the path of a Go module, such as example.com/vendor")
			}
			var err error
			if checkout != "" {
				if plan.Heyan, err = filepath.Abs(checkout); err != nil {
					return internalError(err)
				}
			}
			return c.writePlugin(dir, plan)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to write to (default heyan-provider-NAME); existing files are never overwritten")
	cmd.Flags().StringVar(&plan.Module, "module", "", "the path of the new Go module (default example.com/heyan-provider-NAME)")
	cmd.Flags().StringVar(&checkout, "heyan", "", "the folder of a checkout of heyan to build against (default the published module)")
	return cmd
}

func (c *cli) writePlugin(dir string, plan scaffold.Plan) error {
	names, err := scaffold.Write(dir, plan)
	switch {
	case errors.Is(err, scaffold.ErrNoCheckout):
		return usageError("--heyan: %v", err)
	case errors.Is(err, scaffold.ErrExists):
		return configError("%v; name another folder with --dir", err)
	case err != nil:
		return configError("cannot write the files: %v", err)
	}
	for _, name := range names {
		c.out.Linef("%s", filepath.Join(dir, filepath.FromSlash(name)))
	}
	c.out.Linef("%s", idv.Text{EN: "\nNext steps:\n", ZH: "\n后续步骤：\n"}.In(c.lang))
	steps := []string{"cd " + dir, "go test ./...", "go build -o " + programPrefix + plan.Name + " .", "heyan provider check ./" + programPrefix + plan.Name}
	if plan.Heyan == "" {
		steps = append(steps[:1], append([]string{"go mod edit -replace github.com/heyan-id/heyan=/path/to/heyan", "go mod tidy"}, steps[1:]...)...)
	}
	for _, step := range steps {
		c.out.Linef("  %s", step)
	}
	return nil
}
