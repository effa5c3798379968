package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/forecast"
)

// standing is what the API says of a provider's packages, and how long they last.
type standing struct {
	api.ProviderBalance

	PerDay   float64   `json:"per_day"`              // calls that cost a unit, the mean of the last seven days
	DaysLeft *float64  `json:"days_left,omitempty"`  // at that rate; left out if nothing was used or no package is booked
	RunsOut  time.Time `json:"runs_out,omitzero"`    // at that rate
	Wasted   int64     `json:"will_expire,omitzero"` // units that expire before they are used
}

func newLedgerBalance(t *tool) *cobra.Command {
	var path, provider string
	var f form
	cmd := &cobra.Command{
		Use: "balance --config FILE", Short: "Sum up the packages by provider, and say how long they last",
		Long: "Packages that have expired are left out. Days left are counted at the rate of the last seven days; a call whose charge is\n" +
			"not known counts as used.",
		Args: noArgs("--provider chooses"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "only of this provider")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error {
			list, err := b.standings(ctx, provider, time.Now())
			if err != nil {
				return internal(err)
			}
			return t.printStandings(f, list)
		})
	}
	return cmd
}

func (b *book) standings(ctx context.Context, provider string, now time.Time) ([]standing, error) {
	lots, err := b.Lots(ctx, provider)
	if err != nil {
		return nil, err
	}
	var list []standing
	for _, s := range api.BalancesOf(lots, now) {
		days, err := b.days(ctx, s.Provider, now, week)
		if err != nil {
			return nil, err
		}
		left := unused(lots, s.Provider)
		a := forecast.Make(now, days, nil, left, forecast.Options{})
		one := standing{ProviderBalance: s, PerDay: a.PerDay, RunsOut: a.RunsOut.Truncate(time.Second), Wasted: a.Wasted}
		if len(left) > 0 && a.DaysLeft >= 0 {
			one.DaysLeft = &a.DaysLeft
		} else {
			one.RunsOut, one.Wasted = time.Time{}, 0
		}
		list = append(list, one)
	}
	return list, nil
}

func (t *tool) printStandings(f form, list []standing) error {
	out := t.listing(f, "provider 供应商", "lots 套餐数", "units 次数", "available 可用", "held 占用", "posted 已计费", "unknown 未知",
		"left 余额", "currency 币种", "per_day 日均", "days_left 可用天数", "runs_out 预计用完", "will_expire 将过期")
	for _, s := range list {
		days := csvfile.Cell{}
		if s.DaysLeft != nil {
			days = csvfile.Fixed(*s.DaysLeft, 1)
		}
		expire := csvfile.Cell{}
		if s.Wasted > 0 {
			expire = csvfile.Int(s.Wasted)
		}
		err := out.line(s, csvfile.Text(s.Provider), csvfile.Int(int64(s.Lots)), csvfile.Int(s.Units), csvfile.Int(s.Available), csvfile.Int(s.Held),
			csvfile.Int(s.Posted), csvfile.Int(s.Unknown), csvfile.Number(s.Left.Amount), csvfile.Text(s.Left.Currency), csvfile.Fixed(s.PerDay, 1),
			days, csvfile.Time(s.RunsOut), expire)
		if err != nil {
			return err
		}
	}
	return out.end(words.Text{EN: "the book is empty: no package is booked and no call was made", ZH: "账本为空：未登记套餐包，也没有调用"}.In(t.lang))
}
