package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/forecast"
)

func newLedgerLots(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "lots", Short: "Book packages and see where their units are"})
	cmd.AddCommand(newLotsAdd(c), newLotsList(c), newLotsWriteOff(c))
	return cmd
}

// lotFlags are the flags of `heyan ledger lots add`.
type lotFlags struct {
	config, provider, amount, currency, id, bought, expires, note string
	units, packaged                                               int64
	format                                                        outputFormat
}

func newLotsAdd(c *cli) *cobra.Command {
	var f lotFlags
	cmd := &cobra.Command{
		Use:   "add --config FILE --provider NAME (--package UNITS | --units UNITS --amount AMOUNT)",
		Short: "Book a package that was bought",
		Long: "From its first package on, a provider is asked only while a package has units left. Book a package once: heyan cannot know\n" +
			"whether a second one of the same size is a slip. An --id of yours, such as the order number, refuses the slip.",
		Args: noArgs("the flags describe the package"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringVar(&f.provider, "provider", "", "the configured provider that it was bought for")
	flags.Int64Var(&f.packaged, "package", 0, "a package of the vendor's price list, by its number of calls; sets units and price")
	flags.Int64Var(&f.units, "units", 0, "how many calls were bought")
	flags.StringVar(&f.amount, "amount", "", "what the package cost in all, as 69.00")
	flags.StringVar(&f.currency, "currency", idv.CNY, "of the amount")
	flags.StringVar(&f.id, "id", "", "the vendor's id of the package, or one of yours; one is made if it is left out")
	flags.StringVar(&f.bought, "bought", "", "the day or time it was bought; now if it is left out")
	flags.StringVar(&f.expires, "expires", "", "the last day on which it can be used, or the time it ends; never if it is left out")
	flags.StringVar(&f.note, "note", "", "an order number or invoice; nothing personal")
	f.format.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.format.check(); err != nil {
			return err
		}
		return c.withLedger(cmd, f.config, mayCreate, func(ctx context.Context, b *ledgerStore) error { return c.addLot(ctx, b, f) })
	}
	return cmd
}

func (c *cli) addLot(ctx context.Context, b *ledgerStore, f lotFlags) error {
	l, err := b.lot(f)
	if err != nil {
		return err
	}
	switch err := b.AddLot(ctx, l); {
	case errors.Is(err, ledger.ErrDuplicate):
		return usageError("--id: a package with this id is booked already; it was not booked again")
	case err != nil:
		return internalError(err)
	}
	return c.printLots(f.format, []ledger.Balance{{Lot: l, Available: l.Units}})
}

// lot makes the package of the flags.
func (b *ledgerStore) lot(f lotFlags) (ledger.Lot, error) {
	l := ledger.Lot{ID: f.id, Provider: f.provider, Note: f.note}
	if err := required("--provider", f.provider, "name the provider that the package was bought for"); err != nil {
		return l, err
	}
	if _, err := b.provider(f.provider); err != nil {
		return l, err
	}
	price, err := b.price(f)
	if err != nil {
		return l, err
	}
	l.Units, l.Total = price.Units, price.Total
	if l.Bought, err = dayStart("--bought", f.bought); err != nil {
		return l, err
	}
	if l.Bought.IsZero() {
		l.Bought = time.Now().UTC()
	}
	if l.Expires, err = dayEnd("--expires", f.expires); err != nil {
		return l, err
	}
	if l.ID == "" {
		l.ID = fmt.Sprintf("%s-%s-%s", l.Provider, ledger.VendorTime(l.Bought).Format("20060102"), strings.ToLower(rand.Text()[:6]))
	}
	if err := l.Validate(); err != nil {
		return l, usageError("--units, --amount, --bought, --expires, --id: %w", err)
	}
	return l, nil
}

// price returns units and price by the vendor's list or by the flags.
func (b *ledgerStore) price(f lotFlags) (idv.Price, error) {
	switch {
	case f.packaged != 0 && (f.units != 0 || f.amount != ""):
		return idv.Price{}, usageError("--package: give either it or --units and --amount")
	case f.packaged != 0:
		return b.listed(f.provider, f.packaged)
	case f.units <= 0:
		return idv.Price{}, usageError("--units: say how many calls were bought, or name a package of the price list by --package")
	}
	micros, err := idv.ParseAmount(f.amount)
	if err != nil {
		return idv.Price{}, usageError("--amount: %w", err)
	}
	if len(f.currency) != 3 || strings.ToUpper(f.currency) != f.currency {
		return idv.Price{}, usageError("--currency: want a code of three capital letters, as CNY")
	}
	return idv.Price{Units: f.units, Total: idv.Money{Micros: micros, Currency: f.currency}}, nil
}

// listed finds a package in the vendor's price list.
func (b *ledgerStore) listed(provider string, units int64) (idv.Price, error) {
	prices, err := b.prices(provider)
	if err != nil {
		return idv.Price{}, err
	}
	var sizes []string
	for _, p := range prices {
		if p.Units == units {
			return p, nil
		}
		sizes = append(sizes, fmt.Sprint(p.Units))
	}
	return idv.Price{}, usageError("--package: the price list has no package of this size; it has %s; or give --units and --amount", strings.Join(sizes, ", "))
}

// prices returns the price list that a provider's adapter states.
func (b *ledgerStore) prices(provider string) ([]idv.Price, error) {
	p, err := b.provider(provider)
	if err != nil {
		return nil, err
	}
	d, ok := assemble.Known(p)
	if !ok || len(d.Prices) == 0 {
		return nil, usageError("--provider: its adapter is a plugin or states no prices, so there is no price list")
	}
	return d.Prices, nil
}

func (c *cli) printLots(f outputFormat, list []ledger.Balance) error {
	out := c.listing(f, "id 编号", "provider 供应商", "units 次数", "available 可用", "held 占用", "posted 已计费", "unknown 未知", "written_off 核销",
		"total 总价", "price 单价", "currency 币种", "bought 购买时间", "expires 到期时间", "note 备注")
	for i := range list {
		l := &list[i]
		price := l.Price()
		err := out.line(api.LotOf(l), csvfile.Text(l.ID), csvfile.Text(l.Provider), csvfile.Int(l.Units), csvfile.Int(l.Available), csvfile.Int(l.Held),
			csvfile.Int(l.Posted), csvfile.Int(l.Unknown), csvfile.Int(l.WrittenOff), csvfile.Amount(l.Total), csvfile.Amount(price), csvfile.Text(price.Currency),
			csvfile.Time(l.Bought), csvfile.Time(l.Expires), csvfile.Text(l.Note))
		if err != nil {
			return err
		}
	}
	return out.end(words.Text{EN: "no package is booked; `heyan ledger lots add` books one", ZH: "尚未登记套餐包；用 `heyan ledger lots add` 登记"}.In(c.lang))
}

func newLotsList(c *cli) *cobra.Command {
	var path, provider string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the packages in the order of their use, and where their units are",
		Long: "A line whose id begins with open: is no package: it counts, at list price, the calls of a provider before a package was booked.",
		Args: noArgs("--provider chooses"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "only of this provider")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			list, err := b.Lots(ctx, provider)
			if err != nil {
				return internalError(err)
			}
			return c.printLots(f, list)
		})
	}
	return cmd
}

