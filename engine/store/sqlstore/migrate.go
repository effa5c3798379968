package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

//go:embed migrations
var migrations embed.FS

// schema is the form of the tables that a program knows.
type schema struct {
	files fs.FS // folders with the migrations of each database
	// oldest is the lowest version of a program that can use these tables on PostgreSQL, where
	// nodes of two releases share a database during an upgrade. Raise it with a migration
	// after which an earlier program would read or write something wrongly.
	oldest int64
}

func ownSchema() schema {
	files, _ := fs.Sub(migrations, "migrations") // fails for an invalid name only
	return schema{files: files, oldest: 21}
}

// The errors of a database whose tables have another version than the program.
var (
	// ErrNewer means that a newer version of heyan wrote this database, and this one cannot use
	// it, since the meaning of its columns may have changed.
	ErrNewer = errors.New("the database was written by a newer version of heyan")
	// ErrOlder means that an earlier version of heyan wrote this database and Options.Migrate is
	// not set.
	ErrOlder = errors.New("the database was written by an earlier version of heyan")
)

// Migration is what Migrations found.
type Migration struct {
	From, To int64    // the versions of the tables; From is 0 of an empty database
	Pending  []string // the migrations between them, in their order
}

// migrator changes the tables of a database, forward only.
type migrator struct {
	schema
	db      *sql.DB
	folder  string // of the migrations, and the name of the database
	options []goose.ProviderOption
	allowed bool // to change tables that are there
	log     *slog.Logger
	before  func(ctx context.Context, from int64) error // a table is changed; nil does nothing
	tables  string                                      // a query for the names of the tables
}

func (m *migrator) dialect() goose.Dialect {
	return map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "postgres": goose.DialectPostgres}[m.folder]
}

