package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// stateError is an error of a database, as its driver returns it.
type stateError string

func (s stateError) Error() string    { return "ERROR: 张三 (SQLSTATE " + string(s) + ")" }
func (s stateError) SQLState() string { return string(s) }

// unsent is a driver's error of a connection that was closed before.
type unsent bool

func (unsent) Error() string       { return "conn closed" }
func (u unsent) SafeToRetry() bool { return bool(u) }

func TestUnavailable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"a fault of the statement", errors.New("no such column"), false},
		{"the caller went away", context.Canceled, false},
		{"a rule", consent.ErrNotFound, false},
		{"the writer's error", unwritable(errors.New("disk I/O error")), true},
		{"refused connection", fmt.Errorf("read: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), true},
		{"no address", &net.DNSError{Err: "no such host", Name: "db"}, true},
		{"broken connection", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		{"driver's bad connection", driver.ErrBadConn, true},
		{"deadline", context.DeadlineExceeded, true},
		{"nothing was sent", unsent(true), true},
		{"something was sent", unsent(false), false},
		{"server starts", stateError("57P03"), true},
		{"too many connections", stateError("53300"), true},
		{"connection failure", stateError("08006"), true},
		{"wrong password", stateError("28P01"), false},
		{"no such table", stateError("42P01"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := unavailable(test.err)
			if errors.Is(got, store.ErrUnavailable) != test.want {
				t.Errorf("%v: unavailable %v, want %v", got, !test.want, test.want)
			}
			if !errors.Is(got, test.err) {
				t.Errorf("%v does not wrap %v", got, test.err)
			}
		})
	}
}
