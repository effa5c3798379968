package sqlstore

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

const (
	findingColumns = `provider, kind, version, path, type, code, n, first_at, last_at`
	selectFindings = `SELECT ` + findingColumns + ` FROM findings WHERE $1 = '' OR provider = $1`
	// A new row is bounded by the number of the provider's rows; a known one is always added to.
	upsertFinding = `INSERT INTO findings (` + findingColumns + `)
		SELECT $1, $2, $3, $4, $5, $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS BIGINT)
		WHERE (SELECT count(*) FROM findings WHERE provider = $1) < CAST($10 AS BIGINT) OR EXISTS
		(SELECT 1 FROM findings WHERE provider = $1 AND kind = $2 AND version = $3 AND path = $4 AND type = $5 AND code = $6)
		ON CONFLICT (provider, kind, version, path, type, code) DO UPDATE SET n = findings.n + excluded.n,
		first_at = CASE WHEN excluded.first_at < findings.first_at THEN excluded.first_at ELSE findings.first_at END,
		last_at = CASE WHEN excluded.last_at > findings.last_at THEN excluded.last_at ELSE findings.last_at END`
)

// AddFindings adds findings to those that are stored.
func (s *Store) AddFindings(ctx context.Context, list []idv.Finding) error {
	if len(list) == 0 {
		return nil
	}
	return s.admin(ctx, &operation{
		kind: maintenance, need: func(*needs) {},
		do: func(u *unit) error {
			for i := range list {
				if f := &list[i]; f.Storable() {
					u.writes = append(u.writes, addFinding(f))
				}
			}
			return nil
		},
	})
}

func addFinding(f *idv.Finding) statement {
	return statement{sql: upsertFinding, args: []any{
		f.Provider, string(f.Kind), f.Version, f.Path, f.Type, f.Code, f.Count, micros(f.First), micros(f.Last), int64(store.MaxFindings),
	}}
}

// Findings returns the findings of a provider, or of all.
func (s *Store) Findings(ctx context.Context, provider string) ([]idv.Finding, error) {
	if idv.CheckText(provider, idv.MaxName) != idv.TextFits {
		return nil, nil
	}
	all, err := list(ctx, s.backend, selectFindings, []any{provider}, scanFinding)
	idv.SortFindings(all)
	return all, err
}

func scanFinding(r row) (f idv.Finding, err error) {
	var kind string
	var first, last int64
	err = r.Scan(&f.Provider, &kind, &f.Version, &f.Path, &f.Type, &f.Code, &f.Count, &first, &last)
	f.Kind, f.First, f.Last = idv.FindingKind(kind), timeOf(first), timeOf(last)
	return f, err
}
