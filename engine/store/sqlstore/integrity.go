package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"

	"modernc.org/sqlite"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// integrity is what is known of damage to a database. Once found, damage stays until the
// next start, since nothing repairs a database while it is used.
type integrity struct {
	log     *slog.Logger
	damaged atomic.Bool
}

// see marks the database as damaged if a statement failed because of that, and adds
// store.ErrDamaged to the error.
func (i *integrity) see(err error) error {
	if !isDamage(err) {
		return err
	}
	i.found(store.Kind(err))
	return fmt.Errorf("%w: %w", store.ErrDamaged, err)
}

func (i *integrity) found(finding string) {
	if i.damaged.CompareAndSwap(false, true) {
		i.log.Error("the database is damaged; stop heyan, keep a copy of the database files, restore the last backup, and reconcile the "+
			"ledger with the vendors' bills; without a backup, sqlite3 FILE .recover saves what is readable", "finding", finding)
	}
}

// ready returns store.ErrDamaged if the database is damaged.
func (i *integrity) ready() error {
	if i.damaged.Load() {
		return store.ErrDamaged
	}
	return nil
}

// isDamage reports whether an error says that stored data is damaged.
// https://sqlite.org/rescode.html, https://www.postgresql.org/docs/current/errcodes-appendix.html
func isDamage(err error) bool {
	const corrupt, notADatabase = 11, 26
	var file *sqlite.Error
	if errors.As(err, &file) {
		return slices.Contains([]int{corrupt, notADatabase}, file.Code()&0xff)
	}
	var server interface{ SQLState() string }
	return errors.As(err, &server) && slices.Contains([]string{"XX001", "XX002"}, server.SQLState()) // data, index corrupted
}

// runningSuffix is the suffix of a file that exists while a process owns the database. If it
// exists at the start, the last owner was killed or lost its power.
const runningSuffix = ".running"

// markRunning creates the marker and makes it durable. It reports whether the last owner
// ended without closing the database: its marker or its WAL is still there.
func markRunning(path string) (unclean bool, err error) {
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		unclean = true
	}
	f, err := privatefile.Create(path + runningSuffix)
	switch {
	case errors.Is(err, fs.ErrExist):
		return true, nil
	case err != nil:
		return false, errors.New("the file that marks the database as open cannot be created; check that its folder is writable and has space")
	}
	return unclean, errors.Join(f.Sync(), f.Close(), syncFolder(path))
}

// check reads the whole database in the background and reports damage. Requests are served
// meanwhile. The returned function ends the check.
func (l *lite) check(done func()) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer done()
		l.integrity.log.Info("the database was not closed; it is being checked for damage")
		findings, err := list(ctx, l, "PRAGMA quick_check(1)", nil, scanText)
		switch {
		case err == nil && slices.Equal(findings, []string{"ok"}):
			l.sound.Store(true)
			l.integrity.log.Info("the database is not damaged")
		case err == nil:
			l.integrity.found(fmt.Sprint(findings))
		case ctx.Err() == nil && !isDamage(err): // read reports damage itself
			l.integrity.log.Warn("the check of the database for damage failed; it is repeated at the next start", "error", err)
		}
	}()
	return cancel
}

func (l *lite) damage() *integrity { return l.integrity }

func (p *postgres) damage() *integrity { return p.integrity }
