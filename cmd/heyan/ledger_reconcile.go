package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/ledger/statement"
	"github.com/heyan-id/heyan/engine/store"
)

// reconcileFlags are the flags of `heyan ledger reconcile`.
type reconcileFlags struct {
	config     string
	providers  []string
	exports    []string
	period     entryFilter
	tolerance  time.Duration
	apply      bool
	format     outputFormat
	confidence float64
}

func newLedgerReconcile(c *cli) *cobra.Command {
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
	f.format.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.reconcile(cmd, f) }
	return cmd
}

func (c *cli) reconcile(cmd *cobra.Command, f reconcileFlags) error {
	r := reconciliation{cli: c, format: f.format}
	switch {
	case len(f.providers) == 0:
		return usageError("--provider is missing: name the provider whose bill it is")
	case len(f.exports) == 0:
		return usageError("--export is missing: name the file that the vendor's console exported")
	case f.tolerance <= 0:
		return usageError("--tolerance: want a time above nothing, as 30s")
	case f.confidence < 0.75 || f.confidence > 0.999:
		return usageError("--confidence: want a number from 0.75 to 0.999")
	}
	if err := f.format.check(); err != nil {
		return err
	}
	period, err := f.period.parse()
	if err != nil {
		return err
	}
	if r.windows, err = c.readExports(f.exports); err != nil {
		return err
	}
	r.providers = f.providers
	r.options = reconcile.Options{From: period.From, To: period.To, Tolerance: f.tolerance, MinConfidence: f.confidence}
	return c.withLedger(cmd, f.config, mustExist, func(ctx context.Context, b *ledgerStore) error { return r.run(ctx, b, f.apply) })
}

// readExports reads the files and refuses a line that stands in two of them: counted
// twice, it would look like calls that heyan never made.
func (c *cli) readExports(paths []string) ([]reconcile.Window, error) {
	var all []reconcile.Window
	seen := map[string]bool{}
	for _, path := range paths {
		file, err := readExport(path)
		if err != nil {
			return nil, err
		}
		if len(file.Notes) > 1 {
			c.notef("%s", words.Text{
				EN: "the export holds lines of several kinds, and all are counted:", ZH: "导出文件含有多种记录，均已计入：",
			}.In(c.lang))
			for _, n := range file.Notes {
				c.notef("  %s: %d, %d", csvfile.Text(n.Note).Plain(), n.Lines, n.Units)
			}
		}
		for _, w := range file.Windows {
			if seen[w.Serial] {
				return nil, usageError("--export: a serial number stands in two of the files; give each export once")
			}
			seen[w.Serial] = true
		}
		all = append(all, file.Windows...)
	}
	return all, nil
}

func readExport(path string) (statement.File, error) {
	if !isFile(path) {
		return statement.File{}, usageError("--export: there is no such file")
	}
	f, err := os.Open(path)
	if err != nil {
		return statement.File{}, usageError("--export: the file cannot be read")
	}
	defer func() { _ = f.Close() }()
	file, err := statement.Read(f)
	var faults statement.Faults
	switch {
	case errors.As(err, &faults):
		return file, configError("--export: the file has %d faults and was not used:\n%w", faults.Count, faults)
	case err != nil:
		return file, configError("--export: %w", err)
	}
	return file, nil
}

// comparison is an export that is held against the book.
type reconciliation struct {
	cli       *cli
	format    outputFormat
	windows   []reconcile.Window
	providers []string
	options   reconcile.Options
}

func (r *reconciliation) run(ctx context.Context, b *ledgerStore, apply bool) error {
	if apply {
		// A call whose process died counts as running until somebody says that it is lost.
		if _, err := b.Recover(ctx); err != nil {
			return internalError(err)
		}
	}
	report, err := r.match(ctx, b)
	if err != nil {
		return err
	}
	if err := r.print(report); err != nil {
		return err
	}
	if apply {
		done, err := settle(ctx, b, report.Proposals)
		r.printSettled(done)
		if err != nil {
			return err
		}
		if report, err = r.match(ctx, b); err != nil {
			return err
		}
	} else {
		r.printProposals(report.Proposals)
	}
	if needsAction(report) {
		return exitCode(exitFound)
	}
	return nil
}

// around is how far beyond the export calls are looked at: the clocks' greatest
// offset and more than any tolerance.
const clockMargin = 15 * time.Minute

