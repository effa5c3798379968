package sqlstore

import (
	"context"
	"time"
)

// entriesName is the name that every transaction with entries has, shared, before it reads the
// clock. So the transactions that may still commit entries can be told from others, such as a
// backup that runs for hours.
var entriesName = nameOf("entries")

// The distances of the horizon from the clock of the server.
const (
	// finalMargin allows for a clock that is set back.
	finalMargin = 10 * time.Second
	// hiddenMargin stands in for the begin of transactions of another role, which the server
	// shows to members of pg_read_all_stats only. It is longer than a transaction may take.
	hiddenMargin = maintenanceTime + 30*time.Second
)

// selectOldest selects the begin of the oldest transaction with entries, 0 if there is none, and
// whether the server hides that of some.
const selectOldest = `SELECT coalesce(CAST(extract(epoch FROM min(a.xact_start)) * 1000000 AS BIGINT), 0),
	coalesce(bool_or(a.backend_type IS NULL), FALSE) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
	CROSS JOIN (SELECT ($1::bigint # hashtextextended(current_schema(), 1751611769)) AS key) k
	WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND l.classid::bigint = (k.key >> 32) & 4294967295 AND l.objid::bigint = k.key & 4294967295`

// FinalUntil returns the time before which the entries are final. On PostgreSQL it is ten
// seconds ago, or the begin of the oldest transaction with entries. In a file one transaction
// follows the other, so what is committed is final.
func (s *Store) FinalUntil(ctx context.Context) (time.Time, error) {
	if s.backend.overlaps() {
		return s.oldestTransaction(ctx)
	}
	var until time.Time
	err := s.writer.submit(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
		until = u.earliest
		return nil
	}})
	return until, err
}

// oldestTransaction reads the clock first: a transaction that begins meanwhile has later entries.
func (s *Store) oldestTransaction(ctx context.Context) (until time.Time, err error) {
	var now, oldest int64
	var hidden bool
	if err := s.backend.read(ctx, statement{serverClock, nil, func(r row) error { return r.Scan(&now) }}); err != nil {
		return until, err
	}
	err = s.backend.read(ctx, statement{selectOldest, []any{entriesName}, func(r row) error { return r.Scan(&oldest, &hidden) }})
	until = timeOf(now).Add(-s.finalMargin)
	if hidden {
		until = timeOf(now).Add(-hiddenMargin)
	}
	if begin := timeOf(oldest); oldest > 0 && begin.Before(until) {
		until = begin
	}
	return until, err
}
