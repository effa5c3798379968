package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/ledger/statement"
)

// reconcileFlags are the flags of `heyan ledger reconcile`.
type reconcileFlags struct {
	config     string
	providers  []string
	exports    []string
	period     choice
	tolerance  time.Duration
	apply      bool
	form       form
	confidence float64
}

func newLedgerReconcile(t *tool) *cobra.Command {
	var f reconcileFlags
	cmd := &cobra.Command{
		Use:   "reconcile --config FILE --provider NAME --export FILE",
		Short: "Compare the vendor's bill with the book, and settle what is clear",
		Long: "Reads the usage export of the vendor's console (CSV or XLSX: serial number, window, units), lays it beside the calls of the\n" +
			"book and explains every difference. Nothing is changed without --apply, which settles the calls of unknown charge for\n" +
			"which the evidence is clear. Give all exports of the period if several packages were drawn on, and all providers that draw\n" +
			"on them.\n\n" +
			"Exit codes: 0 nothing is left to do; 1 something is: an unexplained difference, a call to settle, a code that the book\n" +
			"has wrong.",
		Args: noArgs("--export names the file"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringSliceVar(&f.providers, "provider", nil, "the provider whose bill it is; several with commas if they draw on the same packages")
	flags.StringArrayVar(&f.exports, "export", nil, "the vendor's export; may be given several times")
	f.period.addPeriod(cmd)
	flags.BoolVar(&f.apply, "apply", false, "settle the calls for which the evidence is clear")
	flags.DurationVar(&f.tolerance, "tolerance", 30*time.Second, "how far from a window's edge a call may be and still be billed in the neighbour")
	flags.Float64Var(&f.confidence, "confidence", 0.95, "how sure a settlement has to be, from 0.75 to 0.999")
	f.form.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return t.reconcile(cmd, f) }
	return cmd
}

func (t *tool) reconcile(cmd *cobra.Command, f reconcileFlags) error {
	c := comparison{tool: t, form: f.form}
	switch {
	case len(f.providers) == 0:
		return usage("--provider is missing: name the provider whose bill it is")
	case len(f.exports) == 0:
		return usage("--export is missing: name the file that the vendor's console exported")
	case f.tolerance <= 0:
		return usage("--tolerance: want a time above nothing, as 30s")
	case f.confidence < 0.75 || f.confidence > 0.999:
		return usage("--confidence: want a number from 0.75 to 0.999")
	}
	if err := f.form.check(); err != nil {
		return err
	}
	period, err := f.period.parse()
	if err != nil {
		return err
	}
	if c.windows, err = t.readExports(f.exports); err != nil {
		return err
	}
	c.providers = f.providers
	c.options = reconcile.Options{From: period.From, To: period.To, Tolerance: f.tolerance, MinConfidence: f.confidence}
	return t.withBook(cmd, f.config, look, func(ctx context.Context, b *book) error { return c.run(ctx, b, f.apply) })
}

// readExports reads the files and refuses a line that stands in two of them: counted
// twice, it would look like calls that heyan never made.
func (t *tool) readExports(paths []string) ([]reconcile.Window, error) {
	var all []reconcile.Window
	seen := map[string]bool{}
	for _, path := range paths {
		file, err := readExport(path)
		if err != nil {
			return nil, err
		}
		if len(file.Notes) > 1 {
			t.hint("%s", words.Text{
				EN: "the export holds lines of several kinds, and all are counted:", ZH: "导出文件含有多种记录，均已计入：",
			}.In(t.lang))
			for _, n := range file.Notes {
				t.hint("  %s: %d, %d", csvfile.Text(n.Note).Plain(), n.Lines, n.Units)
			}
		}
		for _, w := range file.Windows {
			if seen[w.Serial] {
				return nil, usage("--export: a serial number stands in two of the files; give each export once")
			}
			seen[w.Serial] = true
		}
		all = append(all, file.Windows...)
	}
	return all, nil
}

func readExport(path string) (statement.File, error) {
	if !isFile(path) {
		return statement.File{}, usage("--export: there is no such file")
	}
	f, err := os.Open(path)
	if err != nil {
		return statement.File{}, usage("--export: the file cannot be read")
	}
	defer func() { _ = f.Close() }()
	file, err := statement.Read(f)
	var faults statement.Faults
	switch {
	case errors.As(err, &faults):
		return file, setUp("--export: the file has %d faults and was not used:\n%w", faults.Count, faults)
	case err != nil:
		return file, setUp("--export: %w", err)
	}
	return file, nil
}
