package assemble

import (
	"context"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/radar"
)

// watched returns a codec whose replies a radar looks at.
func (a *App) watched(provider string, c providers.Codec) providers.Codec {
	r := radar.New(provider)
	a.radars = append(a.radars, r)
	return r.Watch(c)
}

// restoreFindings tells the radars what they knew before a restart.
func (a *App) restoreFindings(ctx context.Context) error {
	stored, err := a.Store.Findings(ctx, "")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, r := range a.radars {
		r.Restore(stored)
	}
	return nil
}

// StoreFindings stores what vendors changed in their replies since the last call, and returns
// it. What cannot be stored is kept for the next call. Call it about every minute.
func (a *App) StoreFindings(ctx context.Context) (list []idv.Finding, err error) {
	for _, r := range a.radars {
		err = errors.Join(err, r.Flush(func(found []idv.Finding) error {
			failed := a.Store.AddFindings(ctx, found)
			if failed == nil {
				list = append(list, found...)
			}
			return failed
		}))
	}
	return list, err
}
