package main

import (
	"cmp"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/scaffold"
	"github.com/heyan-id/heyan/cmd/internal/words"
)

// programPrefix begins the names of plugins' programs.
const programPrefix = "heyan-provider-"

func newProviderNew(c *cli) *cobra.Command {
	var (
		dir, checkout string
		plan          scaffold.Plan
	)
	cmd := &cobra.Command{
		Use:   "new NAME [flags]",
		Short: "Begin a plugin in Go: a module that builds, is tested and keeps the contract as it stands",
		Long: "Writes a Go module for a vendor that does not exist; you change one thing after the other, with its tests at hand. The\n" +
			"module needs heyan's. With --heyan it takes it from a checkout and builds without a network.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the name of the vendor"),
		RunE: func(_ *cobra.Command, args []string) error {
			plan.Name, plan.Version = args[0], version
			if !scaffold.CheckName(plan.Name) {
				return usageError("a vendor's name is 2 to 40 characters of a-z, 0-9 and -, and begins with a letter")
			}
			dir, plan.Module = cmp.Or(dir, programPrefix+plan.Name), cmp.Or(plan.Module, "example.com/"+programPrefix+plan.Name)
			if !scaffold.CheckModule(plan.Module) {
				return usageError("--module: give the path of a Go module, as example.com/vendor")
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
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to write to (default heyan-provider-NAME); files that are there are never overwritten")
	cmd.Flags().StringVar(&plan.Module, "module", "", "the path of the new Go module (default example.com/heyan-provider-NAME)")
	cmd.Flags().StringVar(&checkout, "heyan", "", "the folder of a checkout of heyan to build against; without it the published module is required")
	return cmd
}

func (c *cli) writePlugin(dir string, plan scaffold.Plan) error {
	names, err := scaffold.Write(dir, plan)
	switch {
	case errors.Is(err, scaffold.ErrNoCheckout):
		return usageError("--heyan: %v", err)
	case errors.Is(err, scaffold.ErrExists):
		return configError("%v; give another folder by --dir", err)
	case err != nil:
		return configError("the files cannot be written: %v", err)
	}
	for _, name := range names {
		c.out.Linef("%s", filepath.Join(dir, filepath.FromSlash(name)))
	}
	c.out.Linef("%s", words.Text{EN: "\nNext:\n", ZH: "\n接下来：\n"}.In(c.lang))
	steps := []string{"cd " + dir, "go test ./...", "go build -o " + programPrefix + plan.Name + " .", "heyan provider check ./" + programPrefix + plan.Name}
	if plan.Heyan == "" {
		steps = append(steps[:1], append([]string{"go mod edit -replace github.com/heyan-id/heyan=/path/to/heyan", "go mod tidy"}, steps[1:]...)...)
	}
	for _, step := range steps {
		c.out.Linef("  %s", step)
	}
	return nil
}
