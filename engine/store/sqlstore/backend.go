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
	// begin starts a transaction that no other transaction overlaps.
	begin(ctx context.Context) (transaction, error)
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

// transaction is for one goroutine and ends with commit or rollback.
type transaction interface {
	// clock returns the statement that reads the database's time in microseconds, or "" if
	// the clock of this process is the only one.
	clock() string
	// notify returns the statement that reports a change to other processes when the
	// transaction is committed, with its topic and id as one text, or "" if there is none.
	notify() string
	run(ctx context.Context, list []statement) error
	// commit makes the transaction durable. If it fails, the transaction is rolled back,
	// unless the error is errUncertain.
	commit(ctx context.Context) error
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
		driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, context.DeadlineExceeded,
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
