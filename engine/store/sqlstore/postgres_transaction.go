package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DefaultRows is the number of rows of a lot. A transaction has one of them, or some at a lot's end, so a
// lot needs more rows than there are nodes that draw on it at once. With one row, one node at
// a time draws on the lot.
const DefaultRows = 16

// pgTransaction needs two round trips: BEGIN goes with the first statements, COMMIT with the
// last.
type pgTransaction struct {
	*postgres

	conn     *pgxpool.Conn
	workload workload
	begun    bool
}

func (t *pgTransaction) run(ctx context.Context, list []statement) error {
	var b pgx.Batch
	t.queue(&b, list)
	return t.conn.SendBatch(ctx, &b).Close()
}

// queue adds statements to a batch, and what begins the transaction before the first of them.
func (t *pgTransaction) queue(b *pgx.Batch, list []statement) {
	if !t.begun {
		t.begun = true
		b.Queue("BEGIN")
		if t.workload == counts {
			b.Queue("SET LOCAL synchronous_commit TO off")
		}
	}
	skip := "SKIP LOCKED"
	if t.workload == admin {
		skip = "" // it waits
	}
	for _, s := range merge(slices.DeleteFunc(list, func(s statement) bool { return s.matchless() }), t.forms) {
		q := b.Queue(onPostgres(s.sql, skip), s.args...)
		if s.each != nil {
			q.Query(func(rows pgx.Rows) error { return eachPgRow(rows, nil, s.each) })
		}
	}
}

// onPostgres completes a statement: skip is said of the rows of calls. What is deleted because of
// its age leaves out the rows that another transaction has, so that the two never wait for each
// other, and the next deletion finds them.
func onPostgres(sql, skip string) string {
	return strings.NewReplacer("{skip}", skip, freeRows, "FOR UPDATE SKIP LOCKED").Replace(sql)
}

// divides is true: other nodes, and other workloads of this one, have transactions meanwhile.
func (t *pgTransaction) divides() bool { return true }

func (t *pgTransaction) newRows() int { return t.lotRows }

// The keys of locks are those of the schema, since one database may have several stores.
const (
	wantedNames = ` FROM unnest($1::bigint[], $2::boolean[]) AS t(key, shared)`
	nameKey     = `key # hashtextextended(current_schema(), 1751611769)`
	tryNames    = `SELECT key` + wantedNames + ` WHERE NOT CASE WHEN shared
		THEN pg_try_advisory_xact_lock_shared(` + nameKey + `) ELSE pg_try_advisory_xact_lock(` + nameKey + `) END`
	// The names are sorted, so two transactions that wait for names do not wait for each other.
	waitForNames = `SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(` + nameKey + `) ELSE pg_advisory_xact_lock(` + nameKey + `) END` + wantedNames
)

// lock waits, except for calls.
func (t *pgTransaction) lock(n *needs, taken map[int64]bool) []statement {
	names := n.names()
	if len(names) == 0 {
		return nil
	}
	keys, shared := make([]int64, len(names)), make([]bool, len(names))
	for i, n := range names {
		keys[i], shared[i] = n.key, n.shared
	}
	if t.workload != calls {
		return []statement{{sql: waitForNames, args: []any{keys, shared}}}
	}
	return []statement{{tryNames, []any{keys, shared}, func(r row) error {
		var key int64
		err := r.Scan(&key)
		taken[key] = true
		return err
	}}}
}

