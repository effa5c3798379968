package sqlstore

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenPostgres opens a PostgreSQL database, which any number of nodes may share, and creates
// its tables if it is empty. It migrates them if Options.Migrate is set, else it returns
// ErrOlder for tables of an earlier version. It recovers nothing, since other nodes may be running; call Recover
// about every minute on any node.
func OpenPostgres(ctx context.Context, dsn string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errInvalidDSN
	}
	if config.ConnConfig.ConnectTimeout == 0 { // pgxpool would wait two minutes
		config.ConnConfig.ConnectTimeout = connectTime
	}
	if err := migratePostgres(ctx, config.ConnConfig.Copy(), o); err != nil {
		return nil, unavailable(err)
	}
	p := &postgres{maintenance: config.ConnConfig.Copy(), forms: forms(), last: o.last, lotRows: cmp.Or(o.Rows, DefaultRows), integrity: &integrity{log: o.logger()}}
	for name, value := range sessionSettings() {
		config.ConnConfig.RuntimeParams[name] = value
	}
	config.AfterConnect = checkClients
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", err)
	}
	return open(p, o), nil
}

var errInvalidDSN = errors.New("the DSN of the PostgreSQL database is invalid; it is not shown, since it may contain a password")

// VerifiedPostgres reports whether all servers of a DSN are on this machine or prove with a
// certificate who they are. It makes no connection. The error shows nothing of the DSN.
func VerifiedPostgres(dsn string) (bool, error) {
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return false, errInvalidDSN
	}
	verified := isLocal(config.Host) || verifies(config.TLSConfig)
	for _, f := range config.Fallbacks { // as of sslmode=prefer: the same server without TLS
		verified = verified && (isLocal(f.Host) || verifies(f.TLSConfig))
	}
	return verified, nil
}

// verifies is true for sslmode=verify-full alone: verify-ca does not compare the name.
func verifies(c *tls.Config) bool { return c != nil && !c.InsecureSkipVerify }

// isLocal reports whether a host is a socket or a loopback address.
func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// connectTime is the timeout of a connection for which the DSN has no connect_timeout.
const connectTime = 5 * time.Second

// sessionSettings are the settings of the connections for requests. A commit returns when it
// is on the disk, whatever the default of the server is. If a node stands still in a
// transaction, the server ends its session after a second, so that what it had is free. A
// server whose client has lost its network notices within five.
//
// A plan that the server makes once for a table without statistics may read all rows of a
// tenant, and is kept until the next VACUUM. So each statement is planned with its
// arguments.
func sessionSettings() map[string]string {
	return map[string]string{
		"synchronous_commit":                  "on",
		"default_transaction_isolation":       "read committed",
		"idle_in_transaction_session_timeout": "1s",
		"tcp_user_timeout":                    "5s",
		"lock_timeout":                        "2s",
		"plan_cache_mode":                     "force_custom_plan",
	}
}

// checkClients makes the server look every second, while it works on a statement, whether the
// client is still there, so that a node that was killed keeps nothing for longer. Servers before
// version 14 do not have the setting, and those on some systems refuse it: then they notice it
// after the statement.
func checkClients(ctx context.Context, conn *pgx.Conn) error {
	const invalidParameterValue = "22023"
	const set = `SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`
	_, err := conn.Exec(ctx, set)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == invalidParameterValue {
		return nil
	}
	return err
}

type postgres struct {
	pool        *pgxpool.Pool
	maintenance *pgx.ConnConfig // of connections without the time limits of requests
	forms       map[string]string
	last        string // see Options
	lotRows     int
	integrity   *integrity
}

func (p *postgres) begin(ctx context.Context, l workload) (transaction, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &pgTransaction{postgres: p, conn: conn, workload: l}, nil
}

func (p *postgres) overlaps() bool { return true }

func (p *postgres) read(ctx context.Context, s statement) error {
	if s.matchless() {
		return nil
	}
	rows, err := p.pool.Query(ctx, s.sql, s.args...)
	return p.integrity.see(unavailable(eachPgRow(rows, err, s.each)))
}

// The SQLSTATEs after which nothing was done and the transaction can be repeated.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	stalePlan            = "0A000" // cached plan must not change result type, after a migration
	adminShutdown        = "57P01"
	uniqueViolation      = "23505" // another node has written the row meanwhile, so the operation decides anew
	lockNotAvailable     = "55P03" // another transaction had a lock for longer than lock_timeout
	idleInTransaction    = "25P03" // this node stood still for longer than idle_in_transaction_session_timeout
)

// retryable is false for a commit that may have succeeded, whatever the server reported when
// it shut down, since a use or a count could be taken twice.
func (p *postgres) retryable(err error) bool {
	if errors.Is(err, errUncertain) {
		return false
	}
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		switch failed.Code {
		case serializationFailure, deadlockDetected, uniqueViolation, stalePlan, adminShutdown, lockNotAvailable, idleInTransaction:
			return true
		}
		return false
	}
	return pgconn.SafeToRetry(err)
}

// clean frees the space of deleted rows, which is all that PostgreSQL offers. Their bytes
// stay in the files until they are overwritten, and longer in archived WAL, lagging replicas
// and backups. Sensitive text is sealed with a data key, which is wrapped with a key that is
// never in the database.
func (p *postgres) clean(ctx context.Context, _ [][]byte) error {
	conn, err := pgx.ConnectConfig(ctx, p.maintenance)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "VACUUM consents, verifications, data_keys, erased")
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return errors.Join(err, conn.Close(closing))
}

// close waits for connections that were canceled, but not for a server that does not answer.
func (p *postgres) close() error {
	done := make(chan struct{})
	go func() {
		p.pool.Close()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(closeTime):
		return errStuck
	}
}

// matchless reports whether a statement looks up a text that PostgreSQL refuses, and no row
// can have. SQLite accepts it, and files of earlier versions may have such rows.
func (s *statement) matchless() bool {
	return s.each != nil && slices.ContainsFunc(s.args, func(arg any) bool {
		v := reflect.ValueOf(arg)
		return v.Kind() == reflect.String && unreadable(v.String())
	})
}

// unreadable reports whether PostgreSQL refuses a text.
func unreadable(text string) bool { return !utf8.ValidString(text) || strings.Contains(text, "\x00") }

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

// feedChannel is the name of the channel of changes, as SQL.
const feedChannel = "'heyan_' || md5(current_schema())"

// listen uses a connection of its own, since one of the pool would be missing to requests.
func (p *postgres) listen(ctx context.Context, listening func(), changed func(text string)) error {
	conn, err := pgx.ConnectConfig(ctx, p.maintenance.Copy())
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		_ = conn.Close(closing) // it may be broken
	}()
	var channel string
	if err := conn.QueryRow(ctx, "SELECT "+feedChannel).Scan(&channel); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	listening()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		changed(n.Payload)
	}
}
