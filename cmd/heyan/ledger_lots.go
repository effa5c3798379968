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
)

func newLedgerLots(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{Use: "lots", Short: "Book packages and see where their units are"})
	cmd.AddCommand(newLotsAdd(t), newLotsList(t), newLotsWriteOff(t))
	return cmd
}

// lotFlags are the flags of `heyan ledger lots add`.
type lotFlags struct {
	config, provider, amount, currency, id, bought, expires, note string
	units, packaged                                               int64
	form                                                          form
}

func newLotsAdd(t *tool) *cobra.Command {
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
	f.form.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.form.check(); err != nil {
			return err
		}
		return t.withBook(cmd, f.config, begin, func(ctx context.Context, b *book) error { return t.addLot(ctx, b, f) })
	}
	return cmd
}

func (t *tool) addLot(ctx context.Context, b *book, f lotFlags) error {
	l, err := b.lot(f)
	if err != nil {
		return err
	}
	switch err := b.AddLot(ctx, l); {
	case errors.Is(err, ledger.ErrDuplicate):
		return usage("--id: a package with this id is booked already; it was not booked again")
	case err != nil:
		return internal(err)
	}
	return t.printLots(f.form, []ledger.Balance{{Lot: l, Available: l.Units}})
}

// lot makes the package of the flags.
func (b *book) lot(f lotFlags) (ledger.Lot, error) {
	l := ledger.Lot{ID: f.id, Provider: f.provider, Note: f.note}
	if err := needed("--provider", f.provider, "name the provider that the package was bought for"); err != nil {
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
		return l, usage("--units, --amount, --bought, --expires, --id: %w", err)
	}
	return l, nil
}

// price returns units and price by the vendor's list or by the flags.
func (b *book) price(f lotFlags) (idv.Price, error) {
	switch {
	case f.packaged != 0 && (f.units != 0 || f.amount != ""):
		return idv.Price{}, usage("--package: give either it or --units and --amount")
	case f.packaged != 0:
		return b.listed(f.provider, f.packaged)
	case f.units <= 0:
		return idv.Price{}, usage("--units: say how many calls were bought, or name a package of the price list by --package")
	}
	micros, err := idv.ParseAmount(f.amount)
	if err != nil {
		return idv.Price{}, usage("--amount: %w", err)
	}
	if len(f.currency) != 3 || strings.ToUpper(f.currency) != f.currency {
		return idv.Price{}, usage("--currency: want a code of three capital letters, as CNY")
	}
	return idv.Price{Units: f.units, Total: idv.Money{Micros: micros, Currency: f.currency}}, nil
}

// listed finds a package in the vendor's price list.
func (b *book) listed(provider string, units int64) (idv.Price, error) {
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
	return idv.Price{}, usage("--package: the price list has no package of this size; it has %s; or give --units and --amount", strings.Join(sizes, ", "))
}

// prices returns the price list that a provider's adapter states.
func (b *book) prices(provider string) ([]idv.Price, error) {
	p, err := b.provider(provider)
	if err != nil {
		return nil, err
	}
	d, ok := assemble.Known(p)
	if !ok || len(d.Prices) == 0 {
		return nil, usage("--provider: its adapter is a plugin or states no prices, so there is no price list")
	}
	return d.Prices, nil
}

func (t *tool) printLots(f form, list []ledger.Balance) error {
	out := t.listing(f, "id 编号", "provider 供应商", "units 次数", "available 可用", "held 占用", "posted 已计费", "unknown 未知", "written_off 核销",
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
	return out.end(words.Text{EN: "no package is booked; `heyan ledger lots add` books one", ZH: "尚未登记套餐包；用 `heyan ledger lots add` 登记"}.In(t.lang))
}