const (
	lockWhole = `SELECT ` + rowColumns + ` FROM lot_rows WHERE lot = ANY($1::text[]) OR lot IN
		(SELECT id FROM lots WHERE provider = ANY($2::text[]) AND open = 0 AND canceled_at = 0 AND expires_at > 0) ORDER BY lot, n FOR UPDATE`
	// The richest row of each lot, so that the rows stay level.
	lockRows = `SELECT r.* FROM (
			SELECT id, FALSE AS draws FROM lots WHERE id = ANY($2::text[]) OR id IN (SELECT h.lot FROM unnest($3::text[]) AS k(id) JOIN holds h ON h.attempt = k.id)
			UNION ALL SELECT id, open = 0 FROM lots l WHERE provider = ANY($1::text[]) AND canceled_at = 0 AND id <> ALL($2::text[])
			AND (open = 0 OR NOT EXISTS (SELECT 1 FROM lots p WHERE p.provider = l.provider AND p.open = 0 AND p.canceled_at = 0))
		) AS l CROSS JOIN LATERAL (
			SELECT ` + rowColumns + ` FROM lot_rows WHERE lot = l.id AND (available > 0 OR NOT draws)
			ORDER BY available DESC, n LIMIT 1 FOR UPDATE SKIP LOCKED
		) AS r`
	lockMore = `SELECT ` + rowColumns + ` FROM lot_rows WHERE lot = $1 AND n <> ALL($2::bigint[]) AND available > 0
		ORDER BY available DESC, n LIMIT $3 FOR UPDATE SKIP LOCKED`
	selectElsewhere = `SELECT DISTINCT l.provider FROM lots l JOIN lot_rows r ON r.lot = l.id WHERE l.provider = ANY($1::text[]) AND l.open = 0
		AND l.canceled_at = 0 AND (l.expires_at = 0 OR l.expires_at > $2) AND r.available > 0
		AND NOT EXISTS (SELECT 1 FROM unnest($3::text[], $4::bigint[]) AS h(lot, n) WHERE h.lot = r.lot AND h.n = r.n)`
)

func (t *pgTransaction) rows(n *lotNeeds, each func(row) error) (list []statement) {
	if len(n.whole)+len(n.expiring) > 0 {
		list = append(list, statement{lockWhole, []any{names(n.whole), names(n.expiring)}, each})
	}
	if len(n.providers)+len(n.lots)+len(n.attempts) > 0 {
		list = append(list, statement{lockRows, []any{names(n.providers), names(n.lots), names(n.attempts)}, each})
	}
	return list
}

// names returns the members of a set that a row can have, and not nil, which would be NULL.
func names(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for id := range set {
		if !unreadable(id) {
			list = append(list, id)
		}
	}
	return list
}

func (t *pgTransaction) moreRows(lot string, have []int64, n int64, each func(row) error) []statement {
	return []statement{{lockMore, []any{lot, have, n}, each}}
}

func (t *pgTransaction) unitsElsewhere(providers []string, now int64, have []rowID, each func(row) error) []statement {
	lots, rows := make([]string, len(have)), make([]int64, len(have))
	for i, id := range have {
		lots[i], rows[i] = id.lot, int64(id.n)
	}
	return []statement{{selectElsewhere, []any{providers, now, lots, rows}, each}}
}

const serverClock = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"

// clock reads the clock of the server, which all nodes share.
func (t *pgTransaction) clock() string { return serverClock }

// notify names the channel by the schema, since one database may have several stores.
func (t *pgTransaction) notify() string { return "SELECT pg_notify(" + feedChannel + ", $1)" }

// commit returns errUncertain if the connection broke during the commit. A session that the
// server ended because it stood still had not read the commit.
func (t *pgTransaction) commit(ctx context.Context, list []statement) error {
	if slices.ContainsFunc(list, func(s statement) bool { return s.each != nil }) {
		// A result that cannot be read must not be committed.
		if err := t.run(ctx, list); err != nil {
			return err
		}
		list = nil
	}
	var b pgx.Batch
	t.queue(&b, list)
	if t.last != "" {
		b.Queue(t.last)
	}
	kept := false
	b.Queue("COMMIT").Exec(func(done pgconn.CommandTag) error {
		kept = done.String() == "COMMIT"
		return nil
	})
	err := t.conn.SendBatch(ctx, &b).Close()
	var failed *pgconn.PgError
	refused := errors.As(err, &failed) && (failed.SeverityUnlocalized == "ERROR" || failed.Code == idleInTransaction)
	switch {
	case err == nil && kept:
		t.conn.Release()
		return nil
	case err == nil:
		return errors.New("the database rolled back instead of committing")
	case refused || pgconn.SafeToRetry(err):
		return err
	}
	return fmt.Errorf("%w: %w", errUncertain, err)
}

// rollback has its own context, since that of the transaction may be done. The pool closes a
// connection on which that fails, which ends the transaction as well.
func (t *pgTransaction) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
	defer cancel()
	if t.begun && !t.conn.Conn().IsClosed() {
		_, _ = t.conn.Exec(ctx, "ROLLBACK")
	}
	t.conn.Release()
}

// rollbackTime is the timeout of a rollback.
const rollbackTime = time.Second
