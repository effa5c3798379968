package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

func newLedgerUsage(c *cli) *cobra.Command {
	var path string
	var by []string
	var sel entryFilter
	var f outputFormat
	cmd := &cobra.Command{
		Use: "usage --config FILE", Short: "Sum up the calls and their cost by outcome, and the cost per verdict",
		Long: "One row per month, cost centre, outcome and charge. The amount is spent if the charge is charged, at risk if it is\n" +
			"unknown, and not spent if it is not_charged. Requests that were refused locally and repeated answers (by\n" +
			"Idempotency-Key) are not in the ledger; the metric heyan_saved_calls_total counts the refused ones by rule.",
		Args: noArgs("use the flags to select calls"),
	}
	configFlag(cmd, &path)
	sel.add(cmd)
	cmd.Flags().StringSliceVar(&by, "by", []string{"provider"}, "sum up by provider, tenant, app or purpose; comma-separated")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := sel.parse()
		if err != nil {
			return err
		}
		parts, err := parseBy(by)
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			list, err := b.sums(ctx, filter, parts)
			if err != nil {
				return err
			}
			return c.printUsage(f, list)
		})
	}
	return cmd
}

func sumHeads() []string {
	return []string{
		"month 月份", "provider 供应商", "tenant 租户", "app 应用", "purpose 目的", "outcome 结果", "charge 计费", "calls 次数", "amount 金额", "currency 币种",
	}
}

func sumCells(s *sum) []csvfile.Cell {
	return []csvfile.Cell{
		csvfile.Text(s.Month), csvfile.Text(s.Provider), csvfile.Text(s.Tenant), csvfile.Text(s.App), csvfile.Text(s.Purpose), csvfile.Text(s.Outcome),
		csvfile.Text(s.Charge.String()), csvfile.Int(s.Calls), csvfile.Amount(s.total), csvfile.Text(s.total.Currency),
	}
}

// sums prints the sums.
func (l *listing) sums(list []sum, nothing string) error {
	for i := range list {
		if err := l.line(list[i], sumCells(&list[i])...); err != nil {
			return err
		}
	}
	return l.end(nothing)
}

// printUsage prints the sums and, except in CSV, their total.
func (c *cli) printUsage(f outputFormat, list []sum) error {
	nothing := idv.Text{EN: "no calls in this period", ZH: "该期间没有调用"}.In(c.lang)
	if err := c.listing(f, sumHeads()...).sums(list, nothing); err != nil || len(list) == 0 {
		return err
	}
	totals := totalsOf(list)
	for _, all := range totals {
		switch {
		case f.json:
			c.out.JSON(map[string]total{"total": all})
		case f.table():
			c.printTotals(all)
		}
	}
	if f.table() {
		c.out.Linef("%s", idv.Text{
			EN: "requests refused locally and repeated answers are not in the ledger; the metric heyan_saved_calls_total counts refusals by rule",
			ZH: "本地拒绝与重复请求不计入账本；本地拒绝按规则计入指标 heyan_saved_calls_total",
		}.In(c.lang))
	}
	if len(totals) > 1 {
		c.notef("%s", severalCurrencies().In(c.lang))
	}
	return nil
}

// severalCurrencies says what to do with a ledger that an earlier version kept in several
// currencies.
func severalCurrencies() idv.Text {
	return idv.Text{
		EN: "the ledger holds amounts in several currencies, which an earlier version accepted; they are not added up. " +
			"Cancel the packages in the wrong currency with `heyan ledger lots cancel`",
		ZH: "账本中有多种币种的金额（早期版本曾接受），不予相加。请用 `heyan ledger lots cancel` 撤销币种有误的套餐包",
	}
}

func (c *cli) printTotals(all total) {
	c.out.Linef("")
	c.say(idv.Count(all.Calls, "call")+", "+idv.Count(all.Verdicts, "verdict")+", cost "+costRange(all.known, all.possible),
		fmt.Sprintf("%d 次调用得到 %d 个结论，费用 %s", all.Calls, all.Verdicts, costRange(all.known, all.possible)))
	if all.Verdicts > 0 {
		known, possible := all.perVerdict()
		c.out.Linef(idv.Text{EN: "cost per verdict: %s", ZH: "每个结论的费用：%s"}.In(c.lang), costRange(known, possible))
	}
	if all.Unknown > 0 {
		risk := idv.Money{Micros: all.possible.Micros - all.known.Micros, Currency: all.possible.Currency}
		c.say(fmt.Sprintf("%s with an unknown charge, up to %s; `heyan ledger reconcile` settles them", idv.Count(all.Unknown, "call"), risk),
			fmt.Sprintf("%d 次调用是否计费未知，最多 %s；可用 `heyan ledger reconcile` 对账", all.Unknown, risk))
	}
	if all.Free > 0 {
		c.say(fmt.Sprintf("%s not charged, saved %s", idv.Count(all.Free, "call"), all.saved), fmt.Sprintf("%d 次调用未计费，节省 %s", all.Free, all.saved))
	}
}

