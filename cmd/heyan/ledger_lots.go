package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
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
	"github.com/heyan-id/heyan/policy/audit"
)

func newLedgerLots(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "lots", Short: "Add, list, cancel and write off packages"})
	cmd.AddCommand(newLotsAdd(c), newLotsList(c), newLotsCancel(c), newLotsWriteOff(c), newLotsSpread(c))
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
		Short: "Add a package that was bought",
		Long: "Once a provider has a package, it is called only while a package has units left. heyan cannot detect a package that is\n" +
			"added twice; use --id with a unique value, such as the order number, to prevent that. Spaces around it, invisible\n" +
			"characters and full-width forms make no difference. All amounts of a ledger have one currency, that of the first package.\n" +
			"`heyan ledger lots cancel` takes back a package that was added by mistake.",
		Args: noArgs("use the flags to describe the package"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringVar(&f.provider, "provider", "", "the configured provider")
	flags.Int64Var(&f.packaged, "package", 0, "a package of the vendor's price list, by its number of units; sets units and amount")
	flags.Int64Var(&f.units, "units", 0, "the number of units (calls) bought")
	flags.StringVar(&f.amount, "amount", "", "the total price, such as 69.00")
	flags.StringVar(&f.currency, "currency", idv.CNY, "the currency of the amount (ISO 4217)")
	flags.StringVar(&f.id, "id", "", "a unique id, such as the vendor's order number (default generated)")
	flags.StringVar(&f.bought, "bought", "", "the day or time of purchase (default now)")
	flags.StringVar(&f.expires, "expires", "", "the last day of validity, or the time of expiry (default never)")
	flags.StringVar(&f.note, "note", "", "a note such as an invoice number; no personal data")
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
	l, err := b.lot(ctx, f)
	if err != nil {
		return err
	}
	if ctx, err = b.acting(ctx, c, audit.LotAdd, l.ID, ""); err != nil {
		return err
	}
	err = b.AddLot(ctx, l)
	var taken *ledger.LotError
	var currency *ledger.CurrencyError
	switch {
	case errors.As(err, &taken):
		return usageError("--id: %s; nothing was added", takenText(&taken.Lot))
	case errors.As(err, &currency):
		return usageError("--currency: %w", currency)
	case err != nil:
		return internalError(err)
	}
	return c.printLot(ctx, b, f.format, l.ID)
}

// takenText says which package has an id.
func takenText(l *ledger.Lot) string {
	text := fmt.Sprintf("a package with this id exists already: %s of %s for %s", idv.Count(l.Units, "call"), l.Provider, l.Total)
	if !l.Booked.IsZero() {
		text += ", added on " + ledger.VendorTime(l.Booked).Format(time.DateTime)
	}
	if !l.Canceled.IsZero() {
		text += ", canceled on " + ledger.VendorTime(l.Canceled).Format(time.DateTime) + "; add the right one under an id of its own, such as " + l.ID + "-2"
	}
	return text
}

// printLot prints one package as it stands in the ledger.
func (c *cli) printLot(ctx context.Context, b *ledgerStore, f outputFormat, id string) error {
	list, err := b.Lots(ctx, "")
	if err != nil {
		return internalError(err)
	}
	return c.printLots(f, slices.DeleteFunc(list, func(l ledger.Balance) bool { return l.ID != id }))
}

