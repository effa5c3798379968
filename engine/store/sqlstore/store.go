// Package sqlstore keeps the store in SQLite, for one process, or in PostgreSQL, for a
// fleet.
//
// All changes go through a writer. It gathers concurrent operations, loads what they need, lets
// the rules of package ledger decide, and commits all of them at once. On SQLite a transaction
// locks the file, which one process owns; an attached process, such as a command, may write in
// between.
//
// On PostgreSQL the transactions of nodes overlap. A lot is divided into rows, and each
// transaction draws on the richest row that no other has locked; what must not change meanwhile,
// such as a key or a call, is locked by its name, and consents by their rows. No call ever waits
// for another node: an operation that needs what another transaction has is tried again some
// milliseconds later. Check constraints of each row make an overdraft impossible whatever a
// program does. docs/decisions/0104-lots-in-rows.md has the reasons.
//
// A hold checks its consent in the transaction that writes the hold, so no call follows a
// withdrawal on any node. Limits are counted in transactions of their own.
//
// The masked subject of a verification is the only personal data stored in clear. The rest
// is tokens, wrapped data keys and text that is sealed with these keys. An erasure removes
// all of it, and on SQLite also the bytes in the files.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// Options configure a store. The zero value is usable.
type Options struct {
	// Logger logs when writing starts to fail and when it works again, and what was
	// recovered after a crash. It logs no personal data. Nil discards.
	Logger *slog.Logger
	// Attached opens a SQLite file that another process may own, for short commands. It
	// recovers nothing, since the owner may still be working on it.
	Attached bool
	// Migrate allows tables of an earlier version to be changed to this one, on SQLite after a
	// copy of the file beside it. Without it such a database is refused with ErrOlder.
	Migrate bool
	// Committed is called after each transaction with its duration and its error; it must not
	// block. It may be nil.
	Committed func(d time.Duration, err error)
	// Clock decides about time. On PostgreSQL the server's clock is read and Clock checks it
	// for jumps. Nil is the clock of the machine.
	Clock *store.Clock
	// Subscriber is who gets messages about verifications, also about those that the store
	// recovers when it is opened; see store.Outbox. Nil subscribes to nothing.
	Subscriber store.Subscriber

	// Rows is into how many rows a new lot is divided on PostgreSQL, see DefaultRows. 0 means
	// DefaultRows.
	Rows int

	schema *schema // of a later version, for tests; nil is this version's
	// last is a statement before each COMMIT on PostgreSQL, such as one that makes it slow, for
	// tests.
	last string
}

func (o Options) tables() schema {
	if o.schema == nil {
		return ownSchema()
	}
	return *o.schema
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
	clock     *store.Clock
	writer    *writer // of calls
	counts    *writer // the same on SQLite
	admins    *writer // the same on SQLite
	log       *slog.Logger
	recovered store.Recovery
	dirt      dirt

	finalMargin time.Duration // see FinalUntil
	feedLost    atomic.Bool   // it was logged that the feed is interrupted

	stopCheck func()          // ends the check for damage; nil if there is none
	checked   <-chan struct{} // closed when the check has ended
}

var _ store.Store = (*Store)(nil)

// OpenSQLite opens or creates a database file, such as "heyan.db" or "file:heyan.db". The
// process then owns the file, unless it is attached; for a second owner OpenSQLite returns
// ErrOwned. It creates the tables, migrates them if Options.Migrate is set, and recovers from a
// crash: every hold without an outcome becomes unknown, see Recovered.
func OpenSQLite(ctx context.Context, dsn string, o Options) (*Store, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	// Beside the file, not beside a link to it, stand the WAL and the lock of the owner.
	if path, err = privatefile.Resolve(path); err != nil {
		return nil, fmt.Errorf("opening the SQLite database: %w", err)
	}
	l, err := openLite(ctx, path, o.Attached, o.logger())
	if err != nil {
		return nil, fmt.Errorf("opening the SQLite database: %w", withRemedy(err))
	}
	if err := l.migrate(ctx, o); err != nil {
		return nil, errors.Join(l.integrity.see(withRemedy(err)), l.close())
	}
	s := open(l, o)
	if o.Attached {
		return s, nil
	}
	// No other process owns the file, so every running hold was left by a crash. A call of
	// an attached process that is running now is marked unknown as well.
	if s.recovered, err = s.recover(ctx, forever()); err != nil {
		return nil, errors.Join(fmt.Errorf("recovering after a crash: %w", err), s.Close())
	}
	if err := s.cleanAfterCrash(ctx); err != nil {
		return nil, err
	}
	if !l.unclean {
		l.sound.Store(true)
		return s, nil
	}
	checked := make(chan struct{})
	s.checked = checked
	s.stopCheck = l.check(func() { close(checked) })
	return s, nil
}

