package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/engine/idv"
)

// uncheckedFlags are the flags whose texts are neither kept nor looked up: paths, keys and
// settings.
func uncheckedFlags() []string {
	return []string{
		"config", "dir", "export", "facts", "fixtures", "heyan", "html", "input", "key", "module", "notices", "out", "rules", "setting", "values",
	}
}

// checkFlagTexts refuses a flag whose text no store keeps. It holds for every command, so
// that a new flag is checked as well, but for `heyan verify`: the engine checks its request
// and refuses it with a field.
func checkFlagTexts(cmd *cobra.Command) (err error) {
	if cmd.CommandPath() == "heyan verify" {
		return nil
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if err != nil || slices.Contains(uncheckedFlags(), f.Name) {
			return
		}
		list := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			list = many.GetSlice()
		}
		for _, text := range list {
			if fault := idv.CheckText(text, idv.MaxNote); fault != idv.TextFits {
				err = usageError("--%s: %s", f.Name, fault.Help())
			}
		}
	})
	return err
}
