package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/pages"
)

func newDocs() *cobra.Command {
	var dir string
	var man bool
	cmd := &cobra.Command{
		Use: "docs --dir DIR", Short: "Write the generated pages of the documentation", Hidden: true,
		Args: noArgs("use --dir"),
	}
	cmd.Flags().StringVar(&dir, "dir", "docs", "the folder to write to, which must exist")
	cmd.Flags().BoolVar(&man, "man", false, "write manual pages of the commands instead, with the date in SOURCE_DATE_EPOCH")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return usageError("--dir: no such folder; name an existing one")
		}
		if man {
			root := cmd.Root()
			root.DisableAutoGenTag = true // it would have the time of the run
			return internalError(doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "heyan " + version, Manual: "heyan"}, dir))
		}
		printed, err := pages.Pages()
		if err != nil {
			return internalError(err)
		}
		printed["metrics.md"] = pages.Metrics(daemon.Metrics())
		printed["cli.md"] = pages.Commands(cmd.Root())
		return internalError(writePages(dir, printed))
	}
	return cmd
}

func writePages(dir string, printed map[string][]byte) error {
	for name, text := range printed {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
