package sqlstore

import (
	"context"
	"errors"
)

// clean moves all pages of the WAL into the database and cuts the WAL to nothing, so
// that the pages of before are gone too. secure_delete blots out what is deleted, but a
// page that was split may hold a copy of what moved to its neighbour; if one of remains
// is found so, the database is built anew.
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

// rebuild writes the whole database anew, with a connection of its own: the writer goes
// on before and after it. The file is not opened otherwise, since closing it would let
// go of this process's locks on it.
func (l *lite) rebuild(ctx context.Context) error {
	db, err := openDB(l.path, pragmas)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM")
	return errors.Join(err, db.Close())
}

// checkpoint moves the WAL into the database.
func (l *lite) checkpoint(ctx context.Context) error {
	busy := 0
	err := l.read(ctx, statement{"PRAGMA wal_checkpoint(TRUNCATE)", nil, func(r row) error {
		var frames, moved int
		return r.Scan(&busy, &frames, &moved)
	}})
	if err == nil && busy != 0 {
		return errors.New("somebody reads what was there before")
	}
	return err
}
