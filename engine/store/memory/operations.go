package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// operations are the acts and orders of operators.
type operations struct {
	acts   []audit.Record
	head   audit.Head
	orders map[string]store.Order
	gap    *store.Gap
}

// acting runs a change under s.mu and records the act of the context, unless the change fails.
// An act that cannot be kept fails before the change.
func (s *Store) acting(ctx context.Context, now time.Time, do func() error) error {
	p := audit.From(ctx)
	if p != nil {
		if err := p.Check(); err != nil {
			return err
		}
	}
	if err := do(); err != nil || p == nil {
		return err
	}
	var r audit.Record
	r, s.head = audit.Append(p, s.head, p.Act, now)
	s.acts = append(s.acts, r)
	return nil
}

// Record records the act of the context.
func (s *Store) Record(ctx context.Context) error {
	if audit.From(ctx) == nil {
		return store.ErrNoAct
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acting(ctx, s.now(), func() error { return ctx.Err() })
}

// Acts returns the records of a tenant, or all.
func (s *Store) Acts(_ context.Context, tenant idv.Tenant, p ledger.Page) ([]audit.Record, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []audit.Record
	for _, r := range s.acts {
		if tenant == "" || r.Tenant == tenant {
			list = append(list, r)
		}
	}
	return page(list, p)
}

// AuditHead returns the end of the chain.
func (s *Store) AuditHead(context.Context) (audit.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head, nil
}

// SetOrder replaces the order for a provider.
func (s *Store) SetOrder(ctx context.Context, o store.Order) (store.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if err := o.Check(now); err != nil {
		return store.Order{}, err
	}
	o.At, o.Until = now.UTC().Truncate(time.Microsecond), o.Until.UTC().Truncate(time.Microsecond)
	err := s.acting(ctx, now, func() error {
		s.orders[o.Provider] = o
		return nil
	})
	return o, err
}

// Orders returns the orders by the names of the providers.
func (s *Store) Orders(context.Context) ([]store.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []store.Order
	for _, o := range s.orders {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b store.Order) int { return cmp.Compare(a.Provider, b.Provider) })
	return list, nil
}

// MarkGap opens or extends the gap.
func (s *Store) MarkGap(ctx context.Context, g store.Gap) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acting(ctx, s.now(), func() error {
		if s.gap != nil {
			g = g.Join(*s.gap)
		}
		s.gap = &g
		return nil
	})
}

// AcceptGap closes the gap.
func (s *Store) AcceptGap(ctx context.Context, g store.Gap) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acting(ctx, s.now(), func() error {
		if s.gap == nil || *s.gap != g {
			return store.ErrNoGap
		}
		s.gap = nil
		return nil
	})
}

// OpenGap returns the gap.
func (s *Store) OpenGap(context.Context) (store.Gap, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gap == nil {
		return store.Gap{}, false, nil
	}
	return *s.gap, true, nil
}
