package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/ledger/statement"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
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
		Short: "Reconcile the ledger with a vendor's bill",
		Long: "Reads the usage export of the vendor's console (CSV or XLSX: serial number, window, units), compares it with the calls in\n" +
			"the ledger and explains every difference. Changes nothing without --apply, which settles the calls with an unknown charge\n" +
			"for which the evidence is clear. If several packages were used, name all their exports and all providers that use them.\n" +
			"Exports may overlap: a row that is the same in two of them is counted once. Refunds and other rows that are no use of a\n" +
			"package are not counted.\n\n" +
			"Exit codes: 0 reconciled; 1 action needed: an unexplained difference, a call to settle, a code whose charge the ledger\n" +
			"assumes wrongly, or an export without a row although the ledger has calls.",
		Args: noArgs("use --export"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringSliceVar(&f.providers, "provider", nil, "the provider of the bill; comma-separated if several use the same packages")
	flags.StringArrayVar(&f.exports, "export", nil, "the vendor's export; may be repeated")
	f.period.addPeriod(cmd)
	flags.BoolVar(&f.apply, "apply", false, "settle the calls for which the evidence is clear")
	flags.DurationVar(&f.tolerance, "tolerance", 30*time.Second, "how far outside a window a call may be and still be billed in it")
	flags.Float64Var(&f.confidence, "confidence", 0.95, "the minimum confidence of a settlement, from 0.75 to 0.999")
	f.format.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.reconcile(cmd, f) }
	return cmd
}

func (c *cli) reconcile(cmd *cobra.Command, f reconcileFlags) error {
	r := reconciliation{cli: c, format: f.format}
	switch {
	case len(f.providers) == 0:
		return usageError("--provider is missing: name the provider of the bill")
	case len(f.exports) == 0:
		return usageError("--export is missing: name the export of the vendor's console")
	case f.tolerance <= 0:
		return usageError("--tolerance: must be a positive duration such as 30s")
	case f.confidence < 0.75 || f.confidence > 0.999:
		return usageError("--confidence: must be a number from 0.75 to 0.999")
	}
	if err := f.format.check(); err != nil {
		return err
	}
	period, err := f.period.parse()
	if err != nil {
		return err
	}
	if r.windows, err = c.readExports(cmd.Context(), f.exports); err != nil {
		return err
	}
	r.providers = f.providers
	r.options = reconcile.Options{From: period.From, To: period.To, Tolerance: f.tolerance, MinConfidence: f.confidence}
	return c.withLedger(cmd, f.config, mustExist, func(ctx context.Context, b *ledgerStore) error { return r.run(ctx, b, f.apply) })
}

// readExports reads the exports, which may overlap. The identity of a row is its serial number.
func (c *cli) readExports(ctx context.Context, paths []string) ([]reconcile.Window, error) {
	var files []statement.File
	for _, path := range paths {
		file, err := c.readExport(ctx, path)
		if err != nil {
			return nil, err
		}
		if file.Sheet != "" {
			c.notef(idv.Text{EN: "read the sheet %s of the workbook", ZH: "读取工作簿中的工作表：%s"}.In(c.lang), csvfile.Text(file.Sheet).Plain())
		}
		c.printNotes(file.Notes)
		files = append(files, file)
	}
	all, twice, err := statement.Join(files...)
	if err != nil {
		return nil, configError("--export: %w", err)
	}
	if twice > 0 {
		c.notef(idv.Text{EN: "rows that several exports hold, counted once: %d", ZH: "多份导出文件中重复的记录，只计一次：%d"}.In(c.lang), twice)
	}
	return all, nil
}

// printNotes tells which kinds of rows an export has, unless all are known to be the use of a
// package.
func (c *cli) printNotes(notes []statement.Note) {
	counted := 0
	for _, n := range notes {
		if !n.Other {
			counted++
		}
	}
	if counted > 1 {
		c.notef("%s", idv.Text{
			EN: "the export holds several kinds of rows; these are counted (rows, units):", ZH: "导出文件含有多种记录，以下均已计入（行数、次数）：",
		}.In(c.lang))
		c.printKinds(notes, false)
	}
	if counted < len(notes) {
		c.notef("%s", idv.Text{
			EN: "the export holds rows that are no use of a package; these are not counted (rows, units):", ZH: "导出文件含有非消耗记录，以下不计入（行数、次数）：",
		}.In(c.lang))
		c.printKinds(notes, true)
	}
}

func (c *cli) printKinds(notes []statement.Note, other bool) {
	for _, n := range notes {
		if n.Other == other {
			c.notef("  %s: %d, %d", csvfile.Text(n.Note).Plain(), n.Lines, n.Units)
		}
	}
}

func (c *cli) readExport(ctx context.Context, path string) (statement.File, error) {
	if !isFile(path) {
		return statement.File{}, usageError("--export: no such file; check the path")
	}
	f, err := c.open(path)
	if err != nil {
		return statement.File{}, inputError(err, "--export: cannot read the file; check its permissions")
	}
	defer func() { _ = f.Close() }()
	file, err := statement.Read(ctx, f)
	var faults statement.Faults
	switch {
	case errors.As(err, &faults):
		return file, configError("--export: the file has %s and was not used:\n%w", idv.Count(faults.Count, "fault"), faults)
	case errors.Is(err, errInterrupted), ctx.Err() != nil:
		return file, inputError(errInterrupted, "")
	case err != nil:
		return file, configError("--export: %w", err)
	}
	return file, nil
}

