package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newReceiptPage(t *tool) *cobra.Command {
	var keyTexts []string
	var out string
	cmd := &cobra.Command{
		Use: "page FILE [--key PUBLIC] [--out FILE]", Short: "Write a receipt as a page to read and print, in Chinese",
		Long: "Reads the receipt from a file, or from stdin for -. With --key the signature is checked first, and if it is not valid no\n" +
			"page is written; without it the page says that nobody checked.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the file of a receipt, or - for stdin"),
	}
	keysFlag(cmd, &keyTexts)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, which appears when it is complete; stdout if it is left out")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		keys, err := parseKeys(keyTexts)
		if err != nil {
			return err
		}
		text, err := t.readSigned(args[0])
		if err != nil {
			return err
		}
		doc, err := receipt.Open(text)
		if len(keys) > 0 {
			doc, err = receipt.Verify(text, keys...)
		}
		if err != nil {
			t.hint("heyan consent receipt page: %s", t.invalidText(invalidity(err)))
			return silent(exitFound)
		}
		return t.export(out, func(w io.Writer) error { return receipt.HTML(w, doc) })
	}
	return cmd
}
