package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newReceiptGet(t *tool) *cobra.Command {
	var path, out, page string
	cmd := &cobra.Command{
		Use: "get ID --config FILE [--out FILE] [--html FILE]", Short: "Make the signed receipt of a consent that a person decided on",
		Long: "Writes the receipt, which is JSON, to a file or to stdout, and with --html also as a page to print. It names no person and\n" +
			"says where the consent stands now. heyan consent receipt verify checks it without a network.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the id of a consent, as heyan consent record and heyan consent list print it"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&out, "out", "", "write the receipt to this file, which appears when it is complete; stdout if it is left out")
	cmd.Flags().StringVar(&page, "html", "", "write it as a page in Chinese to this file too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.withDesk(cmd, path, look, func(ctx context.Context, c *office) error {
			text, err := c.Receipt(ctx, tenant, args[0])
			if err != nil {
				return t.refuseDesk(err, false)
			}
			if err := t.export(out, document(text)); err != nil || page == "" {
				return err
			}
			doc, err := receipt.Verify(text, c.Signer.Keys()...)
			if err != nil {
				return internal(err)
			}
			return t.export(page, func(w io.Writer) error { return receipt.HTML(w, doc) })
		})
	}
	return cmd
}

// document writes a signed document as it was issued, and a line end after it.
func document(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(append(text[:len(text):len(text)], '\n'))
		return err
	}
}
