package sqlstore

import (
	"context"
	"errors"
)

// clean moves all pages of the WAL to the database and truncates the WAL, which removes old
// pages. secure_delete overwrites deleted data, but a page that was split may have a copy of
// data that moved to another page. If clean finds one of remains, it rebuilds the database.
func (l *lite) clean(ctx context.Context, remains [][]byte) error {
	if err := l.checkpoint(ctx); err != nil {
		return err
	}
	for _, bytes := range remains {
		found := false
		err := l.read(ctx, statement{"SELECT pgno FROM sqlite_dbpage WHERE instr(data, $1) > 0 LIMIT 1", []any{bytes}, func(r row) error {
			var page int
			found = true
			return r.Scan(&page)
		}})
		if err != nil {
			return err
		}
		if found {
			return errors.Join(l.rebuild(ctx), l.checkpoint(ctx))
		}
	}
	return nil
}

// rebuild writes the whole database again, on a connection of its own, so the writer
// continues before and after it. Opening the file in any other way and closing it would
// release the locks of this process on it.
func (l *lite) rebuild(ctx context.Context) error {
	db, err := openDB(l.path, pragmas)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM")
	return errors.Join(err, db.Close())
}

// checkpoint moves the WAL to the database.
func (l *lite) checkpoint(ctx context.Context) error {
	busy := 0
	err := l.read(ctx, statement{"PRAGMA wal_checkpoint(TRUNCATE)", nil, func(r row) error {
		var frames, moved int
		return r.Scan(&busy, &frames, &moved)
	}})
	if err == nil && busy != 0 {
		return errors.New("a reader still uses the old pages")
	}
	return err
}
