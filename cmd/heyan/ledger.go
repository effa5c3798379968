package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/forecast"
	"github.com/heyan-id/heyan/engine/store"
)

func newLedger(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "ledger", Short: "Manage packages, calls and costs, and reconcile the vendors' bills",
		Long: "Works on the ledger in the configured store, also while a daemon uses it. Calls no vendor and needs no vendor secret. Days and months are in UTC+8, as in the vendors' bills; times are RFC 3339, such as\n" +
			"2026-11-08T09:30:00+08:00.",
	})
	cmd.AddCommand(
		newLedgerLots(c), newLedgerBalance(c), newLedgerEntries(c), newLedgerHolds(c), newLedgerResolve(c),
		newLedgerUsage(c), newLedgerExport(c), newLedgerReconcile(c), newLedgerAdvice(c),
	)
	return cmd
}

// ledgerStore is the configured store with its configuration.
type ledgerStore struct {
	store.Store

	config config.Config
}

// storeAccess says whether a command may create the store.
type storeAccess bool

const (
	mustExist storeAccess = false // the store must exist
	mayCreate storeAccess = true  // the store is created if it does not exist
)

// withLedger opens the configured store for one command.
func (c *cli) withLedger(cmd *cobra.Command, path string, want storeAccess, do func(context.Context, *ledgerStore) error) (err error) {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if err := checkStore(loaded.Config.Store, want); err != nil {
		return err
	}
	ctx := cmd.Context()
	s, err := assemble.OpenStore(ctx, c.attached(loaded.Config))
	if err != nil {
		return c.storeError("--config: store: ", err)
	}
	defer func() { err = c.unavailable(internalError(errors.Join(err, s.Close()))) }()
	return do(ctx, &ledgerStore{s, loaded.Config})
}

// checkStore rejects a memory store, and a missing SQLite file unless the command may create
// it: the path is relative to the folder in which the daemon was started, so a new empty file
// elsewhere would look like a ledger without calls.
func checkStore(conf config.Store, want storeAccess) error {
	switch conf.Driver {
	case "memory":
		return configError("--config: store.driver: memory keeps no ledger after the process ends; use sqlite or postgres")
	case "sqlite":
		if _, err := os.Stat(strings.TrimPrefix(conf.DSN, "file:")); want == mustExist && errors.Is(err, os.ErrNotExist) {
			return configError("--config: store.dsn: no such file; start heyan in the folder in which the daemon is started, or create the ledger with `heyan ledger lots add`")
		}
	}
	return nil
}

// provider returns a configured provider by its name.
func (b *ledgerStore) provider(name string) (config.Provider, error) {
	var names []string
	for _, p := range b.config.Providers {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return config.Provider{}, usageError("--provider: not configured; the configured providers are %s", strings.Join(names, ", "))
}

// findLot returns the id of the package that --lot names.
func (b *ledgerStore) findLot(ctx context.Context, id string) (string, error) {
	list, err := b.Lots(ctx, "")
	if err != nil {
		return "", internalError(err)
	}
	found := store.FindLot(list, id)
	if found == "" {
		return "", unknownLot()
	}
	return found, nil
}

func unknownLot() error {
	return usageError("--lot: no package has this id; `heyan ledger lots list` lists them")
}

// finalFlag adds --final.
func finalFlag(cmd *cobra.Command, into *bool) {
	cmd.Flags().BoolVar(into, "final", false, "only entries before which none can appear later; on PostgreSQL without those of the last ten seconds")
}

// before returns a filter for the entries that are final, if only these are wanted.
func (b *ledgerStore) before(ctx context.Context, f ledger.Filter, final bool) (ledger.Filter, error) {
	if !final {
		return f, nil
	}
	f, _, err := store.OnlyFinal(ctx, b, f)
	return f, internalError(err)
}

// eachEntry calls each for every selected ledger entry, up to most entries, or for all if most
// is 0.
func (b *ledgerStore) eachEntry(ctx context.Context, f ledger.Filter, most int, each func(*ledger.Entry) error) error {
	return eachPage(most, func(p ledger.Page) ([]ledger.Entry, string, error) { return b.Entries(ctx, f, p) }, each)
}

// eachHold calls each for every selected hold.
func (b *ledgerStore) eachHold(ctx context.Context, f ledger.Filter, each func(*ledger.Hold) error, states ...ledger.State) error {
	return eachPage(0, func(p ledger.Page) ([]ledger.Hold, string, error) { return b.Holds(ctx, f, p, states...) }, each)
}

// eachPage reads a list page by page and calls each for every item.
func eachPage[T any](most int, read func(ledger.Page) ([]T, string, error), each func(*T) error) error {
	var p ledger.Page
	for left := most; ; left -= p.Limit {
		p.Limit = ledger.MaxPage
		if most > 0 {
			p.Limit = min(left, ledger.MaxPage)
		}
		list, next, err := read(p)
		if err != nil {
			return internalError(err)
		}
		for i := range list {
			if err := each(&list[i]); err != nil {
				return err
			}
		}
		if next == "" || most > 0 && left <= p.Limit {
			return nil
		}
		p.After = next
	}
}

// entryFilter holds the flags that select ledger entries.
type entryFilter struct {
	month, from, to string
	filter          ledger.Filter
}

// add adds the flags for the period and the cost centre.
func (s *entryFilter) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.month, "month", "", "only this month, such as 2026-11")
	s.addPeriod(cmd)
	cmd.Flags().StringVar(&s.filter.Provider, "provider", "", "only this provider")
	cmd.Flags().StringVar(&s.filter.App, "app", "", "only this app")
	cmd.Flags().StringVar(&s.filter.Purpose, "purpose", "", "only this purpose")
	cmd.Flags().StringVar((*string)(&s.filter.Tenant), "tenant", "", "only this tenant")
}

