package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/store"
)

// freePruning: expired keys are deleted while a transaction has one of them, which stays until
// the next time, so that neither waits for the other.
func freePruning(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	defer closeStore(t, s)
	settle(s)
	err := s.writer.submit(t.Context(), &operation{need: func(*needs) {}, do: func(u *unit) error {
		for n := range 3 {
			c := store.Claim{Key: store.Key{Tenant: "t", Key: fmt.Sprint(n)}, Verification: fmt.Sprint("v", n), Deadline: u.now, Expiry: u.now}
			u.claim(c)
			u.end(c.Key)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.backend.begin(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	const lock = `SELECT 1 FROM claims WHERE tenant = 't' AND idempotency_key = '1' FOR UPDATE`
	if err := other.run(t.Context(), []statement{{sql: lock}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := s.Recover(ctx); err != nil {
			t.Fatal(err)
		}
		if left := claimsLeft(t, s); left != want {
			t.Errorf("%d keys are left, want %d", left, want)
		}
		if want == 1 {
			other.rollback()
		}
	}
}

// pruningReadsOnce: while a snapshot of before is open, so that the server must keep what is
// deleted, a piece does not read again what the pieces before it have deleted. Nor is the whole
// table vacuumed.
func pruningReadsOnce(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	settle(s)
	if err := s.AddLot(t.Context(), lotOf("l1", 100)); err != nil {
		t.Fatal(err)
	}
	fill(t, s, fillPiece, 30*24*time.Hour, fillResults)
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM lots"); err != nil {
		t.Fatal(err)
	}
	const vacuums = `SELECT vacuum_count FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = 'verifications'`
	var before, after int
	if err := conn.QueryRow(t.Context(), vacuums).Scan(&before); err != nil {
		t.Fatal(err)
	}
	gone, err := s.Prune(t.Context(), store.Retention{Verifications: time.Hour})
	if err != nil || gone.Verifications != fillPiece+1 {
		t.Fatalf("pruned %+v, %v; want all %d", gone, err, fillPiece+1)
	}
	closeStore(t, s) // its sessions report what they read when they end
	if _, err := conn.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), vacuums).Scan(&after); err != nil || after != before {
		t.Errorf("%d VACUUM while it was deleted, %v; the server does it by itself", after-before, err)
	}
	for read := 0; read < fillPiece; {
		err := conn.QueryRow(t.Context(), `SELECT idx_tup_read FROM pg_stat_user_indexes
			WHERE schemaname = current_schema() AND indexrelname = 'verifications_listed'`).Scan(&read)
		if err != nil {
			t.Fatal(err)
		}
		if most := 2 * fillPiece; read > most {
			t.Errorf("the server read %d entries of the index to delete %d rows, want %d at most", read, fillPiece, most)
		}
	}
}
