package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/cmd/internal/pages"
)

func newDocs() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "docs --dir DIR", Short: "Write the generated pages of the documentation", Hidden: true,
		Args: noArgs("use --dir"),
	}
	cmd.Flags().StringVar(&dir, "dir", "docs", "the folder to write to, which must exist")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return usageError("--dir: no such folder; name an existing one")
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
