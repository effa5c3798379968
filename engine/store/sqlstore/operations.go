package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

const (
	auditColumns = `seq, at, tenant, principal, kind, target, reason, mac`
	selectActs   = `SELECT ` + auditColumns + ` FROM audit_records WHERE seq > $1 AND $2 = '' AND ($3 = '' OR tenant = $3)
		ORDER BY seq LIMIT $4`
	insertAct   = `INSERT INTO audit_records (` + auditColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	selectHead  = `SELECT seq, mac, proof FROM audit_head`
	replaceHead = `INSERT INTO audit_head (id, seq, mac, proof) VALUES (1, $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, proof = excluded.proof`

	orderColumns = `provider, kind, reason, principal, at, until_at`
	selectOrders = `SELECT ` + orderColumns + ` FROM provider_orders ORDER BY provider`
	replaceOrder = `INSERT INTO provider_orders (` + orderColumns + `) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (provider) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, principal = excluded.principal,
		at = excluded.at, until_at = excluded.until_at`

	selectGap  = `SELECT from_at, to_at FROM restore_gap`
	replaceGap = `INSERT INTO restore_gap (id, from_at, to_at) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at`
	deleteGap = `DELETE FROM restore_gap`
)

// act submits an operation and records the act of the context, if it has one, in the same
// transaction. One node at a time does that, so the chain has one order.
func (s *Store) act(ctx context.Context, submit func(context.Context, *operation) error, o *operation) error {
	p := audit.From(ctx)
	if p == nil {
		return submit(ctx, o)
	}
	if err := p.Check(); err != nil {
		return err
	}
	need, do := o.need, o.do
	o.need = func(n *needs) {
		need(n)
		n.audit = true
	}
	o.do = func(u *unit) error {
		if err := do(u); err != nil {
			return err
		}
		u.record(p)
		return nil
	}
	return submit(ctx, o)
}

// record appends an act to the chain.
func (u *unit) record(p *audit.Pending) {
	var r audit.Record
	r, u.audit = audit.Append(p, u.audit, p.Act, u.now)
	u.writes = append(u.writes,
		statement{sql: insertAct, args: []any{r.Seq, micros(r.At), r.Tenant, r.Principal, string(r.Kind), r.Target, r.Reason, r.MAC}},
		statement{sql: replaceHead, args: []any{u.audit.Seq, u.audit.MAC, u.audit.Proof}})
}

// readOperations reads the head of the audit log and the open gap.
func (u *unit) readOperations(n *needs) (list []statement) {
	if n.audit {
		list = append(list, statement{selectHead, nil, func(r row) (err error) {
			u.audit, err = scanHead(r)
			return err
		}})
	}
	if n.gap {
		list = append(list, statement{selectGap, nil, func(r row) error {
			g, err := scanGap(r)
			u.gap = &g
			return err
		}})
	}
	return list
}

// Record records the act of the context.
func (s *Store) Record(ctx context.Context) error {
	if audit.From(ctx) == nil {
		return store.ErrNoAct
	}
	return s.act(ctx, s.admin, &operation{need: func(*needs) {}, do: func(*unit) error { return nil }})
}

// Acts returns the records of a tenant, or all.
func (s *Store) Acts(ctx context.Context, tenant idv.Tenant, p ledger.Page) ([]audit.Record, string, error) {
	if idv.CheckText(string(tenant), idv.MaxName) != idv.TextFits {
		return nil, "", nil
	}
	place := func(r *audit.Record) string { return cursor(r.Seq, "") }
	return paged(tenant, p, place, func(args []any) ([]audit.Record, error) {
		return list(ctx, s.backend, selectActs, args, scanAct)
	})
}

func scanAct(r row) (a audit.Record, err error) {
	var at int64
	err = r.Scan(&a.Seq, &at, &a.Tenant, &a.Principal, &a.Kind, &a.Target, &a.Reason, &a.MAC)
	a.At = timeOf(at)
	return a, err
}

// AuditHead returns the end of the chain.
func (s *Store) AuditHead(ctx context.Context) (audit.Head, error) {
	found, err := list(ctx, s.backend, selectHead, nil, scanHead)
	if err != nil || len(found) == 0 {
		return audit.Head{}, err
	}
	return found[0], nil
}

func scanHead(r row) (h audit.Head, err error) {
	err = r.Scan(&h.Seq, &h.MAC, &h.Proof)
	return h, err
}

// SetOrder replaces the order for a provider.
func (s *Store) SetOrder(ctx context.Context, o store.Order) (store.Order, error) {
	o.Until = o.Until.UTC().Truncate(time.Microsecond)
	var set store.Order
	err := s.act(ctx, s.admin, &operation{
		need: func(*needs) {},
		do: func(u *unit) error {
			if err := o.Check(u.now); err != nil {
				return err
			}
			set = o
			set.At = u.now.UTC()
			u.writes = append(u.writes, setOrder(&set))
			return nil
		},
	})
	if err != nil {
		return store.Order{}, err
	}
	return set, nil
}

func setOrder(o *store.Order) statement {
	return statement{sql: replaceOrder, args: []any{o.Provider, string(o.Kind), o.Reason, o.Principal, micros(o.At), micros(o.Until)}}
}

// Orders returns the orders by the names of the providers.
func (s *Store) Orders(ctx context.Context) ([]store.Order, error) {
	return list(ctx, s.backend, selectOrders, nil, func(r row) (o store.Order, err error) {
		var at, until int64
		err = r.Scan(&o.Provider, &o.Kind, &o.Reason, &o.Principal, &at, &until)
		o.At, o.Until = timeOf(at), timeOf(until)
		return o, err
	})
}

// MarkGap opens or extends the gap.
func (s *Store) MarkGap(ctx context.Context, g store.Gap) error {
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { n.gap = true },
		do: func(u *unit) error {
			wide := g
			if u.gap != nil {
				wide = wide.Join(*u.gap)
			}
			u.gap = &wide
			u.writes = append(u.writes, statement{sql: replaceGap, args: []any{micros(wide.From), micros(wide.To)}})
			return nil
		},
	})
}

// AcceptGap closes the gap.
func (s *Store) AcceptGap(ctx context.Context, g store.Gap) error {
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { n.gap = true },
		do: func(u *unit) error {
			if u.gap == nil || *u.gap != g {
				return store.ErrNoGap
			}
			u.gap = nil
			u.writes = append(u.writes, statement{sql: deleteGap})
			return nil
		},
	})
}

// OpenGap returns the gap.
func (s *Store) OpenGap(ctx context.Context) (store.Gap, bool, error) {
	found, err := list(ctx, s.backend, selectGap, nil, scanGap)
	if err != nil || len(found) == 0 {
		return store.Gap{}, false, err
	}
	return found[0], true, nil
}

func scanGap(r row) (g store.Gap, err error) {
	var from, to int64
	err = r.Scan(&from, &to)
	return store.Gap{From: timeOf(from), To: timeOf(to)}, err
}