// match compares the export with the book as it stands.
func (r *reconciliation) match(ctx context.Context, b *ledgerStore) (reconcile.Report, error) {
	from, to := r.options.From, r.options.To
	for _, w := range r.windows {
		if r.options.From.IsZero() && (from.IsZero() || w.From.Before(from)) {
			from = w.From
		}
		if r.options.To.IsZero() && w.To.After(to) {
			to = w.To
		}
	}
	margin := clockMargin + r.options.Tolerance
	var calls []reconcile.Call
	now := time.Now()
	for _, name := range r.providers {
		before := len(calls)
		filter := ledger.Filter{From: from.Add(-margin), To: to.Add(margin), Provider: name}
		err := b.eachHold(ctx, filter, func(h *ledger.Hold) error {
			if h.State != ledger.StateHeld || store.Lost(h, now) {
				calls = append(calls, callOf(h))
			}
			return nil
		})
		if err != nil {
			return reconcile.Report{}, err
		}
		if _, err := b.provider(name); err != nil && len(calls) == before {
			return reconcile.Report{}, err // a slip: all of the bill would look like foreign use
		}
	}
	return reconcile.Match(r.windows, calls, r.options), nil
}

// callOf returns a call of the book for comparing.
func callOf(h *ledger.Hold) reconcile.Call {
	a := h.Attempt()
	call := reconcile.Call{
		Attempt: a.ID, Provider: a.Provider, At: a.StartedAt, End: a.StartedAt.Add(a.Duration), Code: a.VendorCode, Sent: a.Delivery, Charge: a.Charge,
	}
	if !h.OutcomeRecorded {
		call.End = h.Intent.Deadline
	}
	if call.Code == "" && a.Failed {
		call.Code = a.Failure.String()
	}
	return call
}

// unfinished reports whether somebody has something to do.
func needsAction(r reconcile.Report) bool {
	for _, l := range r.Codes {
		if l.Contradicts() {
			return true
		}
	}
	return r.Totals.Alarming > 0 || len(r.Proposals) > 0 || len(r.Unsettled) > 0
}

// settle settles calls. One that somebody else settled meanwhile is left as it is.
func settle(ctx context.Context, b *ledgerStore, list []reconcile.Proposal) ([]settled, error) {
	var done []settled
	for _, p := range list {
		switch err := b.Resolve(ctx, p.Attempt, p.Charge, p.Why); {
		case errors.Is(err, ledger.ErrSettled), errors.Is(err, ledger.ErrRunning):
		case err != nil:
			return done, internalError(fmt.Errorf("settling was broken off: %w", err))
		default:
			done = append(done, settled{p.Attempt, p.Charge, p.Why})
		}
	}
	return done, nil
}

// print prints the report.
func (r *reconciliation) print(report reconcile.Report) error {
	switch {
	case r.format.json:
		r.cli.out.JSON(report)
	case r.format.csv:
		return internalError(report.CSV(r.cli.out))
	default:
		_, _ = r.cli.out.Write([]byte(report.Text(r.cli.language()))) // the printer remembers the error
	}
	return nil
}

// shown is how many calls a table shows; --json and the book have them all.
const maxShown = 20

func (r *reconciliation) printProposals(list []reconcile.Proposal) {
	if !r.format.table() || len(list) == 0 {
		return
	}
	c := r.cli
	rows := [][]string{c.headers("attempt 调用", "charge 计费", "confidence 置信度", "why 依据")}
	for _, p := range list[:min(len(list), maxShown)] {
		rows = append(rows, []string{p.Attempt, words.Charge(p.Charge).In(c.lang), fmt.Sprintf("%.3f", p.Confidence), csvfile.Text(p.Why).Plain()})
	}
	c.section(rows)
	c.printRest(len(list))
	c.out.Linef("%s", words.Text{EN: "nothing was changed; --apply settles them", ZH: "未作任何改动；加上 --apply 即按此入账"}.In(c.lang))
}

// printSettled says what was settled; beside a CSV on stderr.
func (r *reconciliation) printSettled(done []settled) {
	c := r.cli
	switch {
	case r.format.json:
		c.out.JSON(map[string][]settled{"settled": append([]settled{}, done...)})
	case r.format.csv:
		c.notef(words.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(c.lang), len(done))
	default:
		rows := [][]string{c.headers("settled 已入账", "charge 计费", "why 依据")}
		for _, s := range done[:min(len(done), maxShown)] {
			rows = append(rows, []string{s.Attempt, words.Charge(s.Charge).In(c.lang), csvfile.Text(s.Why).Plain()})
		}
		c.section(rows)
		c.printRest(len(done))
		c.out.Linef(words.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(c.lang), len(done))
	}
}

func (c *cli) printRest(n int) {
	if n > maxShown {
		c.out.Linef(words.Text{EN: "and %d more; --json lists them all", ZH: "另有 %d 条；--json 可列出全部"}.In(c.lang), n-maxShown)
	}
}