// reconciliation compares exports with the ledger.
type reconciliation struct {
	cli       *cli
	format    outputFormat
	windows   []reconcile.Window
	providers []string
	options   reconcile.Options
}

func (r *reconciliation) run(ctx context.Context, b *ledgerStore, apply bool) error {
	if apply {
		// A call whose process died counts as running until Recover marks it as lost.
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
		done, err := r.settle(ctx, b, report.Proposals)
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

// clockMargin extends the period of the exports when the calls are read: it is larger than the
// greatest offset between the clocks.
const clockMargin = 15 * time.Minute

// match compares the exports with the present ledger.
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
		filter := ledger.Filter{Provider: name} // all calls, if the statement has no line and no period is given
		if !from.IsZero() {
			filter.From = from.Add(-margin)
		}
		if !to.IsZero() {
			filter.To = to.Add(margin)
		}
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
			return reconcile.Report{}, err // a typing error would make the whole bill look like foreign use
		}
	}
	return reconcile.Match(r.windows, calls, r.options), nil
}

// callOf returns a hold as a call for reconcile.Match.
func callOf(h *ledger.Hold) reconcile.Call {
	a := h.Attempt()
	call := reconcile.Call{
		Attempt: a.ID, Provider: a.Provider, At: a.StartedAt, End: a.StartedAt.Add(a.Duration), Code: a.VendorCode, Delivery: a.Delivery, Charge: a.Charge,
	}
	if !h.OutcomeRecorded {
		call.End = h.Intent.Deadline
	}
	if call.Code == "" && a.Failed {
		call.Code = a.Failure.String()
	}
	return call
}

// needsAction reports whether a person has to act on the report.
func needsAction(r reconcile.Report) bool {
	for _, l := range r.Codes {
		if l.Contradicts() {
			return true
		}
	}
	return r.Totals.Lines == 0 && r.Totals.Calls > 0 || r.Totals.Alarming > 0 || len(r.Proposals) > 0 || len(r.Unsettled) > 0
}

// settle settles calls. It skips a call that another process has settled meanwhile.
func (r *reconciliation) settle(ctx context.Context, b *ledgerStore, list []reconcile.Proposal) ([]settled, error) {
	var done []settled
	if len(list) == 0 {
		return nil, nil
	}
	ctx, err := b.acting(ctx, r.cli, audit.ReconcileApply, "", "")
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		switch err := b.Resolve(audit.On(ctx, p.Attempt), p.Attempt, p.Charge, p.Reason); {
		case errors.Is(err, ledger.ErrSettled), errors.Is(err, ledger.ErrRunning):
		case err != nil:
			return done, internalError(fmt.Errorf("settling stopped: %w", err))
		default:
			done = append(done, settled{p.Attempt, p.Charge, p.Reason})
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
		_, _ = r.cli.out.Write([]byte(report.Text(r.cli.language()))) // the printer keeps the error
	}
	return nil
}

// maxShown is how many calls a table shows; --json lists all of them.
const maxShown = 20

func (r *reconciliation) printProposals(list []reconcile.Proposal) {
	if !r.format.table() || len(list) == 0 {
		return
	}
	c := r.cli
	rows := [][]string{c.headers("attempt 调用", "charge 计费", "confidence 置信度", "reason 依据")}
	for _, p := range list[:min(len(list), maxShown)] {
		rows = append(rows, []string{p.Attempt, words.Charge(p.Charge).In(c.lang), fmt.Sprintf("%.3f", p.Confidence), csvfile.Text(p.Reason).Plain()})
	}
	c.section(rows)
	c.printRest(len(list))
	c.out.Linef("%s", idv.Text{EN: "nothing was changed; use --apply to settle these calls", ZH: "未作任何改动；使用 --apply 按此入账"}.In(c.lang))
}

// printSettled prints the settled calls, on stderr if stdout holds a CSV.
func (r *reconciliation) printSettled(done []settled) {
	c := r.cli
	switch {
	case r.format.json:
		c.out.JSON(map[string][]settled{"settled": append([]settled{}, done...)})
	case r.format.csv:
		c.notef(idv.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(c.lang), len(done))
	default:
		rows := [][]string{c.headers("settled 已入账", "charge 计费", "reason 依据")}
		for _, s := range done[:min(len(done), maxShown)] {
			rows = append(rows, []string{s.Attempt, words.Charge(s.Charge).In(c.lang), csvfile.Text(s.Why).Plain()})
		}
		c.section(rows)
		c.printRest(len(done))
		c.out.Linef(idv.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(c.lang), len(done))
	}
}

func (c *cli) printRest(n int) {
	if n > maxShown {
		c.out.Linef(idv.Text{EN: "and %d more; use --json to list all", ZH: "另有 %d 条；--json 可列出全部"}.In(c.lang), n-maxShown)
	}
}
