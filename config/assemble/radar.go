package assemble

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/providers/radar"
)

// radars look at the replies of providers. An app and its successors share them, so that what
// was learned of a product goes on. It is safe for concurrent use.
type radars struct {
	mu  sync.Mutex
	all map[watchedProduct]*radar.Radar
	new []*radar.Radar // that do not know yet what is stored
}

// watchedProduct is what the replies of a radar come from.
type watchedProduct struct{ provider, use, declared string }

// of returns the radar of a provider.
func (r *radars) of(p config.Provider) *radar.Radar {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := watchedProduct{p.Name, p.Use, p.Declared}
	one := r.all[key]
	if one == nil {
		one = radar.New(p.Name)
		if r.all == nil {
			r.all = map[watchedProduct]*radar.Radar{}
		}
		r.all[key] = one
		r.new = append(r.new, one)
	}
	return one
}

// restore tells new radars what is stored of their providers, as after a restart.
func (r *radars) restore(ctx context.Context, s store.Findings) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.new) == 0 {
		return nil
	}
	stored, err := s.Findings(ctx, "")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, one := range r.new {
		one.Restore(stored)
	}
	r.new = nil
	return nil
}

func (r *radars) list() []*radar.Radar {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.all))
}

// StoreFindings stores what vendors changed in their replies since the last call, and returns
// it, also that of the apps which a succeeded or which succeed it. What cannot be stored is
// kept for the next call. Call it about every minute.
func (a *App) StoreFindings(ctx context.Context) (list []idv.Finding, err error) {
	for _, r := range a.lasting.radars.list() {
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
