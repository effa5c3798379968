package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// uncheckedFlags are the flags whose texts are neither kept nor looked up: paths, keys and
// settings.
func uncheckedFlags() []string {
	return []string{
		"config", "dir", "export", "facts", "fixtures", "from-curl", "from-har", "heyan", "html", "input", "key", "module", "notices", "out", "replay", "reply", "rules", "running", "setting", "values",
	}
}

// identifierFlags are the flags whose texts people paste, and which have a canonical form:
// names, order numbers and ids. --lot is not among them: it may be an id that an earlier version
// booked as it was, see store.FindLot. In no other command than `heyan verify` is --id a person's.
func identifierFlags() []string {
	return []string{"app", "attempt", "consent", "id", "product", "provider", "purpose", "tenant", "vendor"}
}

// checkFlagTexts brings identifiers into canonical form and refuses a flag whose text no
// store keeps. It holds for every command, so that a new flag is checked as well, but for
// `heyan verify`: the engine does the same with its request and refuses it with a field.
func checkFlagTexts(cmd *cobra.Command) (err error) {
	if cmd.CommandPath() == "heyan verify" {
		return nil
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if err != nil || slices.Contains(uncheckedFlags(), f.Name) {
			return
		}
		list := []string{f.Value.String()}
		many, ok := f.Value.(pflag.SliceValue)
		if ok {
			list = many.GetSlice()
		}
		for i, text := range list {
			fault := idv.CheckText(text, idv.MaxNote)
			if slices.Contains(identifierFlags(), f.Name) {
				list[i], fault = identity.Identifier(text)
			}
			if fault != idv.TextFits {
				err = usageError("--%s: %s", f.Name, fault.Help())
				return
			}
		}
		if ok {
			err = many.Replace(list)
		} else if list[0] != f.Value.String() {
			err = f.Value.Set(list[0])
		}
	})
	return err
}

// oneIdentifier accepts one argument, an identifier, and brings it into canonical form.
func oneIdentifier(what string) cobra.PositionalArgs {
	one := exactly(1, what)
	return func(cmd *cobra.Command, args []string) error {
		if err := one(cmd, args); err != nil {
			return err
		}
		form, fault := identity.Identifier(args[0])
		if fault != idv.TextFits {
			return usageError("%s: it %s", what, fault.Help())
		}
		args[0] = form
		return nil
	}
}
