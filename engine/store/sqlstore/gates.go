package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

const (
	selectGates = `SELECT account, name, reason, until_at, node, credentials, version FROM gate_facts ORDER BY account DESC, name`
	replaceGate = `INSERT INTO gate_facts (account, name, reason, until_at, node, credentials, version) VALUES ($1, $2, $3, $4, $5, $6, 1)
		ON CONFLICT (account, name) DO UPDATE SET reason = excluded.reason, until_at = excluded.until_at, node = excluded.node,
		credentials = excluded.credentials, version = gate_facts.version + 1`
)

// ReportGate replaces the fact about a gate.
func (s *Store) ReportGate(ctx context.Context, f store.GateFact) error {
	if err := f.Check(); err != nil {
		return err
	}
	return s.admin(ctx, &operation{
		need: func(*needs) {},
		do: func(u *unit) error {
			u.writes = append(u.writes, setGate(&f))
			u.report(store.Change{Topic: store.TopicGates, ID: f.Name})
			return nil
		},
	})
}

func setGate(f *store.GateFact) statement {
	account := int64(0)
	if f.Account {
		account = 1
	}
	return statement{sql: replaceGate, args: []any{account, f.Name, string(f.Reason), micros(f.Until.Truncate(time.Microsecond)), f.Node, f.Credentials}}
}

// GateFacts returns the facts about all gates.
func (s *Store) GateFacts(ctx context.Context) ([]store.GateFact, error) {
	return list(ctx, s.backend, selectGates, nil, func(r row) (f store.GateFact, err error) {
		var account, until int64
		err = r.Scan(&account, &f.Name, &f.Reason, &until, &f.Node, &f.Credentials, &f.Version)
		f.Account, f.Until = account == 1, timeOf(until)
		return f, err
	})
}
