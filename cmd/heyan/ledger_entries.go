package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

// entryView is what the API shows of a line of the book, with the tenant, whom the
// API need not tell its own name.
type entryView struct {
	api.Entry

	Tenant idv.Tenant `json:"tenant,omitempty"`
}

func newLedgerEntries(t *tool) *cobra.Command {
	var path string
	var c choice
	var f form
	var limit int
	cmd := &cobra.Command{
		Use: "entries --config FILE", Short: "List the lines of the book, oldest first",
		Long: "Each line moves units of a package from one account to another: bought, available, held, posted (charged), unknown and\n" +
			"written_off. Lines are never changed and never deleted.",
		Args: noArgs("the flags choose the lines"),
	}
	configFlag(cmd, &path)
	c.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many lines; all if it is 0")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := c.parse()
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if limit < 0 {
			return usage("--limit: want 0 for all, or more")
		}
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error { return t.printEntries(ctx, b, f, filter, limit) })
	}
	return cmd
}

func entryHeads() []string {
	return []string{
		"seq 序号", "time 时间", "provider 供应商", "lot 套餐", "attempt 调用", "tenant 租户", "app 应用", "purpose 用途",
		"from 转出", "to 转入", "units 次数", "amount 金额", "currency 币种", "reason 原因",
	}
}

func entryCells(e *ledger.Entry) []csvfile.Cell {
	return []csvfile.Cell{
		csvfile.Int(e.Seq), csvfile.Time(e.At), csvfile.Text(e.Provider), csvfile.Text(e.Lot), csvfile.Text(e.Hold), csvfile.Text(e.Tenant), csvfile.Text(e.App),
		csvfile.Text(e.Purpose), csvfile.Text(e.From.String()), csvfile.Text(e.To.String()), csvfile.Int(e.Units), csvfile.Amount(e.Amount),
		csvfile.Text(e.Amount.Currency), csvfile.Text(e.Why),
	}
}

func viewEntry(e *ledger.Entry) entryView { return entryView{api.EntryOf(e), e.Tenant} }

func (t *tool) printEntries(ctx context.Context, b *book, f form, filter ledger.Filter, limit int) error {
	out := t.listing(f, entryHeads()...)
	err := b.eachEntry(ctx, filter, limit, func(e *ledger.Entry) error { return out.line(viewEntry(e), entryCells(e)...) })
	if err != nil {
		return err
	}
	return out.end(words.Text{EN: "the book has no such lines", ZH: "账本中没有符合条件的分录"}.In(t.lang))
}
