package store

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
)

// FinalEntries is Entries for a reader that follows the ledger: it returns only entries that
// are final, and the time before which they are. next is the cursor behind them, on the last
// page too, and "" on an empty page. A reader that goes on with the last next that it got
// receives each entry once, whatever the nodes write meanwhile.
func FinalEntries(ctx context.Context, s Accounts, f ledger.Filter, p ledger.Page) (list []ledger.Entry, next string, until time.Time, err error) {
	f, until, err = OnlyFinal(ctx, s, f) // before the entries are read
	if err != nil {
		return nil, "", until, err
	}
	p.Follow = true
	list, next, err = s.Entries(ctx, f, p)
	return list, next, until, err
}

// OnlyFinal returns a filter that leaves out the entries that are not final yet, and the time
// before which they are.
func OnlyFinal(ctx context.Context, s Accounts, f ledger.Filter) (ledger.Filter, time.Time, error) {
	until, err := s.FinalUntil(ctx)
	if f.To.IsZero() || until.Before(f.To) {
		f.To = until
	}
	return f, until, err
}
