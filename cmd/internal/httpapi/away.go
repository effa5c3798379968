package httpapi

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// StoreAway reports whether the store failed because its database could not be reached
// or could not write just now: what failed may be tried again.
func StoreAway(err error) bool {
	var network net.Error
	var said interface{ SQLState() string }
	var unsent interface{ SafeToRetry() bool } // of the driver: the connection was closed already
	switch {
	case errors.Is(err, store.ErrUnwritable):
		return true
	case errors.As(err, &said):
		return leaving(said.SQLState())
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

// leaving reports whether a database says that it goes away, is not there yet or takes
// nobody more.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func leaving(state string) bool {
	for _, class := range []string{"08", "53", "57P"} { // connection, resources, operator
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}

// storeFailed is a request that the store failed.
func storeFailed(err error) *Problem {
	if !StoreAway(err) {
		p := newProblem(http.StatusInternalServerError, idv.Internal.String(), "the store failed; the log says why")
		p.cause = err
		return p
	}
	p := newProblem(http.StatusServiceUnavailable, "store_unwritable", "the store cannot be reached or cannot write now; ask again")
	p.retryAfter, p.cause = "5", err
	return p
}

// logging writes down why the store failed, which the caller is not told. Of a failure
// that is no lost connection only the kind is written: its text may hold what was read.
func logging(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		p, ok := v.(*Problem)
		if !ok || p.cause == nil {
			return v, nil
		}
		operation := slog.String("operation", ctx.Operation().OperationID)
		if StoreAway(p.cause) {
			log.Error("the store cannot be used now", operation, slog.String("error", p.cause.Error()))
		} else {
			log.Error("the store failed", operation, slog.String("kind", kindOf(p.cause)))
		}
		return v, nil
	}
}

// kindOf names the type of what an error began with, and what a database calls it.
func kindOf(err error) string {
	var said interface{ SQLState() string }
	if errors.As(err, &said) {
		return "SQLSTATE " + said.SQLState()
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return fmt.Sprintf("%T", err)
}
