package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

func newLedgerUsage(t *tool) *cobra.Command {
	var path string
	var by []string
	var c choice
	var f form
	cmd := &cobra.Command{
		Use: "usage --config FILE", Short: "Count the calls and what they cost, by outcome, and what a verdict cost",
		Long: "A line per month, cost centre, outcome and charge. The amount is spent where the charge is charged, at risk where it is\n" +
			"unknown, and was not spent where it is not_charged: these are the calls saved after a vendor was asked. Requests that\n" +
			"were refused locally and answers given twice by Idempotency-Key never reach the book; the metric\n" +
			"heyan_saved_calls_total counts the former by rule.",
		Args: noArgs("the flags choose the calls"),
	}
	configFlag(cmd, &path)
	c.add(cmd)
	cmd.Flags().StringSliceVar(&by, "by", []string{"provider"}, "sum up by provider, tenant, app or purpose, or several with commas between them")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := c.parse()
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
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error {
			list, err := b.sums(ctx, filter, parts)
			if err != nil {
				return err
			}
			return t.printUsage(f, list)
		})
	}
	return cmd
}

func sumHeads() []string {
	return []string{
		"month 月份", "provider 供应商", "tenant 租户", "app 应用", "purpose 用途", "outcome 结果", "charge 计费", "calls 次数", "amount 金额", "currency 币种",
	}
}

func sumCells(s *sum) []csvfile.Cell {
	return []csvfile.Cell{
		csvfile.Text(s.Month), csvfile.Text(s.Provider), csvfile.Text(s.Tenant), csvfile.Text(s.App), csvfile.Text(s.Purpose), csvfile.Text(s.Outcome),
		csvfile.Text(s.Charge.String()), csvfile.Int(s.Calls), csvfile.Amount(s.total), csvfile.Text(s.total.Currency),
	}
}

// sums prints sums.
func (l *listing) sums(list []sum, nothing string) error {
	for i := range list {
		if err := l.line(list[i], sumCells(&list[i])...); err != nil {
			return err
		}
	}
	return l.end(nothing)
}

// printUsage prints the sums and, but in CSV, what they add up to.
func (t *tool) printUsage(f form, list []sum) error {
	nothing := words.Text{EN: "no call was made in this period", ZH: "该期间没有调用"}.In(t.lang)
	if err := t.listing(f, sumHeads()...).sums(list, nothing); err != nil || len(list) == 0 {
		return err
	}
	all := totalOf(list)
	switch {
	case f.json:
		t.out.JSON(map[string]total{"total": all})
	case f.table():
		t.printTotals(all)
	}
	return nil
}

func (t *tool) printTotals(all total) {
	t.out.Linef("")
	t.out.Linef(words.Text{EN: "%d calls gave %d verdicts and cost %s", ZH: "%d 次调用得到 %d 个结论，费用 %s"}.In(t.lang), all.Calls, all.Verdicts, costRange(all.known, all.possible))
	if all.Verdicts > 0 {
		known, possible := all.perVerdict()
		t.out.Linef(words.Text{EN: "a verdict cost %s", ZH: "每个结论 %s"}.In(t.lang), costRange(known, possible))
	}
	if all.Unknown > 0 {
		t.out.Linef(words.Text{
			EN: "the charge of %d calls is not known, %s at most; `heyan ledger reconcile` finds out",
			ZH: "%d 次调用是否计费未知，最多 %s；可用 `heyan ledger reconcile` 查明",
		}.In(t.lang), all.Unknown, idv.Money{Micros: all.possible.Micros - all.known.Micros, Currency: all.possible.Currency})
	}
	if all.Free > 0 {
		t.out.Linef(words.Text{EN: "%d calls were not charged, which saved %s", ZH: "%d 次调用未计费，少付 %s"}.In(t.lang), all.Free, all.saved)
	}
	t.out.Linef("%s", words.Text{
		EN: "what was refused locally or answered again never reached the book; the metric heyan_saved_calls_total counts refusals by rule",
		ZH: "本地拒绝与重复请求不进入账本；本地拒绝按规则计入指标 heyan_saved_calls_total",
	}.In(t.lang))
}