// costCentre is the key of a sum. Parts that --by does not name are empty.
type costCentre struct {
	Provider string     `json:"provider,omitempty"`
	Tenant   idv.Tenant `json:"tenant,omitempty"`
	App      string     `json:"app,omitempty"`
	Purpose  string     `json:"purpose,omitempty"`
}

func (c costCentre) compare(other costCentre) int {
	return cmp.Or(strings.Compare(c.Provider, other.Provider), cmp.Compare(c.Tenant, other.Tenant),
		strings.Compare(c.App, other.App), strings.Compare(c.Purpose, other.Purpose))
}

// groupBy says which parts of the cost centre --by names.
type groupBy struct{ provider, tenant, app, purpose bool }

func parseBy(words []string) (groupBy, error) {
	var by groupBy
	for _, w := range words {
		switch w {
		case "provider":
			by.provider = true
		case "tenant":
			by.tenant = true
		case "app":
			by.app = true
		case "purpose":
			by.purpose = true
		default:
			return by, usageError("--by: must be provider, tenant, app or purpose; separate several with commas")
		}
	}
	return by, nil
}

// of returns the cost centre of a call.
func (by groupBy) of(i *idv.Intent) costCentre {
	var c costCentre
	if by.provider {
		c.Provider = i.Provider
	}
	if by.tenant {
		c.Tenant = i.Tenant
	}
	if by.app {
		c.App = i.App
	}
	if by.purpose {
		c.Purpose = i.Purpose
	}
	return c
}

// sum counts the calls of a month and cost centre with the same outcome and charge.
type sum struct {
	costCentre

	Month   string     `json:"month"` // UTC+8
	Outcome string     `json:"outcome,omitempty"`
	Charge  idv.Charge `json:"charge"`
	Calls   int64      `json:"calls"`
	Amount  api.Cost   `json:"amount"` // spent if charged, at risk if unknown, saved if not charged
	total   idv.Money
}

func sumOf(c costCentre, u ledger.Use) sum {
	return sum{
		costCentre: c, Month: u.Month, Outcome: u.Outcome, Charge: u.Charge, Calls: u.Calls, total: u.Amount,
		Amount: api.CostOf(u.Amount),
	}
}

// sums adds up the selected calls by month and cost centre.
func (b *ledgerStore) sums(ctx context.Context, f ledger.Filter, by groupBy) ([]sum, error) {
	tallies := map[costCentre]*ledger.Tally{}
	tally := func(c costCentre) *ledger.Tally {
		if tallies[c] == nil {
			tallies[c] = &ledger.Tally{}
		}
		return tallies[c]
	}
	if by.tenant || by.app || by.purpose {
		err := b.eachHold(ctx, f, func(h *ledger.Hold) error {
			c := by.of(&h.Intent)
			h.Intent.Provider = c.Provider
			tally(c).AddHold(h)
			return nil
		})
		return listSums(tallies), err
	}
	uses, err := b.Usage(ctx, f) // summed up in the database
	if err != nil {
		return nil, internalError(err)
	}
	for _, u := range uses {
		c := by.of(&idv.Intent{Provider: u.Provider})
		u.Provider = c.Provider
		tally(c).Add(u)
	}
	return listSums(tallies), nil
}

// listSums returns the sums in the order of month, cost centre, outcome and charge.
func listSums(tallies map[costCentre]*ledger.Tally) []sum {
	var list []sum
	for c, t := range tallies {
		for _, u := range t.List() {
			list = append(list, sumOf(c, u))
		}
	}
	slices.SortFunc(list, func(x, y sum) int {
		return cmp.Or(strings.Compare(x.Month, y.Month), x.compare(y.costCentre), strings.Compare(x.Outcome, y.Outcome), cmp.Compare(x.Charge, y.Charge),
			strings.Compare(x.total.Currency, y.total.Currency))
	})
	return list
}

// total is the JSON of the total of sums.
type total struct {
	Calls      int64    `json:"calls"`
	Verdicts   int64    `json:"verdicts"`
	Unknown    int64    `json:"unknown"`              // calls with an unknown charge
	Free       int64    `json:"not_charged"`          // calls that were not charged
	Cost       api.Cost `json:"cost"`                 // with the maximum
	PerVerdict api.Cost `json:"per_verdict,omitzero"` // rounded up to the micro
	Saved      api.Cost `json:"not_spent"`            // the price of the calls that were not charged
	known      idv.Money
	possible   idv.Money
	saved      idv.Money
}

