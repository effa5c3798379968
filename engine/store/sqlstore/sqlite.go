package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// readers is how many queries run at once beside the writer.
const readers = 4

// The pragmas of every connection. A commit returns after fsync (synchronous=FULL)
// and readers see the last commit without waiting (WAL). What is deleted is overwritten
// with zeros (secure_delete). The cache is 32 MiB each.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=cache_size(-32768)&_txlock=immediate"

// ErrOwned says that another process has the file open. Two would each believe
// that the other's running calls were left by a crash.
var ErrOwned = errors.New("another process has this database open")

// lite is a SQLite file with one connection for writing and some for reading.
type lite struct {
	path   string
	owner  *owner
	writes *sql.DB
	reads  *sql.DB
	conn   *liteConn
}

// sqlitePath takes "file:heyan.db" or a path. Options are refused: those that
// matter decide over durability and are not for choosing.
func sqlitePath(dsn string) (string, error) {
	path := strings.TrimPrefix(dsn, "file:")
	if path == "" || path == ":memory:" || strings.ContainsAny(path, "?#%") {
		return "", errors.New(`want the path of a file, as "file:heyan.db", without options`)
	}
	return filepath.Abs(path)
}

func openDB(path, options string) (*sql.DB, error) {
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Opaque: path, RawQuery: options}).String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// openLite opens a file, and takes possession of it unless as a guest.
func openLite(ctx context.Context, path string, guest bool) (*lite, error) {
	l := &lite{path: path}
	if err := l.open(ctx, path, guest); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lite) open(ctx context.Context, path string, guest bool) (err error) {
	// The files tell what was asked when: nobody but their owner reads them.
	if err := private(path, path+ownerSuffix); err != nil {
		return err
	}
	if !guest {
		if l.owner, err = own(ctx, path); err != nil {
			return err
		}
	}
	if l.writes, err = openDB(path, pragmas); err != nil {
		return err
	}
	l.writes.SetMaxOpenConns(1)
	if l.reads, err = openDB(path, pragmas+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	l.reads.SetMaxOpenConns(readers)
	l.reads.SetMaxIdleConns(readers)
	return l.writes.PingContext(ctx)
}

// private makes files, where they are not there yet, that only their owner may
// read. SQLite gives the files beside a database the same permissions. A file that
// is there is not opened: closing it would let go of this process's locks on it.
func private(paths ...string) error {
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		switch {
		case errors.Is(err, os.ErrExist):
			continue
		case err != nil:
			return errors.New("the database file cannot be made; is its folder there and writable?")
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// ownerSuffix ends the name of the file that is locked, see own.
const ownerSuffix = ".owner"

// own locks a file beside the database for as long as the process lives: the
// kernel lets go of it when the process dies, however it dies. The lock is that of
// an empty SQLite database in exclusive mode, which works on every system.
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

// owner is the possession of a database.
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

// discard closes a connection for good, instead of giving it back to its pool with
// a transaction open.
func discard(c *sql.Conn) { _ = c.Raw(func(any) error { return driver.ErrBadConn }) }

// The primary result codes of SQLite that the store acts on, sqlite.org/rescode.html.
const sqliteBusy = 5

func (l *lite) begin(ctx context.Context) (transaction, error) {
	if l.conn == nil {
		conn, err := l.writes.Conn(ctx)
		if err != nil {
			return nil, err
		}
		l.conn = &liteConn{conn: conn, prepared: map[string]*sql.Stmt{}}
	}
	if err := l.conn.exec("BEGIN IMMEDIATE"); err != nil {
		// Whatever state the connection is in, the next one is in a known one.
		l.conn.drop()
		l.conn = nil
		return nil, err
	}
	return l.conn, nil
}

func (l *lite) read(ctx context.Context, s statement) error {
	rows, err := l.reads.QueryContext(ctx, s.sql, s.args...)
	return unavailable(eachRow(rows, err, s.each))
}

// again is when a guest was writing for longer than the busy timeout.
func (l *lite) again(err error) bool { return isBusy(err) }

func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqliteBusy
}

func (l *lite) close() error {
	var faults []error
	if l.conn != nil {
		l.conn.drop()
	}
	for _, db := range []*sql.DB{l.reads, l.writes} {
		if db != nil {
			faults = append(faults, db.Close())
		}
	}
	if l.owner != nil { // last: nobody else may open the file before
		faults = append(faults, l.owner.close())
	}
	return errors.Join(faults...)
}

// liteConn is the writing connection with its prepared statements. Transactions
// are begun and ended by statements, because database/sql gives a connection back
// to its pool with the transaction still open when COMMIT fails on a full disk.
type liteConn struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (c *liteConn) prepare(text string) (*sql.Stmt, error) {
	if s := c.prepared[text]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), text)
	if err == nil {
		c.prepared[text] = s
	}
	return s, err
}

// exec takes no context: with one, the driver would start a goroutine for each
// statement, and a statement here waits for nothing but the disk.
func (c *liteConn) exec(text string, args ...any) error {
	s, err := c.prepare(text)
	if err == nil {
		_, err = s.ExecContext(context.Background(), args...)
	}
	return err
}

func (c *liteConn) run(_ context.Context, list []statement) error {
	for _, s := range list {
		if s.each == nil {
			if err := c.exec(s.sql, s.args...); err != nil {
				return err
			}
			continue
		}
		prepared, err := c.prepare(s.sql)
		if err != nil {
			return err
		}
		rows, err := prepared.QueryContext(context.Background(), s.args...)
		if err := eachRow(rows, err, s.each); err != nil {
			return err
		}
	}
	return nil
}

func eachRow(rows *sql.Rows, err error, each func(row) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := each(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// clock is that of the process that owns the file; a guest is on the same machine.
func (c *liteConn) clock() string { return "" }

func (c *liteConn) commit(context.Context) error { return c.exec("COMMIT") }

// rollback may find no transaction: SQLite ends it by itself on some errors.
func (c *liteConn) rollback() { _ = c.exec("ROLLBACK") }

// drop gives the connection up.
func (c *liteConn) drop() {
	for _, s := range c.prepared {
		_ = s.Close()
	}
	discard(c.conn)
}
