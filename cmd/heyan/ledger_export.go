package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/ledger"
)

// exportFlags are the flags of `heyan ledger export`.
type exportFlags struct {
	config, format, out string
	by                  []string
	mark                bool
	choice              choice
}

func newLedgerExport(t *tool) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use: "export --config FILE --format csv|json", Short: "Write the book for finance: every line, or sums by cost centre",
		Long: "Without --by every line of the book, with it a line per month, cost centre, outcome and charge. Times and months are\n" +
			"UTC+8. In CSV numbers are plain numbers, and a text that a spreadsheet would take for a formula gets an apostrophe.",
		Args: noArgs("--out names the file"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringVar(&f.format, "format", "csv", "csv, or json for one object a line")
	f.choice.add(cmd)
	flags.StringSliceVar(&f.by, "by", nil, "sum up by provider, tenant, app or purpose, or several with commas between them")
	flags.StringVar(&f.out, "out", "", "write to this file, which appears when it is complete; stdout if it is left out")
	flags.BoolVar(&f.mark, "bom", false, "begin the CSV with a byte order mark, so that Excel shows Chinese")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := f.choice.parse()
		if err != nil {
			return err
		}
		by, err := parseBy(f.by)
		if err != nil {
			return err
		}
		if f.format != "csv" && f.format != "json" {
			return usage("--format: want csv or json")
		}
		if f.mark && f.format != "csv" {
			return usage("--bom: JSON has no byte order mark; leave it out, or choose --format csv")
		}
		return t.withBook(cmd, f.config, look, func(ctx context.Context, b *book) error {
			return t.export(f.out, func(w io.Writer) error { return write(ctx, b, w, f, filter, by) })
		})
	}
	return cmd
}

// export writes to stdout, or to a file that is there only if it is complete.
func (t *tool) export(path string, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(t.out)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".heyan-export-*")
	if err != nil {
		return usage("--out: the file cannot be made; is its folder there and writable?")
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone if all went well
	buffer := bufio.NewWriter(f)
	if err := errors.Join(write(buffer), buffer.Flush(), f.Sync(), f.Close()); err != nil {
		return internal(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return usage("--out: the file cannot be replaced; is it a folder?")
	}
	return nil
}

func write(ctx context.Context, b *book, w io.Writer, f exportFlags, filter ledger.Filter, by parts) error {
	out := listingTo(terminal.NewPrinter(w), form{json: f.format == "json", csv: f.format == "csv"}, f.mark)
	if len(f.by) == 0 {
		out.begin(entryHeads())
		err := b.eachEntry(ctx, filter, 0, func(e *ledger.Entry) error { return out.line(viewEntry(e), entryCells(e)...) })
		return errors.Join(err, out.end(""))
	}
	list, err := b.sums(ctx, filter, by)
	if err != nil {
		return err
	}
	out.begin(sumHeads())
	return out.sums(list, "")
}