// cleanAfterCrash cleans the file if it ever had an erasure, since the process may have
// crashed between the erasure and the cleaning.
func (s *Store) cleanAfterCrash(ctx context.Context) error {
	err := s.backend.read(ctx, statement{sql: selectAnyErasure, each: func(row) error {
		s.dirt.add()
		return nil
	}})
	if err != nil {
		return errors.Join(err, s.Close())
	}
	s.clean(ctx)
	return nil
}

// forever returns a time after every deadline.
func forever() time.Time { return time.Unix(1<<40, 0) }

func open(b backend, o Options) *Store {
	clock := o.Clock
	if clock == nil {
		clock = store.NewClock(nil, nil)
	}
	hooks := &hooks{}
	s := &Store{backend: b, clock: clock, writer: newWriter(b, clock, o, calls, hooks), log: o.logger(), dirt: dirt{turn: make(chan struct{}, 1)}, finalMargin: finalMargin}
	s.counts, s.admins = s.writer, s.writer
	if b.overlaps() {
		s.counts, s.admins = newWriter(b, clock, o, counts, hooks), newWriter(b, clock, o, admin, hooks)
	}
	s.Subscribe(o.Subscriber)
	return s
}

// admin submits an operation that one node at a time does.
func (s *Store) admin(ctx context.Context, o *operation) error {
	need := o.need
	o.need = func(n *needs) {
		need(n)
		n.admin = true
	}
	return s.admins.submit(ctx, o)
}

// personal submits an operation about the consents of some people, whose names it needs.
func (s *Store) personal(ctx context.Context, o *operation) error { return s.admins.submit(ctx, o) }

// now returns the time of the store and whether it is confirmed.
func (s *Store) now(ctx context.Context) (now time.Time, confirmed bool, err error) {
	err = s.writer.submit(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
		now, confirmed = u.now, u.confirmed
		return nil
	}})
	return now, confirmed, err
}

// Recovered returns what OpenSQLite recovered.
func (s *Store) Recovered() store.Recovery { return s.recovered }

// Waiting returns how many operations wait for the next transaction.
func (s *Store) Waiting() int {
	waiting := len(s.writer.queue)
	if s.counts != s.writer {
		waiting += len(s.counts.queue) + len(s.admins.queue)
	}
	return waiting
}

// Close writes queued operations and closes the database. If the database does not answer,
// Close gives up after a few seconds and returns an error.
func (s *Store) Close() error {
	if s.stopCheck != nil {
		s.stopCheck()
	}
	for _, w := range []*writer{s.writer, s.counts, s.admins} { // closing twice does nothing
		if err := w.close(); err != nil {
			return err // the writer still uses the database, which ends with the process
		}
	}
	return s.backend.close()
}

// probe is the number of bytes that Ready writes. It exceeds a page, so that a full disk is
// detected.
const probe = 8 << 10

// Ready writes and deletes a row durably, which needs the same resources as a hold. It
// returns store.ErrDamaged once damage was found.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.backend.damage().ready(); err != nil {
		return err
	}
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { n.probe = true }, // a batch of calls must not wait for the row of another node
		do: func(u *unit) error {
			u.writes = append(u.writes,
				statement{sql: writeProbe, args: []any{micros(u.now), strings.Repeat("0", probe)}}, statement{sql: clearProbe})
			return nil
		},
	})
}
