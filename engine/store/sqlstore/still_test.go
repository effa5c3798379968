package sqlstore

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// standStill: a node stands still in a transaction, with the lock of the fleet. The server
// ends its session, so that the other node can write. When the node goes on, it repeats its
// transaction; if it sees only that the commit could not be sent, it fails and undoes the
// hold, since it does not know that nothing was written.
func standStill(t *testing.T, dsn string) {
	t.Helper()
	still, other := openNode(t, dsn), openNode(t, dsn)
	defer closeStore(t, still)
	defer closeStore(t, other)
	stands := make(chan struct{})
	goOn := hangAt(still, "commit", func() { close(stands) })
	defer goOn()
	held := make(chan error, 1)
	go func() {
		_, err := still.Hold(t.Context(), call(1))
		held <- err
	}()
	<-stands
	// The promise is two seconds. The limit leaves time for a busy machine.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := other.Hold(ctx, call(2)); err != nil {
		t.Errorf("the other node: %v", err)
	}
	goOn()
	if err := <-held; err != nil && !errors.Is(err, store.ErrUnwritable) {
		t.Errorf("the node that stood still: %v", err)
	}
	auditLots(t, other)
}

// checkedClients: the server notices within a second that a node was killed, and those that do
// not have the setting are used without.
func checkedClients(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	defer closeStore(t, s)
	var interval string
	var version int
	const show = `SELECT current_setting('server_version_num')::int, coalesce(current_setting('client_connection_check_interval', true), '')`
	err := s.backend.read(t.Context(), statement{sql: show, each: func(r row) error { return r.Scan(&version, &interval) }})
	if want := "1s"; err != nil || version >= 140000 && interval != want {
		t.Errorf("version %d looks every %q, want %q; %v", version, interval, want, err)
	}
}