func (s *entryFilter) addPeriod(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "from this day or time")
	cmd.Flags().StringVar(&s.to, "to", "", "to this day inclusive, or to this time exclusive")
}

// parse returns the filter of the flags.
func (s *entryFilter) parse() (ledger.Filter, error) {
	f := s.filter
	if s.month != "" && (s.from != "" || s.to != "") {
		return f, usageError("--month: cannot be combined with --from and --to")
	}
	var err error
	if s.month != "" {
		if f.From, err = time.ParseInLocation("2006-01", s.month, idv.China()); err != nil {
			return f, usageError("--month: must be a month such as 2026-11")
		}
		f.To = f.From.AddDate(0, 1, 0)
		return f, nil
	}
	if f.From, err = dayStart("--from", s.from); err != nil {
		return f, err
	}
	if f.To, err = dayEnd("--to", s.to); err != nil {
		return f, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return f, usageError("--to: must be after --from")
	}
	return f, nil
}

// dayStart parses a time, or the start of a day. It returns the zero time for "".
func dayStart(flag, text string) (time.Time, error) {
	at, _, err := parseTime(flag, text)
	return at, err
}

// dayEnd parses a time, or the end of a day. It returns the zero time for "".
func dayEnd(flag, text string) (time.Time, error) {
	at, day, err := parseTime(flag, text)
	if day {
		at = at.AddDate(0, 0, 1)
	}
	return at, err
}

// parseTime parses a day in UTC+8 or an RFC 3339 time.
func parseTime(flag, text string) (at time.Time, day bool, err error) {
	if text == "" {
		return at, false, nil
	}
	if at, err = time.ParseInLocation(time.DateOnly, text, idv.China()); err == nil {
		return at.UTC(), true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), false, nil
	}
	return at, false, usageError("%s: must be a day such as 2026-11-08 (UTC+8) or a time such as 2026-11-08T09:30:00+08:00", flag)
}

// reasonFlag adds --reason.
func reasonFlag(cmd *cobra.Command, into *string, usage string) {
	cmd.Flags().StringVar(into, "reason", "", usage)
}

// required rejects an empty flag.
func required(flag, value, what string) error {
	if value == "" {
		return usageError("%s is missing: %s", flag, what)
	}
	return nil
}

// entryView is the JSON of a ledger entry: that of the API and the tenant, which the API omits.
type entryView struct {
	api.Entry

	Tenant idv.Tenant `json:"tenant,omitempty"`
}

func newLedgerEntries(c *cli) *cobra.Command {
	var path string
	var sel entryFilter
	var f outputFormat
	var limit int
	var final bool
	cmd := &cobra.Command{
		Use: "entries --config FILE", Short: "List the ledger entries, oldest first",
		Long: "Each entry moves units of a package between two accounts: bought, available, held, posted (charged), unknown and\n" +
			"written_off. Entries are never changed or deleted. Nodes commit entries side by side, so an entry may appear before others\n" +
			"that were listed already; --final lists only those before which none can appear.",
		Args: noArgs("use the flags to select entries"),
	}
	configFlag(cmd, &path)
	sel.add(cmd)
	finalFlag(cmd, &final)
	cmd.Flags().IntVar(&limit, "limit", 0, "the maximum number of entries; 0 means all")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := sel.parse()
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if limit < 0 {
			return usageError("--limit: must be 0 (all) or more")
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			filter, err := b.before(ctx, filter, final)
			if err != nil {
				return err
			}
			return c.printEntries(ctx, b, f, filter, limit)
		})
	}
	return cmd
}

func entryHeads() []string {
	return []string{
		"number 编号", "time 时间", "provider 供应商", "lot 套餐", "attempt 调用", "tenant 租户", "app 应用", "purpose 目的",
		"from 转出", "to 转入", "units 次数", "amount 金额", "currency 币种", "reason 原因",
	}
}

