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
	var unsent interface{ SafeToRetry() bool } // of pgx: the connection was closed before the statement
	switch {
	case errors.As(err, &database):
		return outOfService(database.SQLState())
	case errors.As(err, &network):
		return true
	case errors.As(err, &unsent):
		return unsent.SafeToRetry()
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
	for _, class := range []string{"08", "53", "57P"} { // connection, resources, operator
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}
