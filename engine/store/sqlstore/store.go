package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// Options make a store. The zero value is good.
type Options struct {
	// Logger is told when writing begins to fail and when it works again, and what
	// was recovered after a crash. Nothing personal is logged. Nil tells nobody.
	Logger *slog.Logger
	// Guest works beside the process that owns a SQLite file, or without one: it takes
	// nothing for lost that another may be doing. For commands that last a moment.
	Guest bool
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// Store implements store.Store.
type Store struct {
	backend   backend
	writer    *writer
	log       *slog.Logger
	recovered store.Recovery
	cleaning  sync.Mutex
	unclean   bool     // something was erased whose bytes may still be there
	left      [][]byte // of them, those that must not be
}

var _ store.Store = (*Store)(nil)

// OpenSQLite opens or makes the database file of a path, "heyan.db" or
// "file:heyan.db", which this process then owns: another owner gets ErrOwned, a
// guest does not. It brings the tables to this version, and turns what a crash left
// undone into what it is: every hold without an outcome becomes unknown; see
// Recovered.
func OpenSQLite(ctx context.Context, dsn string, o Options) (*Store, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	l, err := openLite(ctx, path, o.Guest)
	if err != nil {
		return nil, fmt.Errorf("opening the SQLite database: %w", err)
	}
	if err := migrate(ctx, l.writes, "sqlite3", "sqlite", o.logger()); err != nil {
		return nil, errors.Join(err, l.close())
	}
	s := open(l, o)
	if o.Guest {
		return s, nil
	}
	// This process has just begun and no other owns the file: whatever runs is dead. A
	// guest's call that happens to be in flight is taken for lost as well, and waits for
	// reconciliation.
	if s.recovered, err = s.recover(ctx, forever()); err != nil {
		return nil, errors.Join(fmt.Errorf("recovering after a crash: %w", err), s.Close())
	}
	return s, s.cleanAfterCrash(ctx)
}

// cleanAfterCrash cleans the file if something was ever erased from it: the process may
// have died between that and the cleaning.
func (s *Store) cleanAfterCrash(ctx context.Context) error {
	err := s.backend.read(ctx, statement{sql: selectAnyErasure, each: func(row) error {
		s.dirty()
		return nil
	}})
	if err != nil {
		return errors.Join(err, s.Close())
	}
	s.clean(ctx)
	return nil
}

// forever is a time after every deadline.
func forever() time.Time { return time.Unix(1<<40, 0) }

func open(b backend, o Options) *Store {
	return &Store{backend: b, writer: newWriter(b, o.logger()), log: o.logger()}
}

// Recovered returns what was found undone when the store was opened.
func (s *Store) Recovered() store.Recovery { return s.recovered }

// Close writes what is queued and closes the database.
func (s *Store) Close() error {
	s.writer.close()
	return s.backend.close()
}

// probe is how much Ready writes: more than a page, so that a disk or a table
// space without room is noticed.
const probe = 8 << 10

// Ready writes a line and removes it, durably both: what a hold needs too.
func (s *Store) Ready(ctx context.Context) error {
	return s.writer.submit(ctx, &operation{
		need: func(*needs) {},
		do: func(u *unit) error {
			u.writes = append(u.writes,
				statement{sql: writeProbe, args: []any{micros(u.now), strings.Repeat("0", probe)}}, statement{sql: clearProbe})
			return nil
		},
	})
}