func entryCells(e *ledger.Entry) []csvfile.Cell {
	return []csvfile.Cell{
		csvfile.Text(e.Number()), csvfile.Time(e.At), csvfile.Text(e.Provider), csvfile.Text(e.Lot), csvfile.Text(e.Hold), csvfile.Text(e.Tenant), csvfile.Text(e.App),
		csvfile.Text(e.Purpose), csvfile.Text(e.From.String()), csvfile.Text(e.To.String()), csvfile.Int(e.Units), csvfile.Amount(e.Amount),
		csvfile.Text(e.Amount.Currency), csvfile.Text(e.Why),
	}
}

func viewEntry(e *ledger.Entry) entryView { return entryView{api.EntryOf(e), e.Tenant} }

func (c *cli) printEntries(ctx context.Context, b *ledgerStore, f outputFormat, filter ledger.Filter, limit int) error {
	out := c.listing(f, entryHeads()...)
	err := b.eachEntry(ctx, filter, limit, func(e *ledger.Entry) error { return out.line(viewEntry(e), entryCells(e)...) })
	if err != nil {
		return err
	}
	return out.end(idv.Text{EN: "no matching ledger entries", ZH: "没有符合条件的分录"}.In(c.lang))
}

// providerBalance is the JSON of a provider's balance: that of the API and a forecast.
type providerBalance struct {
	api.ProviderBalance

	PerDay   float64   `json:"per_day"`              // charged calls per day, the mean of the last seven days
	DaysLeft *float64  `json:"days_left,omitempty"`  // at that rate; omitted without use or without a package
	RunsOut  time.Time `json:"runs_out,omitzero"`    // at that rate
	Wasted   int64     `json:"will_expire,omitzero"` // units that expire before they are used
}

func newLedgerBalance(c *cli) *cobra.Command {
	var path, provider string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "balance --config FILE", Short: "Show the balance of the packages of each provider, with a forecast",
		Long: "Expired and canceled packages are omitted. Unbooked are the calls that were made without a package, at list price, before or\n" +
			"after a package was added. The days left assume the rate of the last seven days; a call with an unknown charge counts as\n" +
			"charged.",
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
			list, err := b.standings(ctx, provider, time.Now())
			if err != nil {
				return internalError(err)
			}
			return c.printBalances(f, list)
		})
	}
	return cmd
}

func (b *ledgerStore) standings(ctx context.Context, provider string, now time.Time) ([]providerBalance, error) {
	lots, err := b.Lots(ctx, provider)
	if err != nil {
		return nil, err
	}
	var list []providerBalance
	for _, s := range api.BalancesOf(lots, now) {
		days, err := b.days(ctx, s.Provider, now, week)
		if err != nil {
			return nil, err
		}
		left := unused(lots, s.Provider)
		a := forecast.Make(now, days, nil, left, forecast.Options{})
		one := providerBalance{ProviderBalance: s, PerDay: a.PerDay, RunsOut: a.RunsOut.Truncate(time.Second), Wasted: a.Wasted}
		if len(left) > 0 && a.DaysLeft >= 0 {
			one.DaysLeft = &a.DaysLeft
		} else {
			one.RunsOut, one.Wasted = time.Time{}, 0
		}
		list = append(list, one)
	}
	return list, nil
}

func (c *cli) printBalances(f outputFormat, list []providerBalance) error {
	out := c.listing(f, "provider 供应商", "lots 套餐数", "units 次数", "available 可用", "held 占用", "posted 已计费", "unknown 未知",
		"left 余额", "currency 币种", "unbooked 未入包", "unbooked_cost 未入包费用", "per_day 日均", "days_left 可用天数", "runs_out 预计用完", "will_expire 将过期")
	for _, s := range list {
		days := csvfile.Cell{}
		if s.DaysLeft != nil {
			days = csvfile.Fixed(*s.DaysLeft, 1)
		}
		expire := csvfile.Cell{}
		if s.Wasted > 0 {
			expire = csvfile.Int(s.Wasted)
		}
		unbooked, cost := csvfile.Cell{}, csvfile.Cell{}
		if s.Unbooked > 0 {
			unbooked, cost = csvfile.Int(s.Unbooked), csvfile.Number(s.Cost.Amount)
		}
		err := out.line(s, csvfile.Text(s.Provider), csvfile.Int(int64(s.Lots)), csvfile.Int(s.Units), csvfile.Int(s.Available), csvfile.Int(s.Held),
			csvfile.Int(s.Posted), csvfile.Int(s.Unknown), csvfile.Number(s.Left.Amount), csvfile.Text(s.Left.Currency), unbooked, cost, csvfile.Fixed(s.PerDay, 1),
			days, csvfile.Time(s.RunsOut), expire)
		if err != nil {
			return err
		}
	}
	return out.end(idv.Text{EN: "the ledger is empty: no packages, no calls", ZH: "账本为空：未登记套餐包，也没有调用"}.In(c.lang))
}
