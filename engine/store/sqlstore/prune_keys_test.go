package sqlstore

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

// keyOfDraft: while a node stores the first draft that was sealed with a data key, another one
// deletes the keys without a consent. The key stays, since the draft could not be read without
// it.
func keyOfDraft(t *testing.T, dsn string) {
	t.Helper()
	const wait = `SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock_shared(4711)`
	quick := openNode(t, dsn)
	defer closeStore(t, quick)
	settle(quick)
	slow, err := OpenPostgres(t.Context(), dsn, Options{last: wait})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, slow)
	draft := storemodel.Draft("c1")
	key := storemodel.KeyOf(draft.Tenant, draft.Subject)
	if _, err := quick.DataKey(t.Context(), draft.Tenant, draft.Subject, key.Wrapped); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock(4711)"); err != nil {
		t.Fatal(err)
	}
	stored, pruned := make(chan error, 1), make(chan error, 1)
	go func() { stored <- slow.AddConsent(context.Background(), draft, store.DataKey{Wrapped: key.Wrapped}, 0) }()
	awaitWaiting(t, conn, 1)
	go func() {
		_, err := quick.Prune(context.Background(), store.Retention{})
		pruned <- err
	}()
	awaitWaiting(t, conn, 2)
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_unlock(4711)"); err != nil {
		t.Fatal(err)
	}
	for _, done := range []chan error{stored, pruned} {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	kept, err := quick.DataKey(t.Context(), draft.Tenant, draft.Subject, nil)
	if err != nil || !bytes.Equal(kept, key.Wrapped) {
		t.Errorf("the data key of the draft is %q, %v; want %q", kept, err, key.Wrapped)
	}
}
