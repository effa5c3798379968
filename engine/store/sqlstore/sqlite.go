package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// readers is the maximum number of concurrent queries beside the writer.
const readers = 4

// pragmas apply to every connection. A commit returns after fsync (synchronous=FULL),
// readers see the last commit without waiting (WAL), deleted data is overwritten with zeros
// (secure_delete).
const pragmas = "_pragma=busy_timeout(5000)&" + pragmasWithoutWait

const pragmasWithoutWait = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_txlock=immediate"

// The page caches, in KiB per connection. SQLite fills them as the database grows, outside
// of Go's heap, so they bound the resident memory: 4 MiB, and 2 MiB for each reader. Pages
// that fall out are still in the cache of the system.
const (
	writerCache = "&_pragma=cache_size(-4096)"
	readerCache = "&_pragma=cache_size(-2048)&_pragma=query_only(1)"
)

// checkpoints bound the WAL. A commit that finds 1,000 pages in it, 4 MiB, moves them to the
// database. If it grew beyond 16 MiB beside a long read, it is cut to that when it begins anew.
const checkpoints = "&_pragma=wal_autocheckpoint(1000)&_pragma=journal_size_limit(16777216)"

// ErrOwned means that another process owns the file. Each of two owners would treat the
// running calls of the other as left by a crash.
var ErrOwned = errors.New("another process has this database open")

// lite is a SQLite file with one connection for writing and some for reading.
type lite struct {
	path   string
	owner  *owner
	writes driver.Connector
	reads  *sql.DB
	conn   *liteConn // nil before the first transaction

	longestWAL int64 // in bytes, see boundWAL

	integrity *integrity
	unclean   bool        // the last owner did not close the database
	sound     atomic.Bool // the database was opened and needs no check, so close removes the marker
}

// sqlitePath returns the path in "file:heyan.db" or "heyan.db". It rejects options, since
// they could weaken durability.
func sqlitePath(dsn string) (string, error) {
	path := strings.TrimPrefix(dsn, "file:")
	if path == "" || path == ":memory:" || strings.ContainsAny(path, "?#%") {
		return "", errors.New(`expected the path of a file without options, such as "file:heyan.db"`)
	}
	return filepath.Abs(path)
}

// CheckSQLite reports why OpenSQLite would refuse a file, as far as that can be seen without
// opening it: its path, its folder, and the modes of its files.
func CheckSQLite(dsn string) error {
	path, err := sqlitePath(dsn)
	if err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return errors.New("the folder of the database file does not exist or cannot be read; create it, or choose another path")
	}
	if path, err = privatefile.Resolve(path); err != nil {
		return err
	}
	return checkModes(path)
}

func connector(path, options string) (driver.Connector, error) {
	return sqlite.NewConnector((&url.URL{Scheme: "file", Opaque: path, RawQuery: options}).String())
}

func openDB(path, options string) (*sql.DB, error) {
	c, err := connector(path, options)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// openLite opens a file and takes ownership of it, unless attached.
func openLite(ctx context.Context, path string, attached bool, log *slog.Logger) (*lite, error) {
	l := &lite{path: path, longestWAL: longestWAL, integrity: &integrity{log: log}}
	if err := l.open(ctx, path, attached); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lite) open(ctx context.Context, path string, attached bool) (err error) {
	if err := private(path); err != nil {
		return err
	}
	if !attached {
		if l.owner, err = own(ctx, path); err != nil {
			return err
		}
		if l.unclean, err = markRunning(path); err != nil {
			return err
		}
	}
	// A wait for the lock of another process cannot be canceled, so it is short; the writer
	// repeats it while callers wait.
	if l.writes, err = connector(path, "_pragma=busy_timeout(250)&"+pragmasWithoutWait+writerCache+checkpoints); err != nil {
		return err
	}
	if l.reads, err = openDB(path, pragmas+readerCache); err != nil {
		return err
	}
	l.reads.SetMaxOpenConns(readers)
	l.reads.SetMaxIdleConns(readers)
	// A connection that has read keeps the WAL: otherwise the end of the migration, whose
	// connection is the last one then, would move all of it to the database.
	return l.read(ctx, statement{"SELECT count(*) FROM sqlite_schema", nil, func(r row) error {
		var tables int
		return r.Scan(&tables)
	}})
}

// ownerSuffix is the suffix of the lock file, see own.
const ownerSuffix = ".owner"

// own locks a file beside the database for the life of the process. The kernel releases the
// lock however the process ends. It is the lock of an empty SQLite database in exclusive
// mode, which works on every system.
func own(ctx context.Context, path string) (*owner, error) {
	db, err := openDB(path+ownerSuffix, "_pragma=busy_timeout(0)&_pragma=journal_mode(OFF)")
	if err != nil {
		return nil, err
	}
	o := &owner{db: db}
	if o.conn, err = db.Conn(ctx); err == nil {
		_, err = o.conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if isBusy(err) {
		err = ErrOwned
	}
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// owner is the ownership of a database.
type owner struct {
	db   *sql.DB
	conn *sql.Conn // in its exclusive transaction
}

func (o *owner) close() error {
	if o.conn != nil {
		discard(o.conn)
	}
	return o.db.Close()
}

// discard closes a connection instead of returning it to its pool with an open transaction.
func discard(c *sql.Conn) { _ = c.Raw(func(any) error { return driver.ErrBadConn }) }

// The primary result codes of SQLite that the store acts on, sqlite.org/rescode.html.
const sqliteBusy = 5

func (l *lite) begin(ctx context.Context, _ workload) (transaction, error) {
	if l.conn == nil {
		conn, err := l.writes.Connect(ctx)
		if err != nil {
			return nil, err
		}
		l.conn = newLiteConn(conn)
	}
	if err := l.conn.exec("BEGIN IMMEDIATE"); err != nil {
		// The state of the connection is unknown, so the next transaction gets a new one.
		l.conn.drop()
		l.conn = nil
		return nil, err
	}
	return l.conn, nil
}

// overlaps is false: one transaction at a time can write to a file.
func (l *lite) overlaps() bool { return false }

// retryable is true if another process was writing for longer than the busy timeout.
func (l *lite) retryable(err error) bool { return isBusy(err) }

func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqliteBusy
}

// withRemedy adds the remedy to an error of SQLite that a file cannot be opened for writing.
func withRemedy(err error) error {
	const readOnly, full, cannotOpen = 8, 13, 14
	var failed *sqlite.Error
	if errors.As(err, &failed) && failed.Code()&0xff == full {
		return fmt.Errorf("%w; free disk space, for a migration five times the size of the file, and try again", err)
	}
	if errors.As(err, &failed) && slices.Contains([]int{readOnly, cannotOpen}, failed.Code()&0xff) {
		return fmt.Errorf("%w; the file or its folder cannot be written: mount the file system writable, or give this user the folder and its files", err)
	}
	return err
}

func (l *lite) close() error {
	var faults []error
	if l.conn != nil {
		l.conn.drop()
	}
	if l.reads != nil {
		faults = append(faults, l.reads.Close())
	}
	if l.sound.Load() && !l.integrity.damaged.Load() && errors.Join(faults...) == nil {
		faults = append(faults, os.Remove(l.path+runningSuffix))
	}
	if l.owner != nil { // last, since another process may then open the file
		faults = append(faults, l.owner.close())
	}
	return errors.Join(faults...)
}
