package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

func newLedger(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "ledger", Short: "Keep the book: packages, calls, what they cost, and the vendor's bill",
		Long: "Looks at the book of the configured store, also while a daemon works with it. No vendor is asked, no plugin is started and\n" +
			"no vendor's secret is needed. Days and months are those of the vendors' bills, UTC+8; a time is RFC 3339, as\n" +
			"2026-11-08T09:30:00+08:00.",
	})
	cmd.AddCommand(
		newLedgerLots(t), newLedgerBalance(t), newLedgerEntries(t), newLedgerHolds(t), newLedgerResolve(t),
		newLedgerUsage(t), newLedgerExport(t), newLedgerReconcile(t), newLedgerAdvice(t),
	)
	return cmd
}

// book is the store that a command looks at, and the configuration that names it.
type book struct {
	store.Store

	config config.Config
}

// access is what a command wants of the book.
type access bool

const (
	look  access = false // there must be one
	begin access = true  // one may be made
)

// withBook opens the configured book for a moment.
func (t *tool) withBook(cmd *cobra.Command, path string, want access, do func(context.Context, *book) error) (err error) {
	loaded, err := t.load(path)
	if err != nil {
		return err
	}
	if err := hasBook(loaded.Config.Store, want); err != nil {
		return err
	}
	ctx := cmd.Context()
	s, err := assemble.OpenStore(ctx, t.guest(loaded.Config))
	if err != nil {
		return t.opened("--config: store: ", err)
	}
	defer func() { err = t.away(internal(errors.Join(err, s.Close()))) }()
	return do(ctx, &book{s, loaded.Config})
}

// hasBook refuses a store that nothing is kept in. A SQLite file that is not there is
// not made by a command that looks: its path is relative to the folder in which the
// daemon was started, and an empty book there would look like no calls at all.
func hasBook(c config.Store, want access) error {
	switch c.Driver {
	case "memory":
		return setUp("--config: store.driver is memory: its book ends with the process that wrote it, so there is nothing to look at; use sqlite or postgres")
	case "sqlite":
		if _, err := os.Stat(strings.TrimPrefix(c.DSN, "file:")); want == look && errors.Is(err, os.ErrNotExist) {
			return setUp("--config: store.dsn: there is no such file yet; start heyan in the folder in which the daemon is started, or book a package by `heyan ledger lots add`")
		}
	}
	return nil
}

// provider finds a configured provider.
func (b *book) provider(name string) (config.Provider, error) {
	var names []string
	for _, p := range b.config.Providers {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return config.Provider{}, usage("--provider: the configuration names no such provider; it names %s", strings.Join(names, ", "))
}

// eachEntry calls each for every line of the book that is chosen, at most most of
// them, or all if most is 0.
func (b *book) eachEntry(ctx context.Context, f ledger.Filter, most int, each func(*ledger.Entry) error) error {
	return eachPage(most, func(p ledger.Page) ([]ledger.Entry, string, error) { return b.Entries(ctx, f, p) }, each)
}

// eachHold calls each for every call that is chosen.
func (b *book) eachHold(ctx context.Context, f ledger.Filter, each func(*ledger.Hold) error, states ...ledger.State) error {
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
			return internal(err)
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
