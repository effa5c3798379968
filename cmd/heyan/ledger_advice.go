package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/forecast"
)

func newLedgerAdvice(t *tool) *cobra.Command {
	var path, provider string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "advice --config FILE --provider NAME", Short: "Say which package to buy next, and when",
		Long: "Weighs the vendor's price list against the use of the last 28 days: what each package costs per call and per verdict, how\n" +
			"long it would last, and from how many calls on the next larger one pays.",
		Args: noArgs("--provider names the provider"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "the configured provider")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := needed("--provider", provider, "name the provider to buy for"); err != nil {
			return err
		}
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error {
			a, err := b.advice(ctx, provider, time.Now())
			switch {
			case err != nil:
				return internal(err)
			case asJSON:
				t.out.JSON(a)
			default:
				_, _ = t.out.Write([]byte(a.Text(t.language()))) // the printer remembers the error
			}
			return nil
		})
	}
	return cmd
}

func (b *book) advice(ctx context.Context, provider string, now time.Time) (forecast.Advice, error) {
	prices, err := b.prices(provider)
	if err != nil {
		return forecast.Advice{}, err
	}
	lots, err := b.Lots(ctx, provider)
	if err != nil {
		return forecast.Advice{}, err
	}
	days, err := b.days(ctx, provider, now, month)
	if err != nil {
		return forecast.Advice{}, err
	}
	return forecast.Make(ledger.VendorTime(now), days, prices, unused(lots, provider), forecast.Options{}), nil
}

// language is the word for the language in packages that print texts of their own.
func (t *tool) language() string {
	if t.lang == words.ZH {
		return forecast.Chinese
	}
	return "en"
}

// week and month are how many days are looked back.
const (
	week  = 7
	month = 28
)

// days counts what a provider used on each of the last days, which are spans of 24
// hours that end now.
func (b *book) days(ctx context.Context, provider string, now time.Time, n int) ([]forecast.Day, error) {
	var list []forecast.Day
	for i := range n {
		to := now.Add(-time.Duration(i) * 24 * time.Hour)
		uses, err := b.Usage(ctx, ledger.Filter{From: to.Add(-24 * time.Hour), To: to, Provider: provider})
		if err != nil {
			return nil, err
		}
		d := forecast.Day{Day: to.Add(-time.Hour)}
		for _, u := range uses {
			if u.Charge == idv.NotCharged {
				continue
			}
			d.Charged += u.Calls
			if isVerdict(u.Outcome) {
				d.Verdicts += u.Calls
			}
		}
		list = append(list, d)
	}
	return list, nil
}

// isVerdict reports whether an outcome of the book is a verdict.
func isVerdict(outcome string) bool {
	var v idv.Verdict
	return v.UnmarshalText([]byte(outcome)) == nil && v != idv.Undetermined
}

// unused returns what is left of a provider's packages.
func unused(lots []ledger.Balance, provider string) []forecast.Lot {
	var list []forecast.Lot
	for i := range lots {
		if l := &lots[i]; l.Provider == provider && !l.Open {
			list = append(list, forecast.Lot{Left: l.Available, Expires: l.Expires})
		}
	}
	return list
}