func newLotsWriteOff(c *cli) *cobra.Command {
	var path, lot, why string
	var units int64
	var f outputFormat
	cmd := &cobra.Command{
		Use: "write-off --config FILE --lot ID --units UNITS --why TEXT", Short: "Give up units of a package that are available",
		Long: "For units that the vendor took away or that were used behind heyan's back. It cannot be undone. Packages that expire are\n" +
			"written off by the daemon.",
		Args: noArgs("--lot names the package"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&lot, "lot", "", "the id of the package")
	cmd.Flags().Int64Var(&units, "units", 0, "how many units")
	cmd.Flags().StringVar(&why, "why", "", "the reason, for the book; nothing personal")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if err := required("--lot", lot, "`heyan ledger lots list` shows the ids"); err != nil {
			return err
		}
		if err := required("--why", why, "say why the units are given up; it stands in the book"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.writeOff(ctx, b, f, lot, units, why) })
	}
	return cmd
}

func (c *cli) writeOff(ctx context.Context, b *ledgerStore, f outputFormat, lot string, units int64, why string) error {
	switch err := b.WriteOff(ctx, lot, units, why); {
	case errors.Is(err, ledger.ErrNoLot):
		return usageError("--lot: there is no package of this id; `heyan ledger lots list` shows them")
	case errors.Is(err, ledger.ErrTooFew):
		return usageError("--units: want a number from 1 to what the package has available; `heyan ledger lots list` shows it")
	case err != nil:
		return internalError(err)
	}
	list, err := b.Lots(ctx, "")
	if err != nil {
		return internalError(err)
	}
	for i := range list {
		if list[i].ID == lot {
			return c.printLots(f, list[i:i+1])
		}
	}
	return nil
}

func newLedgerAdvice(c *cli) *cobra.Command {
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
		if err := required("--provider", provider, "name the provider to buy for"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			a, err := b.advice(ctx, provider, time.Now())
			switch {
			case err != nil:
				return internalError(err)
			case asJSON:
				c.out.JSON(a)
			default:
				_, _ = c.out.Write([]byte(a.Text(c.language()))) // the printer remembers the error
			}
			return nil
		})
	}
	return cmd
}

func (b *ledgerStore) advice(ctx context.Context, provider string, now time.Time) (forecast.Advice, error) {
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
func (c *cli) language() string {
	if c.lang == words.ZH {
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
func (b *ledgerStore) days(ctx context.Context, provider string, now time.Time, n int) ([]forecast.Day, error) {
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