// totalsOf adds up the sums of each currency. There are several only in a ledger of an
// earlier version.
func totalsOf(list []sum) []total {
	var totals []total
	var currencies []string
	own := "" // calls without a price have no currency and count in that of the others
	for _, s := range list {
		own = cmp.Or(own, s.total.Currency)
	}
	for _, s := range list {
		currency := cmp.Or(s.total.Currency, own)
		n := slices.Index(currencies, currency)
		if n < 0 {
			n = len(totals)
			zero := idv.Money{Currency: currency}
			totals, currencies = append(totals, total{known: zero, possible: zero, saved: zero}), append(currencies, currency)
		}
		totals[n].add(&s)
	}
	for n := range totals {
		totals[n].view()
	}
	return totals
}

// add adds a sum in the currency of the total.
func (t *total) add(s *sum) {
	t.Calls += s.Calls
	if isVerdict(s.Outcome) {
		t.Verdicts += s.Calls
	}
	switch s.Charge {
	case idv.Charged:
		t.known.Micros += s.total.Micros
		t.possible.Micros += s.total.Micros
	case idv.NotCharged:
		t.Free += s.Calls
		t.saved.Micros += s.total.Micros
	default:
		t.Unknown += s.Calls
		t.possible.Micros += s.total.Micros
	}
}

func (t *total) view() {
	t.Cost, t.Saved = api.CostRange(t.known, t.possible), api.CostOf(t.saved)
	if t.Verdicts > 0 {
		t.PerVerdict = api.CostRange(t.perVerdict())
	}
}

// perVerdict returns the known and the maximum cost per verdict.
func (t *total) perVerdict() (known, possible idv.Money) {
	return idv.Price{Units: t.Verdicts, Total: t.known}.PerCall(), idv.Price{Units: t.Verdicts, Total: t.possible}.PerCall()
}

// exportFlags are the flags of `heyan ledger export`.
type exportFlags struct {
	config, format, out string
	by                  []string
	mark, final         bool
	choice              entryFilter
}

func newLedgerExport(c *cli) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use: "export --config FILE --format csv|json", Short: "Export the ledger for finance: every entry, or sums by cost centre",
		Long: "Writes every ledger entry, or with --by one row per month, cost centre, outcome and charge. Times and months are UTC+8. In\n" +
			"CSV, numbers are plain numbers, and text that a spreadsheet would read as a formula gets an apostrophe.",
		Args: noArgs("use --out for a file"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringVar(&f.format, "format", "csv", "csv, or json with one object per line")
	f.choice.add(cmd)
	flags.StringSliceVar(&f.by, "by", nil, "sum up by provider, tenant, app or purpose; comma-separated")
	finalFlag(cmd, &f.final)
	flags.StringVar(&f.out, "out", "", "write to this file, atomically (default stdout)")
	flags.BoolVar(&f.mark, "bom", false, "start the CSV with a byte order mark, so that Excel shows Chinese")
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
			return usageError("--format: must be csv or json")
		}
		if f.mark && f.format != "csv" {
			return usageError("--bom: not valid for JSON; omit it, or use --format csv")
		}
		if f.final && len(f.by) > 0 {
			return usageError("--final: not valid with --by; the sums are those of calls, which may be settled later")
		}
		return c.withLedger(cmd, f.config, mustExist, func(ctx context.Context, b *ledgerStore) error {
			filter, err := b.before(ctx, filter, f.final)
			if err != nil {
				return err
			}
			return c.writeOutput(f.out, func(w io.Writer) error { return write(ctx, b, w, f, filter, by) })
		})
	}
	return cmd
}

// writeOutput writes to stdout or atomically to a file.
func (c *cli) writeOutput(path string, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(c.out)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".heyan-export-*")
	if err != nil {
		return usageError("--out: cannot create the file; check that its folder exists and is writable")
	}
	defer func() { _ = os.Remove(f.Name()) }() // after a successful rename there is no such file
	buffer := bufio.NewWriter(f)
	if err := errors.Join(write(buffer), buffer.Flush(), f.Sync(), f.Close()); err != nil {
		return internalError(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return usageError("--out: cannot replace the file; check that it is not a folder")
	}
	return nil
}

func write(ctx context.Context, b *ledgerStore, w io.Writer, f exportFlags, filter ledger.Filter, by groupBy) error {
	out := listingTo(terminal.NewPrinter(w), outputFormat{json: f.format == "json", csv: f.format == "csv"}, f.mark)
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
