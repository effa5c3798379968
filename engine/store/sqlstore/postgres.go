package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// lockBook lets one node write at a time. It is taken in the transaction, so it
// goes when the transaction ends, also with its connection. The second number
// tells the books of several schemas of one database apart.
const lockBook = `SELECT pg_advisory_xact_lock(1751611769, hashtext(current_schema()))`

// OpenPostgres opens or makes the tables of a PostgreSQL database, which any number
// of nodes may share. It recovers nothing at start, since other nodes may be
// running: call Recover every minute or so, on any node.
func OpenPostgres(ctx context.Context, dsn string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the source of the PostgreSQL database cannot be read; its text is not shown, for it may hold a password")
	}
	// A commit returns when it is on the disk, whatever the server's default is, and
	// a node that stands still in a transaction does not hold up the others for long.
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "15s"
	config.ConnConfig.RuntimeParams["lock_timeout"] = "20s"
	config.ConnConfig.RuntimeParams["default_transaction_isolation"] = "read committed"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", err)
	}
	if err := migratePostgres(ctx, pool, o); err != nil {
		pool.Close()
		return nil, unavailable(err)
	}
	return open(&postgres{pool}, o), nil
}

// migratePostgres brings the tables to this version; nodes that start at once wait
// for the first. It happens before a statement is prepared, whose plan a new
// column would spoil.
func migratePostgres(ctx context.Context, pool *pgxpool.Pool, o Options) (err error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // every second, for five minutes
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	return migrate(ctx, db, goose.DialectPostgres, "postgres", o.logger(), goose.WithSessionLocker(locker))
}

type postgres struct{ pool *pgxpool.Pool }

func (p *postgres) begin(ctx context.Context) (transaction, error) {
	tx, err := p.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &pgTransaction{tx: tx}, nil
}

func (p *postgres) read(ctx context.Context, s statement) error {
	rows, err := p.pool.Query(ctx, s.sql, s.args...)
	return unavailable(eachPgRow(rows, err, s.each))
}

// The SQLSTATEs that mean: nothing was done, try again.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	stalePlan            = "0A000" // cached plan must not change result type, after a migration
	adminShutdown        = "57P01"
)

// again never lets a commit be repeated of which nobody knows whether it was made,
// whatever the server said as it went away: a use or a count would be taken twice.
func (p *postgres) again(err error) bool {
	if errors.Is(err, errUncertain) {
		return false
	}
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		switch failed.Code {
		case serializationFailure, deadlockDetected, stalePlan, adminShutdown:
			return true
		}
		return false
	}
	return pgconn.SafeToRetry(err)
}

// clean makes the room of deleted rows free to be written over. That is all the
// database does: until then their bytes stay in its files, and longer in the archived
// WAL, in replicas that lag and in backups. What matters is sealed with a data key,
// which is wrapped with a key that the database never had.
func (p *postgres) clean(ctx context.Context, _ [][]byte) error {
	_, err := p.pool.Exec(ctx, "VACUUM consents, verifications, data_keys, erased")
	return err
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

// pgTransaction sends its statements in one piece, so that a batch costs a few
// round trips however many statements it has.
type pgTransaction struct {
	tx     pgx.Tx
	locked bool
}

func (t *pgTransaction) run(ctx context.Context, list []statement) error {
	var b pgx.Batch
	if !t.locked {
		b.Queue(lockBook)
		t.locked = true
	}
	for _, s := range list {
		q := b.Queue(s.sql, s.args...)
		if s.each != nil {
			q.Query(func(rows pgx.Rows) error { return eachPgRow(rows, nil, s.each) })
		}
	}
	return t.tx.SendBatch(ctx, &b).Close()
}

func eachPgRow(rows pgx.Rows, err error, each func(row) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// clock is that of the server, which all nodes share.
func (t *pgTransaction) clock() string {
	return "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
}

// commit cannot tell what happened if the connection broke while it waited.
func (t *pgTransaction) commit(ctx context.Context) error {
	err := t.tx.Commit(ctx)
	var failed *pgconn.PgError
	refused := errors.As(err, &failed) && failed.SeverityUnlocalized == "ERROR"
	if err == nil || refused || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	return fmt.Errorf("%w: %w", errUncertain, err)
}

// rollback has a context of its own: that of the transaction may be over.
func (t *pgTransaction) rollback() { _ = t.tx.Rollback(context.Background()) }
