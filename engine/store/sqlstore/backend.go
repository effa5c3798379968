package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/heyan-id/heyan/engine/store"
)

// statement is an SQL statement that both databases accept, with arguments $1, $2, … each,
// if not nil, is called for every row of the result.
type statement struct {
	sql  string
	args []any
	each func(row) error
}

// row is a row of a result.
type row interface{ Scan(dest ...any) error }

// backend is a database, SQLite or PostgreSQL.
type backend interface {
	// begin starts a transaction of a workload. On SQLite no other transaction overlaps it. On
	// PostgreSQL nothing is sent yet.
	begin(ctx context.Context, l workload) (transaction, error)
	// overlaps reports whether each workload has a writer, since their transactions can overlap.
	overlaps() bool
	// read runs a reading statement outside of a transaction.
	read(ctx context.Context, s statement) error
	// retryable reports whether a transaction that failed with the error certainly changed
	// nothing and may succeed if it is repeated at once.
	retryable(err error) bool
	// damage returns what is known of damage.
	damage() *integrity
	// clean removes deleted bytes from the files as far as the database can, and the bytes
	// in remains completely where it can.
	clean(ctx context.Context, remains [][]byte) error
	close() error
}

// workload is a kind of transactions. Each has a writer of its own on PostgreSQL.
type workload uint8

const (
	calls  workload = iota // claims, calls and their results: they never wait for another node
	counts                 // of limits: they wait for each other, and not for the disk
	admin                  // everything else: it may wait for calls, and none of these waits for it
)

// transaction is for one goroutine and ends with commit or rollback.
type transaction interface {
	// clock returns the statement that reads the database's time in microseconds, or "" if
	// the clock of this process is the only one.
	clock() string
	// notify returns the statement that reports a change to other processes when the
	// transaction is committed, with its topic and id as one text, or "" if there is none.
	notify() string
	// divides reports whether other transactions run meanwhile, so that locks are needed.
	divides() bool
	// newRows returns the number of rows of a new lot.
	newRows() int
	// lock returns the statements that lock the names of what a batch needs. Those that another transaction has are
	// marked as taken, or waited for, depending on the workload.
	lock(n *needs, taken map[int64]bool) []statement
	// rows returns the statements that read and lock the rows of lots.
	rows(n *lotNeeds, each func(row) error) []statement
	// moreRows returns the statement that locks up to n more rows of a lot that have units.
	moreRows(lot string, have []int64, n int64, each func(row) error) []statement
	// unitsElsewhere returns the statement that selects those of some providers of which a
	// usable lot has units at a time in other rows.
	unitsElsewhere(providers []string, now int64, have []rowID, each func(row) error) []statement
	run(ctx context.Context, list []statement) error
	// commit runs the last statements and makes the transaction durable. If it fails, the
	// transaction is rolled back, unless the error is errUncertain.
	commit(ctx context.Context, list []statement) error
	rollback()
}

// unavailable wraps err in store.ErrUnavailable if the database cannot be reached or
// refuses work now, so that the same operation may succeed later.
func unavailable(err error) error {
	if err == nil || !transient(err) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

func transient(err error) bool {
	var network net.Error
	var database interface{ SQLState() string }
	var unsent interface{ SafeToRetry() bool } // implemented by pgx errors: the statement was not sent
	switch {
	case errors.As(err, &database):
		return outOfService(database.SQLState())
	case errors.As(err, &network):
		return true
	case errors.As(err, &unsent):
		return unsent.SafeToRetry()
	case isBusy(err):
		return true
	}
	for _, broken := range []error{
		driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, context.DeadlineExceeded, ErrLongRead,
	} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return false
}

// outOfService reports whether a SQLSTATE says that the server is starting, stopping,
// unreachable or out of resources.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func outOfService(state string) bool {
	for _, class := range []string{"08", "53", "57P", lockNotAvailable, idleInTransaction} { // connection, resources, operator
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}
