package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/forecast"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
	"github.com/heyan-id/heyan/engine/store"
)

func newLedger(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "ledger", Short: "Keep the book: packages, calls, what they cost, and the vendor's bill",
		Long: "Looks at the book of the configured store, also while a daemon works with it. No vendor is asked, no plugin is started and\n" +
			"no vendor's secret is needed. Days and months are those of the vendors' bills, UTC+8; a time is RFC 3339, as\n" +
			"2026-11-08T09:30:00+08:00.",
	})
	cmd.AddCommand(
		newLedgerLots(c), newLedgerBalance(c), newLedgerEntries(c), newLedgerHolds(c), newLedgerResolve(c),
		newLedgerUsage(c), newLedgerExport(c), newLedgerReconcile(c), newLedgerAdvice(c),
	)
	return cmd
}

// book is the store that a command looks at, and the configuration that names it.
type ledgerStore struct {
	store.Store

	config config.Config
}

// access is what a command wants of the book.
type storeAccess bool

const (
	mustExist storeAccess = false // there must be one
	mayCreate storeAccess = true  // one may be made
)

// withBook opens the configured book for a moment.
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

// hasBook refuses a store that nothing is kept in. A SQLite file that is not there is
// not made by a command that looks: its path is relative to the folder in which the
// daemon was started, and an empty book there would look like no calls at all.
func checkStore(conf config.Store, want storeAccess) error {
	switch conf.Driver {
	case "memory":
		return configError("--config: store.driver is memory: its book ends with the process that wrote it, so there is nothing to look at; use sqlite or postgres")
	case "sqlite":
		if _, err := os.Stat(strings.TrimPrefix(conf.DSN, "file:")); want == mustExist && errors.Is(err, os.ErrNotExist) {
			return configError("--config: store.dsn: there is no such file yet; start heyan in the folder in which the daemon is started, or book a package by `heyan ledger lots add`")
		}
	}
	return nil
}

// provider finds a configured provider.
func (b *ledgerStore) provider(name string) (config.Provider, error) {
	var names []string
	for _, p := range b.config.Providers {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return config.Provider{}, usageError("--provider: the configuration names no such provider; it names %s", strings.Join(names, ", "))
}

// eachEntry calls each for every line of the book that is chosen, at most most of
// them, or all if most is 0.
func (b *ledgerStore) eachEntry(ctx context.Context, f ledger.Filter, most int, each func(*ledger.Entry) error) error {
	return eachPage(most, func(p ledger.Page) ([]ledger.Entry, string, error) { return b.Entries(ctx, f, p) }, each)
}

// eachHold calls each for every call that is chosen.
func (b *ledgerStore) eachHold(ctx context.Context, f ledger.Filter, each func(*ledger.Hold) error, states ...ledger.State) error {
	return eachPage(0, func(p ledger.Page) ([]ledger.Hold, string, error) { return b.Holds(ctx, f, p, states...) }, each)
}

// eachPage walks a list to its end, a page in memory at a time.
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

// choice is the flags that choose lines of the book.
type entryFilter struct {
	month, from, to string
	filter          ledger.Filter
}

// add adds the flags of a period and of the cost centres.
func (s *entryFilter) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.month, "month", "", "only of this month, as 2026-11")
	s.addPeriod(cmd)
	cmd.Flags().StringVar(&s.filter.Provider, "provider", "", "only of this provider")
	cmd.Flags().StringVar(&s.filter.App, "app", "", "only of this app")
	cmd.Flags().StringVar(&s.filter.Purpose, "purpose", "", "only for this purpose")
	cmd.Flags().StringVar((*string)(&s.filter.Tenant), "tenant", "", "only of this tenant")
}

func (s *entryFilter) addPeriod(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "from this day or time on")
	cmd.Flags().StringVar(&s.to, "to", "", "to this day, itself included, or before this time")
}

// parse returns the filter that the flags mean.
func (s *entryFilter) parse() (ledger.Filter, error) {
	f := s.filter
	if s.month != "" && (s.from != "" || s.to != "") {
		return f, usageError("--month: give either it or --from and --to")
	}
	var err error
	if s.month != "" {
		if f.From, err = time.ParseInLocation("2006-01", s.month, reconcile.Shanghai()); err != nil {
			return f, usageError("--month: want a month as 2026-11")
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
		return f, usageError("--to: the period ends before it begins; swap --from and --to")
	}
	return f, nil
}

// dayStart reads a time, or a day and means its beginning; zero for "".
func dayStart(flag, text string) (time.Time, error) {
	at, _, err := parseTime(flag, text)
	return at, err
}

// dayEnd reads a time, or a day and means its end; zero for "".
func dayEnd(flag, text string) (time.Time, error) {
	at, day, err := parseTime(flag, text)
	if day {
		at = at.AddDate(0, 0, 1)
	}
	return at, err
}

// parseTime reads a day of the vendors' calendar or an instant.
func parseTime(flag, text string) (at time.Time, day bool, err error) {
	if text == "" {
		return at, false, nil
	}
	if at, err = time.ParseInLocation(time.DateOnly, text, reconcile.Shanghai()); err == nil {
		return at.UTC(), true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), false, nil
	}
	return at, false, usageError("%s: want a day as 2026-11-08 (UTC+8), or a time as 2026-11-08T09:30:00+08:00", flag)
}

// needed refuses an empty flag.
func required(flag, value, what string) error {
	if value == "" {
		return usageError("%s is missing: %s", flag, what)
	}
	return nil
}

// entryView is what the API shows of a line of the book, with the tenant, whom the
// API need not tell its own name.
type entryView struct {
	api.Entry

	Tenant idv.Tenant `json:"tenant,omitempty"`
}

func newLedgerEntries(c *cli) *cobra.Command {
	var path string
	var sel entryFilter
	var f outputFormat
	var limit int
	cmd := &cobra.Command{
		Use: "entries --config FILE", Short: "List the lines of the book, oldest first",
		Long: "Each line moves units of a package from one account to another: bought, available, held, posted (charged), unknown and\n" +
			"written_off. Lines are never changed and never deleted.",
		Args: noArgs("the flags choose the lines"),
	}
	configFlag(cmd, &path)
	sel.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many lines; all if it is 0")
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
			return usageError("--limit: want 0 for all, or more")
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.printEntries(ctx, b, f, filter, limit) })
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

func (c *cli) printEntries(ctx context.Context, b *ledgerStore, f outputFormat, filter ledger.Filter, limit int) error {
	out := c.listing(f, entryHeads()...)
	err := b.eachEntry(ctx, filter, limit, func(e *ledger.Entry) error { return out.line(viewEntry(e), entryCells(e)...) })
	if err != nil {
		return err
	}
	return out.end(words.Text{EN: "the book has no such lines", ZH: "账本中没有符合条件的分录"}.In(c.lang))
}

// standing is what the API says of a provider's packages, and how long they last.
type providerBalance struct {
	api.ProviderBalance

	PerDay   float64   `json:"per_day"`              // calls that cost a unit, the mean of the last seven days
	DaysLeft *float64  `json:"days_left,omitempty"`  // at that rate; left out if nothing was used or no package is booked
	RunsOut  time.Time `json:"runs_out,omitzero"`    // at that rate
	Wasted   int64     `json:"will_expire,omitzero"` // units that expire before they are used
}

func newLedgerBalance(c *cli) *cobra.Command {
	var path, provider string
	var f outputFormat
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
	return out.end(words.Text{EN: "the book is empty: no package is booked and no call was made", ZH: "账本为空：未登记套餐包，也没有调用"}.In(c.lang))
}