// lot builds the package from the flags.
func (b *ledgerStore) lot(ctx context.Context, f lotFlags) (ledger.Lot, error) {
	l := ledger.Lot{ID: f.id, Provider: f.provider, Note: f.note}
	if err := required("--provider", f.provider, "name the provider of the package"); err != nil {
		return l, err
	}
	if _, err := b.provider(f.provider); err != nil {
		return l, err
	}
	price, err := b.price(ctx, f)
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

// price returns units and price from the vendor's price list or from the flags.
func (b *ledgerStore) price(ctx context.Context, f lotFlags) (idv.Price, error) {
	switch {
	case f.packaged != 0 && (f.units != 0 || f.amount != ""):
		return idv.Price{}, usageError("--package: cannot be combined with --units and --amount")
	case f.packaged != 0:
		return b.listed(ctx, f.provider, f.packaged)
	case f.units <= 0:
		return idv.Price{}, usageError("--units: must be at least 1; or use --package for a package of the price list")
	}
	micros, err := idv.ParseAmount(f.amount)
	if err != nil {
		return idv.Price{}, usageError("--amount: %w", err)
	}
	currency, err := ledger.ParseCurrency(f.currency)
	if err != nil {
		return idv.Price{}, usageError("--currency: %w", err)
	}
	return idv.Price{Units: f.units, Total: idv.Money{Micros: micros, Currency: currency}}, nil
}

// listed returns a package of the vendor's price list.
func (b *ledgerStore) listed(ctx context.Context, provider string, units int64) (idv.Price, error) {
	prices, err := b.prices(ctx, provider)
	if err != nil {
		return idv.Price{}, err
	}
	if i := slices.IndexFunc(prices.skipped, func(p idv.Price) bool { return p.Units == units }); i >= 0 {
		return idv.Price{}, usageError("--package: %s", prices.remedy(prices.skipped[i:i+1]).In(words.EN))
	}
	var sizes []string
	for _, p := range prices.offered {
		if p.Units == units {
			return p, nil
		}
		sizes = append(sizes, fmt.Sprint(p.Units))
	}
	return idv.Price{}, usageError("--package: not in the price list; the packages are %s; or use --units and --amount", strings.Join(sizes, ", "))
}

// priceList is the price list of an adapter, of which a ledger can book the packages in its
// currency only.
type priceList struct {
	currency         string // of the ledger, or else of the provider's calls
	offered, skipped []idv.Price
}

// remedy says why packages cannot be booked, and what can be.
func (l priceList) remedy(skipped []idv.Price) idv.Text {
	var en, zh []string
	for _, p := range skipped {
		en = append(en, idv.Count(p.Units, "call")+" for "+p.Total.String())
		zh = append(zh, fmt.Sprintf("%d 次 %s", p.Units, p.Total))
	}
	return idv.Text{
		EN: "not offered: " + strings.Join(en, ", ") + "; the ledger is kept in " + l.currency + ", so add a package with --units and --amount, converted at the rate of the payment",
		ZH: "未列入：" + strings.Join(zh, "、") + "；账本以 " + l.currency + " 计价，请按支付汇率换算后用 --units 和 --amount 登记套餐包",
	}
}

// prices returns the price list of a provider's adapter. A plugin is started for it.
func (b *ledgerStore) prices(ctx context.Context, provider string) (priceList, error) {
	p, err := b.provider(provider)
	if err != nil {
		return priceList{}, err
	}
	d, _, err := assemble.Describe(ctx, p)
	if err != nil {
		return priceList{}, configError("--provider: its price list cannot be read: %w", err)
	}
	if len(d.Prices) == 0 {
		return priceList{}, usageError("--provider: the adapter has no price list; use --units and --amount")
	}
	lots, err := b.Lots(ctx, "")
	if err != nil {
		return priceList{}, internalError(err)
	}
	list := priceList{currency: cmp.Or(ledger.CurrencyOf(lots), p.Price.Of(d).Currency)}
	for _, one := range d.Prices {
		if one.Total.Currency == list.currency {
			list.offered = append(list.offered, one)
		} else {
			list.skipped = append(list.skipped, one)
		}
	}
	if len(list.offered) == 0 {
		return priceList{}, usageError("--provider: no package of its price list can be booked; %s", list.remedy(list.skipped).In(words.EN))
	}
	return list, nil
}

func (c *cli) printLots(f outputFormat, list []ledger.Balance) error {
	out := c.listing(f, "id 编号", "provider 供应商", "units 次数", "available 可用", "held 占用", "posted 已计费", "unknown 未知", "written_off 核销",
		"total 总价", "price 单价", "currency 币种", "bought 购买时间", "expires 到期时间", "canceled 撤销时间", "note 备注")
	for i := range list {
		l := &list[i]
		price := l.Price()
		err := out.line(api.LotOf(l), csvfile.Text(l.ID), csvfile.Text(l.Provider), csvfile.Int(l.Units), csvfile.Int(l.Available), csvfile.Int(l.Held),
			csvfile.Int(l.Posted), csvfile.Int(l.Unknown), csvfile.Int(l.WrittenOff), csvfile.Amount(l.Total), csvfile.Amount(price), csvfile.Text(price.Currency),
			csvfile.Time(l.Bought), csvfile.Time(l.Expires), csvfile.Time(l.Canceled), csvfile.Text(l.Note))
		if err != nil {
			return err
		}
	}
	return out.end(idv.Text{EN: "no packages; add one with `heyan ledger lots add`", ZH: "尚未登记套餐包；可用 `heyan ledger lots add` 登记"}.In(c.lang))
}

func newLotsList(c *cli) *cobra.Command {
	var path, provider string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the packages in the order of use, with their units by account",
		Long: "A row whose id starts with open: is not a package. It counts, at list price, the calls of a provider without a package.",
		Args: noArgs("use --provider"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "only this provider")
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
		Use: "write-off --config FILE --lot ID --units UNITS --reason TEXT", Short: "Write off available units of a package",
		Long: "For units that the vendor removed or that were used without heyan. It cannot be undone. The daemon writes off expired\n" +
			"packages itself.",
		Args: noArgs("use --lot"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&lot, "lot", "", "the id of the package")
	cmd.Flags().Int64Var(&units, "units", 0, "the number of units")
	reasonFlag(cmd, &why, "the reason, recorded in the ledger; no personal data")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if err := required("--lot", lot, "`heyan ledger lots list` lists the ids"); err != nil {
			return err
		}
		if err := required("--reason", why, "say why the units are written off; it is recorded in the ledger"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.writeOff(ctx, b, f, lot, units, why) })
	}
	return cmd
}

