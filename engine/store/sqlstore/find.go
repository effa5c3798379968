package sqlstore

import (
	"context"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

const (
	selectFound = `SELECT ` + verificationColumns + ` FROM verifications WHERE tenant = $1 AND created_at >= $2 AND (created_at, id) < ($3, $4)
		AND ($5 = '' OR reason = $5) AND ($6 = '' OR provider = $6)`
	orderFound = ` ORDER BY created_at DESC, id DESC LIMIT $7`
)

// FindVerifications returns the verifications that a filter selects, newest first.
func (s *Store) FindVerifications(ctx context.Context, f store.VerificationFilter, p ledger.Page) ([]idv.Verification, string, error) {
	before, err := startOf(to(f.To), p.After)
	if err != nil || !f.Stored() {
		return nil, "", err
	}
	sql, args := selectFound, []any{f.Tenant, from(f.From), before.At, before.ID, f.Reason, f.Provider, int64(p.Size() + 1)}
	if len(f.Verdicts) > 0 { // in the text, as the states of holds
		words := make([]string, len(f.Verdicts))
		for i, v := range f.Verdicts {
			words[i] = "'" + v.String() + "'"
		}
		sql += " AND verdict IN (" + strings.Join(words, ", ") + ")"
	}
	sql, args = inApps(sql, args, f.Apps)
	all, err := list(ctx, s.backend, sql+orderFound, args, scanVerification)
	if err != nil || len(all) <= p.Size() {
		return all, "", err
	}
	all = all[:p.Size()]
	last := &all[len(all)-1]
	return all, store.PositionOf(last.CreatedAt, last.ID).String(), nil
}

// inApps adds the condition on apps to a statement.
func inApps(sql string, args []any, apps []string) (string, []any) {
	if len(apps) == 0 {
		return sql, args
	}
	text, args := places(args, apps)
	return sql + " AND app IN (" + text + ")", args
}

// startOf returns the position before which a page begins: that of the cursor, or before a
// time.
func startOf(before int64, cursor string) (store.Position, error) {
	if cursor == "" {
		return store.Position{At: before}, nil
	}
	return store.ParsePosition(cursor)
}
