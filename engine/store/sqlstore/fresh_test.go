package sqlstore

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// freshPlans makes verifications in a database that has no statistics yet and counts the
// rows that the server read for them: while the tables
// are small the server may read some of the tenant each time, but not all of them always.
func freshPlans(t *testing.T, dsn string) {
	t.Helper()
	const callers, each, most = 8, 100, 80
	s := openNode(t, dsn)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for n := range each {
				if err := verifyOnce(t.Context(), s, int64(caller*each+n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	closeStore(t, s) // its sessions report what they read when they end
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	delete(config.RuntimeParams, "pool_max_conns")
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for added := 0; added < callers*each; {
		var read int
		err := conn.QueryRow(t.Context(), `SELECT n_tup_ins, seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables
			WHERE schemaname = current_schema() AND relname = 'verifications'`).Scan(&added, &read)
		if err != nil {
			t.Fatal(err)
		}
		if added >= callers*each && read > most*added {
			t.Errorf("the server read %d rows of verifications for %d verifications, want %d each at most", read, added, most)
		}
	}
}
