package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store/privatefile"
	"github.com/heyan-id/heyan/policy/access"
)

// Examination is what [Examine] found in a database.
type Examination struct {
	Migration

	Path    string // of a SQLite file
	Missing bool   // there is no SQLite file yet
	Running bool   // a process has the SQLite file open, or the last one was killed

	Server  string        // the version of the PostgreSQL server
	Standby bool          // the server accepts no writes
	Offset  time.Duration // the server's clock minus that of this machine

	Checked bool     // the whole file was read within the time
	Damage  []string // what is wrong with it

	// Lots and Keys are read if the tables have the version of the program.
	Lots []ledger.Balance
	Keys []access.Key
}

// Examine looks at a database through connections that cannot write, beside any process that
// uses it. It creates no file and migrates nothing. driver is sqlite or postgres. If ctx ends
// before the file is read, Checked is false.
func Examine(ctx context.Context, driver, dsn string) (Examination, error) {
	if driver == "postgres" {
		return examinePostgres(ctx, dsn)
	}
	path, err := sqlitePath(dsn)
	if err != nil {
		return Examination{}, err
	}
	if path, err = privatefile.Resolve(path); err != nil {
		return Examination{}, err
	}
	if err := checkModes(path); err != nil {
		return Examination{}, err
	}
	for {
		found, quiet, err := examineSQLite(ctx, path)
		if quiet && exists(path+"-wal") && ctx.Err() == nil {
			continue // a process has opened the file meanwhile
		}
		return found, err
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// examineSQLite examines a file. quiet reports that it was read as a file that does not change,
// since SQLite would make a WAL to read it otherwise.
func examineSQLite(ctx context.Context, path string) (found Examination, quiet bool, err error) {
	found = Examination{Path: path, Running: exists(path + runningSuffix)}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		found.Missing = true
		return found, false, nil
	}
	options := "mode=ro&_pragma=busy_timeout(2000)&_pragma=query_only(1)"
	if quiet = !exists(path + "-wal"); quiet {
		options += "&immutable=1"
	}
	db, err := openDB(path, options)
	if err != nil {
		return found, quiet, err
	}
	l := &lite{path: path, longestWAL: longestWAL, reads: db, integrity: &integrity{log: slog.New(slog.DiscardHandler)}}
	defer func() { err = errors.Join(err, db.Close()) }()
	m := &migrator{schema: ownSchema(), db: db, folder: "sqlite", log: l.integrity.log, tables: "SELECT name FROM sqlite_schema WHERE type = 'table'"}
	if err := found.read(ctx, m, l); err != nil {
		if isDamage(err) {
			found.Checked, found.Damage = true, []string{"the file is not a readable database"}
			return found, quiet, nil
		}
		return found, quiet, err
	}
	findings, err := list(ctx, l, "PRAGMA quick_check(1)", nil, scanText)
	switch {
	case err == nil:
		found.Checked = true
		found.Damage = slices.DeleteFunc(findings, func(line string) bool { return line == "ok" })
	case isDamage(err):
		found.Checked, found.Damage = true, []string{"the file is not a readable database"}
	case ctx.Err() == nil:
		return found, quiet, err
	}
	return found, quiet, nil
}

// read reads the versions of the tables and, if they are the program's, packages and keys.
func (x *Examination) read(ctx context.Context, m *migrator, b backend) (err error) {
	if x.Migration, err = m.look(ctx); err != nil || x.From != x.To {
		return err
	}
	s := &Store{backend: b}
	if x.Lots, err = s.Lots(ctx, ""); err != nil {
		return err
	}
	x.Keys, _, err = s.APIKeys(ctx, "", ledger.Page{})
	return err
}

func examinePostgres(ctx context.Context, dsn string) (found Examination, err error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return found, errInvalidDSN
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTime
	}
	config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	m, err := migratorOf(config.ConnConfig.Copy(), Options{})
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, m.db.Close()) }()
	if err := found.server(ctx, m.db); err != nil {
		return found, unavailable(err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return found, unavailable(err)
	}
	p := &postgres{pool: pool, integrity: &integrity{log: slog.New(slog.DiscardHandler)}}
	err = found.read(ctx, m, p)
	return found, errors.Join(unavailable(err), p.close())
}

// server reads what a PostgreSQL server says of itself. The clock is compared on a connection
// that is open already, with the middle of the round trip.
func (x *Examination) server(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.QueryRowContext(ctx, "SELECT current_setting('server_version'), pg_is_in_recovery()").Scan(&x.Server, &x.Standby); err != nil {
		return err
	}
	var theirs time.Time
	before := time.Now()
	err = conn.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&theirs)
	x.Offset = theirs.Sub(before.Add(time.Since(before) / 2))
	return err
}
