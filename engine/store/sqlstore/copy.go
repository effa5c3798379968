package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// CopySQLite writes a consistent copy of a SQLite database to a new file, while another
// process may write to it. The copy has no deleted bytes.
//
// It reads one state of the database from begin to end, so a writer cannot make it start
// again, as it could with SQLite's backup interface. Meanwhile the WAL grows, and the disk
// must have space for the copy. If the WAL grows beyond 1 GiB, it returns [ErrLongRead].
func CopySQLite(ctx context.Context, dsn, target string) (err error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return err
	}
	if path, err = privatefile.Resolve(path); err != nil {
		return err
	}
	if err := checkModes(path); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return errors.New("the database file does not exist or cannot be read; start the daemon once, or correct store.dsn")
	}
	f, err := privatefile.Create(target) // with mode 0600; SQLite writes into an empty file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
	return withFile(path, func(db *sql.DB) error {
		bounded, end := boundWAL(ctx, path, longestWAL)
		defer end()
		_, err := db.ExecContext(bounded, "VACUUM INTO $1", target)
		return causeOf(bounded, err)
	})
}

func withFile(path string, do func(*sql.DB) error) error {
	db, err := openDB(path, "_pragma=busy_timeout(30000)&_pragma=foreign_keys(1)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(withRemedy(do(db)), db.Close())
}

// unequal finds the lots whose balances are not those of their entries, or whose rows do not
// add up.
const unequal = `SELECT count(*) FROM (SELECT lot, sum(units) AS units, sum(moved) AS moved, sum(available) AS available, sum(held) AS held,
	sum(posted) AS posted, sum(unknown) AS unknown, sum(written_off) AS written_off FROM lot_rows GROUP BY lot) l
	LEFT JOIN (SELECT lot,
	sum(CASE WHEN from_account = 'bought' THEN units WHEN to_account = 'bought' THEN -units ELSE 0 END) AS bought,
	sum(CASE WHEN to_account = 'available' THEN units WHEN from_account = 'available' THEN -units ELSE 0 END) AS available,
	sum(CASE WHEN to_account = 'held' THEN units WHEN from_account = 'held' THEN -units ELSE 0 END) AS held,
	sum(CASE WHEN to_account = 'posted' THEN units WHEN from_account = 'posted' THEN -units ELSE 0 END) AS posted,
	sum(CASE WHEN to_account = 'unknown' THEN units WHEN from_account = 'unknown' THEN -units ELSE 0 END) AS unknown,
	sum(CASE WHEN to_account = 'written_off' THEN units WHEN from_account = 'written_off' THEN -units ELSE 0 END) AS written_off
	FROM entries GROUP BY lot) e ON e.lot = l.lot
	WHERE l.moved <> 0 OR l.units <> coalesce(e.bought, 0) OR l.available <> coalesce(e.available, 0) OR l.held <> coalesce(e.held, 0)
	OR l.posted <> coalesce(e.posted, 0) OR l.unknown <> coalesce(e.unknown, 0) OR l.written_off <> coalesce(e.written_off, 0)`

// CheckCopy reads the whole of a file that no process uses: whether it is damaged, whether its
// rows refer to rows that are there, and whether each balance is that of its entries. It
// returns the version of the tables.
func CheckCopy(ctx context.Context, path string) (version int64, err error) {
	if err := checkModes(path); err != nil {
		return 0, err
	}
	err = withFile(path, func(db *sql.DB) error {
		read := func(query string, into *[]string) error {
			rows, err := db.QueryContext(ctx, query)
			return eachRow(rows, err, func(r row) error {
				text, err := scanText(r)
				*into = append(*into, text)
				return err
			})
		}
		var damage, dangling []string
		if err := read("PRAGMA integrity_check(1)", &damage); err != nil || !slices.Equal(damage, []string{"ok"}) {
			return errors.Join(errors.New("the copy is damaged"), err)
		}
		if err := read("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", &dangling); err != nil || len(dangling) > 0 {
			return errors.Join(errors.New("the copy is incomplete: a row refers to one that is missing"), err)
		}
		if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&version); err != nil {
			return fmt.Errorf("the copy is not a database of heyan: %w", err)
		}
		var wrong int64
		if err := db.QueryRowContext(ctx, unequal).Scan(&wrong); err != nil || wrong > 0 {
			return errors.Join(fmt.Errorf("the ledger of the copy does not add up in %d packages", wrong), err)
		}
		return nil
	})
	return version, err
}

// ErrThere means that a database is already where another one is to be put.
var ErrThere = errors.New("a database is there already; it is never overwritten")

// PlaceSQLite puts a checked file where a DSN points to, whole or not at all. It returns
// ErrThere if there is a database or a remainder of one, and ErrOwned while a process uses it.
func PlaceSQLite(ctx context.Context, file, dsn string) error {
	path, err := FreeSQLite(dsn)
	if err != nil {
		return err
	}
	f, err := privatefile.Create(path + ownerSuffix)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	o, err := own(ctx, path)
	if err != nil {
		return err
	}
	if err = os.Link(file, path); errors.Is(err, fs.ErrExist) {
		err = ErrThere
	}
	if err == nil {
		err = syncFolder(path)
	}
	return errors.Join(err, o.close())
}

// FreeSQLite returns the path of a DSN, or ErrThere if it is taken. A WAL without its database
// counts too: SQLite would add what is in it to another one.
func FreeSQLite(dsn string) (string, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return "", err
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return "", ErrThere
		}
	}
	return path, nil
}