func (c *cli) writeOff(ctx context.Context, b *ledgerStore, f outputFormat, id string, units int64, why string) error {
	lot, err := b.findLot(ctx, id)
	if err != nil {
		return err
	}
	if ctx, err = b.acting(ctx, c, audit.LotWriteOff, lot, why); err != nil {
		return err
	}
	switch err := b.WriteOff(ctx, lot, units, why); {
	case errors.Is(err, audit.ErrPersonal):
		return reasonRefused(err)
	case errors.Is(err, ledger.ErrTooFew):
		return usageError("--units: must be from 1 to the available units of the package; `heyan ledger lots list` shows them")
	case err != nil:
		return internalError(err)
	}
	return c.printLot(ctx, b, f, lot)
}

func newLotsCancel(c *cli) *cobra.Command {
	var path, lot, why string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "cancel --config FILE --lot ID --reason TEXT", Short: "Cancel a package that was added by mistake",
		Long: "Takes back the available units of a package, and every unit that returns to it later. What was used of it stays in the\n" +
			"ledger at its price. If the provider has no other package, its calls are then counted at list price. It cannot be undone.",
		Args: noArgs("use --lot"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&lot, "lot", "", "the id of the package")
	reasonFlag(cmd, &why, "the reason, recorded in the ledger; no personal data")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if err := required("--lot", lot, "`heyan ledger lots list` lists the ids"); err != nil {
			return err
		}
		if err := required("--reason", why, "say why the package is canceled; it is recorded in the ledger"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.cancelLot(ctx, b, f, lot, why) })
	}
	return cmd
}

func (c *cli) cancelLot(ctx context.Context, b *ledgerStore, f outputFormat, id, why string) error {
	lot, err := b.findLot(ctx, id)
	if err != nil {
		return err
	}
	if ctx, err = b.acting(ctx, c, audit.LotCancel, lot, why); err != nil {
		return err
	}
	err = b.CancelLot(ctx, lot, why)
	var canceled *ledger.LotError
	switch {
	case errors.Is(err, audit.ErrPersonal):
		return reasonRefused(err)
	case errors.As(err, &canceled):
		return usageError("--lot: the package was canceled on %s already", ledger.VendorTime(canceled.Lot.Canceled).Format(time.DateTime))
	case errors.Is(err, ledger.ErrNoLot):
		return unknownLot()
	case errors.Is(err, ledger.ErrTooFew):
		return usageError("--lot: no unit of the package is left to take back; what was used stays in the ledger")
	case err != nil:
		return internalError(err)
	}
	return c.printLot(ctx, b, f, lot)
}

func newLedgerAdvice(c *cli) *cobra.Command {
	var path, provider string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "advice --config FILE --provider NAME", Short: "Recommend the next package to buy, and when",
		Long: "Compares the vendor's price list with the use of the last 28 days: the cost of each package per call and per verdict, how\n" +
			"long it would last, and the number of calls from which the next larger package is cheaper. Recommends none while the\n" +
			"calls that are left last longer than a month. Starts a plugin to read its price list.",
		Args: noArgs("use --provider"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "the configured provider")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := required("--provider", provider, "name the provider"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			a, prices, err := b.advice(ctx, provider, time.Now())
			if err != nil {
				return internalError(err)
			}
			if len(prices.skipped) > 0 {
				c.notef("%s", prices.remedy(prices.skipped).In(c.lang))
			}
			if asJSON {
				c.out.JSON(a)
				return nil
			}
			_, _ = c.out.Write([]byte(a.Text(c.language()))) // the printer keeps the error
			return nil
		})
	}
	return cmd
}

func (b *ledgerStore) advice(ctx context.Context, provider string, now time.Time) (forecast.Advice, priceList, error) {
	prices, err := b.prices(ctx, provider)
	if err != nil {
		return forecast.Advice{}, prices, err
	}
	lots, err := b.Lots(ctx, provider)
	if err != nil {
		return forecast.Advice{}, prices, err
	}
	days, err := b.days(ctx, provider, now, month)
	if err != nil {
		return forecast.Advice{}, prices, err
	}
	return forecast.Make(ledger.VendorTime(now), days, prices.offered, unused(lots, provider), forecast.Options{}), prices, nil
}

// language returns the language in the form that the ledger packages use.
func (c *cli) language() string {
	if c.lang == words.ZH {
		return "zh"
	}
	return "en"
}

// week and month are the periods of forecasts, in days.
const (
	week  = 7
	month = 28
)

// days counts the charged calls and verdicts of a provider on each of the last n days. A day is
// a span of 24 hours; the last one ends now.
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

// isVerdict reports whether an outcome in the ledger is a verdict.
func isVerdict(outcome string) bool {
	var v idv.Verdict
	return v.UnmarshalText([]byte(outcome)) == nil && v != idv.Undetermined
}

// unused returns the available units of a provider's packages.
func unused(lots []ledger.Balance, provider string) []forecast.Lot {
	var list []forecast.Lot
	for i := range lots {
		if l := &lots[i]; l.Provider == provider && !l.Open {
			list = append(list, forecast.Lot{Left: l.Available, Expires: l.Expires})
		}
	}
	return list
}
