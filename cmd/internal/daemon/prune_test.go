package daemon

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// pruned records when and with which ages records are deleted.
type pruned struct {
	*memory.Store

	start time.Time
	at    []time.Duration
	keep  []store.Retention
}

func (p *pruned) Prune(_ context.Context, keep store.Retention) (store.Pruned, error) {
	p.at, p.keep = append(p.at, time.Since(p.start)), append(p.keep, keep)
	return store.Pruned{}, nil
}

// TestPruneAfterTheClockIsConfirmed: a store deletes nothing until its clock is confirmed, so
// the first deletion comes right after that and not an hour later.
func TestPruneAfterTheClockIsConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pruned{Store: memory.New(0), start: time.Now()}
		m := &maintenance{daemon: new(daemon), log: slog.New(slog.DiscardHandler)}
		g := &generation{app: &assemble.App{Store: p}}
		g.config.Policy.Retention = config.Retention{Verifications: 3 * time.Hour, Uncalled: 2 * time.Hour, Consents: time.Hour}
		m.current.Store(g)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()
		m.prune(ctx)
		first := store.SettleTime + time.Second
		if want := []time.Duration{0, first, first + time.Hour}; !slices.Equal(p.at, want) {
			t.Errorf("records are deleted at %v, want %v", p.at, want)
		}
		if want := (store.Retention{Verifications: 3 * time.Hour, Uncalled: 2 * time.Hour, Consents: time.Hour}); !reflect.DeepEqual(p.keep[0], want) {
			t.Errorf("the ages are %+v, want %+v", p.keep, want)
		}
	})
}

// TestPruneByTenant: a tenant with a retention of its own is left out of the general one, and
// has what it does not say from there.
func TestPruneByTenant(t *testing.T) {
	t.Parallel()
	p := &pruned{Store: memory.New(0), start: time.Now()}
	m := &maintenance{daemon: new(daemon), log: slog.New(slog.DiscardHandler)}
	m.current.Store(&generation{app: &assemble.App{Store: p}})
	c := config.Config{
		Policy:  config.Policy{Retention: config.Retention{Verifications: 3 * time.Hour, Consents: time.Hour}},
		Tenants: []config.Tenant{{Name: "acme", Retention: config.Retention{Verifications: time.Minute}}, {Name: "other"}},
	}
	if _, err := m.pruneOnce(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	want := []store.Retention{
		{Verifications: time.Minute, Consents: time.Hour, Tenant: "acme"}, {Verifications: 3 * time.Hour, Consents: time.Hour, Except: []idv.Tenant{"acme"}},
	}
	if !reflect.DeepEqual(p.keep, want) {
		t.Errorf("got %+v, want %+v", p.keep, want)
	}
}
