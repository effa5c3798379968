package sqlstore

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// filterProvider is the provider that a verification is filtered by: the one whose
// answer it gives or, without an answer, the last one that was called; "" if none was.
func filterProvider(v *idv.Verification) string {
	if len(v.Evidence) > 0 {
		return v.Evidence[0].Provider
	}
	if n := len(v.Attempts); n > 0 {
		return v.Attempts[n-1].Provider
	}
	return ""
}

// fillPieces is how many transactions of recoverySize rows one call of Recover spends on
// the filter columns, so that it returns in time to take up what a crash left.
const fillPieces = 40

// fillFilters fills the columns provider, app and purpose of verifications that a
// version without these columns wrote: before an upgrade, or during it on another node.
// Holds are written between two pieces. A row that was filled or deleted meanwhile is
// left alone.
func (s *Store) fillFilters(ctx context.Context) error {
	for range fillPieces {
		rows, err := list(ctx, s.backend, selectUnfilled, []any{int64(recoverySize)}, s.scanUnfilled)
		if err != nil || len(rows) == 0 {
			return err
		}
		err = s.writer.submit(ctx, &operation{need: func(*needs) {}, do: func(u *unit) error {
			u.writes = append(u.writes, rows...)
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// scanUnfilled returns the statement that fills a row. A row whose data cannot be read
// gets empty columns: it must not keep the others from being filled.
func (s *Store) scanUnfilled(r row) (statement, error) {
	var key store.Key
	var data string
	if err := r.Scan(&key.Tenant, &key.Key, &data); err != nil {
		return statement{}, err
	}
	v, err := decode(data)
	if err != nil {
		s.log.Warn("stored verification cannot be read", "verification", key.Key)
	}
	return statement{sql: fillVerification, args: []any{key.Tenant, key.Key, filterProvider(&v), v.App, v.Purpose}}, nil
}