func (m *migrator) provider() (*goose.Provider, error) {
	files, err := fs.Sub(m.files, m.folder)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(m.dialect(), m.db, files, append(m.options, goose.WithSlog(m.log), goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}

// look returns the versions of the tables and of the program, and changes nothing.
func (m *migrator) look(ctx context.Context) (found Migration, err error) {
	p, err := m.provider()
	if err != nil {
		return found, err
	}
	for _, s := range p.ListSources() {
		found.To = max(found.To, s.Version)
	}
	var names []string
	err = m.each(ctx, m.tables, func(r row) error {
		names = append(names, "")
		return r.Scan(&names[len(names)-1])
	})
	if err != nil {
		return found, fmt.Errorf("reading the tables of the database: %w", err)
	}
	if slices.Contains(names, versionTable) {
		err = m.each(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable, func(r row) error { return r.Scan(&found.From) })
		if err != nil {
			return found, fmt.Errorf("reading the version of the database: %w", err)
		}
	}
	for _, s := range p.ListSources() {
		if s.Version > found.From {
			found.Pending = append(found.Pending, path.Base(s.Path))
		}
	}
	if found.From == 0 && slices.Contains(names, firstTable) {
		found.From = unknownVersion
	}
	return found, nil
}

// versionTable is goose's table of the versions.
const versionTable = "goose_db_version"

// firstTable is a table of the first version. Tables of other programs beside it do not
// matter.
const firstTable = "holds"

// unknownVersion is the version of tables that heyan did not write, or not completely.
const unknownVersion = -1

func (m *migrator) each(ctx context.Context, query string, do func(row) error) error {
	rows, err := m.db.QueryContext(ctx, query)
	return eachRow(rows, err, do)
}

// run brings the tables to the version of the program. Tables of an earlier version are
// changed only if that is allowed; an empty database always gets its tables.
func (m *migrator) run(ctx context.Context) error {
	found, err := m.look(ctx)
	switch {
	case err != nil:
		return err
	case found.From > found.To:
		return m.newer(ctx, found)
	case found.From == found.To:
		return nil
	case found.From != 0 && !m.allowed:
		return fmt.Errorf("%w: its tables have version %d, this program needs %d; %s", ErrOlder, max(found.From, 0), found.To, m.remedy(found.From))
	case found.From > 0:
		m.log.Info("database is being migrated", slog.Int64("from", found.From), slog.Int64("to", found.To))
		if m.before != nil {
			if err := m.before(ctx, found.From); err != nil {
				return err
			}
		}
	}
	p, err := m.provider()
	if err != nil {
		return err
	}
	if found.From == 0 {
		err = m.create(ctx, p.ListSources())
	} else {
		_, err = p.Up(ctx)
	}
	if err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	if m.folder == "postgres" {
		if _, err := m.db.ExecContext(ctx, fmt.Sprintf("COMMENT ON TABLE "+versionTable+" IS '"+oldestForm+"'", m.oldest)); err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
	}
	if found.From != 0 {
		m.log.Info("database migrated", slog.Int64("from", max(found.From, 0)), slog.Int64("to", found.To))
	}
	return nil
}

// remedy says what to do about tables of a version, and whether the nodes that use them can go on.
func (m *migrator) remedy(from int64) string {
	switch {
	case m.folder == "sqlite":
		return "stop the daemon of the earlier version, then start heyan serve or run heyan migrate --config FILE; both copy the file first"
	case from < m.oldest:
		return "stop the nodes of the earlier version, since they cannot use the new tables; then make a backup, run heyan migrate --config FILE and start this version"
	}
	return "run heyan migrate --config FILE after a backup, then start this version; nodes of the earlier version go on meanwhile"
}

// create makes the tables of an empty database in one transaction. A process that ends meanwhile
// leaves none, since those of some migrations alone would be taken for a database of an earlier
// version.
func (m *migrator) create(ctx context.Context, sources []*goose.Source) (err error) {
	versions, err := database.NewStore(m.dialect(), versionTable)
	if err != nil {
		return err
	}
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if err := errors.Join(versions.CreateVersionTable(ctx, tx), versions.Insert(ctx, tx, database.InsertRequest{Version: 0})); err != nil {
		return err
	}
	for _, s := range sources {
		text, err := fs.ReadFile(m.files, path.Join(m.folder, path.Base(s.Path)))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil { // its annotations are comments
			return fmt.Errorf("%s: %w", path.Base(s.Path), err)
		}
		if err := versions.Insert(ctx, tx, database.InsertRequest{Version: s.Version}); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// oldestForm is a comment on the table of versions, which programs of earlier versions read.
const oldestForm = "heyan: usable by programs from version %d on"

// newer returns an error unless the newer program that migrated the database said that
// programs of this version can go on.
func (m *migrator) newer(ctx context.Context, found Migration) error {
	if m.folder == "postgres" {
		var text sql.NullString
		err := m.each(ctx, "SELECT obj_description('"+versionTable+"'::regclass, 'pg_class')", func(r row) error { return r.Scan(&text) })
		if err != nil {
			return fmt.Errorf("reading the version of the database: %w", err)
		}
		var oldest int64
		if _, err := fmt.Sscanf(text.String, oldestForm, &oldest); err == nil && oldest <= found.To {
			m.log.Info("the database is of a newer version that this one can use", slog.Int64("database", found.From), slog.Int64("program", found.To))
			return nil
		}
	}
	return fmt.Errorf("%w: its tables have version %d, this program knows %d; use that version of heyan, or restore the backup of before its migration", ErrNewer, found.From, found.To)
}

// migrator returns what migrates the file. It waits longer for the lock of another process
// than the writer does.
func (l *lite) migrator(o Options) (*migrator, error) {
	db, err := openDB(l.path, "_pragma=busy_timeout(30000)&"+pragmasWithoutWait)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &migrator{
		schema: o.tables(), db: db, folder: "sqlite", allowed: o.Migrate, log: o.logger(), tables: "SELECT name FROM sqlite_schema WHERE type = 'table'",
		before: func(ctx context.Context, from int64) error { return l.backup(ctx, db, from, o.logger()) },
	}, nil
}

func (l *lite) migrate(ctx context.Context, o Options) error {
	m, err := l.migrator(o)
	if err != nil {
		return err
	}
	return errors.Join(m.run(ctx), m.db.Close())
}

// backup copies the database to a new file beside it, so that an upgrade can be undone.
func (l *lite) backup(ctx context.Context, db *sql.DB, from int64, log *slog.Logger) error {
	target := fmt.Sprintf("%s.v%d-%s", l.path, from, time.Now().UTC().Format("20060102T150405Z"))
	f, err := privatefile.Create(target)
	if err != nil {
		return errors.New("the database was not migrated: the copy beside it cannot be made; check that its folder is writable and has space")
	}
	if _, err = db.ExecContext(ctx, "VACUUM INTO $1", target); err == nil {
		err = errors.Join(f.Sync(), f.Close(), syncFolder(target))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the database was not migrated: the copy beside it cannot be made: %w", err), f.Close(), os.Remove(target), removeIfThere(target+"-journal"))
	}
	log.Info("database copied before its migration; delete the copy when the new version runs well, since an erasure does not reach it", slog.String("copy", target))
	return nil
}

// removeIfThere removes a file that need not exist. SQLite leaves the journal of a copy that fails.
func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// migratorOf returns what migrates a PostgreSQL database, on connections without the time
// limits of requests.
func migratorOf(config *pgx.ConnConfig, o Options) (*migrator, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // every second, for five minutes
	if err != nil {
		return nil, err
	}
	return &migrator{
		schema: o.tables(), db: stdlib.OpenDB(*config), folder: "postgres", allowed: o.Migrate, log: o.logger(),
		options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
		tables:  "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
	}, nil
}

// lockMigration lets one node look at the tables and change them while the others wait.
const lockMigration = `SELECT pg_advisory_lock(1751611770, hashtext(current_schema()))`

// migratePostgres migrates the tables. Of several nodes that start at once, one migrates and
// the others wait. It runs before any statement is prepared, since a new column invalidates
// plans.
func migratePostgres(ctx context.Context, config *pgx.ConnConfig, o Options) (err error) {
	m, err := migratorOf(config, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.db.Close()) }() // which also ends the lock
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer discard(conn)
	if _, err := conn.ExecContext(ctx, lockMigration); err != nil {
		return err
	}
	return m.run(ctx)
}

// Migrations returns the versions of the tables of a database and what a migration would do.
// It changes nothing and creates no file. driver is sqlite or postgres.
func Migrations(ctx context.Context, driver, dsn string) (found Migration, err error) {
	var m *migrator
	if driver == "sqlite" {
		path, err := sqlitePath(dsn)
		if err != nil {
			return found, err
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			path = ":memory:" // as empty as the file would be
		} else if err := CheckSQLite(dsn); err != nil {
			return found, err
		}
		if m, err = (&lite{path: path}).migrator(Options{}); err != nil {
			return found, err
		}
	} else {
		config, err := pgxpool.ParseConfig(dsn)
		if err != nil {
			return found, errInvalidDSN
		}
		if m, err = migratorOf(config.ConnConfig, Options{}); err != nil {
			return found, err
		}
	}
	defer func() { err = errors.Join(err, m.db.Close()) }()
	found, err = m.look(ctx)
	return found, withRemedy(unavailable(err))
}
