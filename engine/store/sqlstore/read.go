package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// read runs a statement on a connection of its own. It returns when ctx is done, even if the
// disk or a lock of another process holds the statement up: SQLite can be interrupted in
// neither. The statement then ends by itself, and its connection returns to the pool. It also
// returns when the WAL has grown too long meanwhile.
func (l *lite) read(ctx context.Context, s statement) error {
	ctx, end := boundWAL(ctx, l.path, l.longestWAL)
	defer end() // not in the goroutine: a read that is over could seem canceled
	w := watched{each: s.each}
	done := make(chan error, 1)
	go func() {
		rows, err := l.reads.QueryContext(ctx, s.sql, s.args...)
		done <- causeOf(ctx, eachRow(rows, err, w.row))
	}()
	select {
	case err := <-done:
		return l.integrity.see(unavailable(err))
	case <-ctx.Done():
		w.leave()
		return unavailable(context.Cause(ctx))
	}
}

// causeOf returns ErrLongRead in place of an error that it caused.
func causeOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), ErrLongRead) {
		return ErrLongRead
	}
	return err
}

// watched passes rows to a caller until the caller leaves, since each writes to the caller's
// variables.
type watched struct {
	each func(row) error

	mu   sync.Mutex
	gone bool
}

func (w *watched) row(r row) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return context.Canceled
	}
	return w.each(r)
}

func (w *watched) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
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
