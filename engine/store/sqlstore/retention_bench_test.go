package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// BenchmarkRetention deletes a month of verifications beside a load of 100 verifications a
// second: in pieces, in pieces while a snapshot of before is open, and as a partition, in a table
// that has partitions for this benchmark only. HEYAN_RETENTION_CALLS is the number of
// verifications in two months, of which the first is deleted. A commit takes 5 ms more.
func BenchmarkRetention(b *testing.B) {
	server := sqlstoretest.StartPostgres(b)
	for _, test := range []struct {
		name     string
		snapshot bool
		months   bool
	}{{"pieces", false, false}, {"pieces-snapshot", true, false}, {"partition", false, true}} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				r := newRetention(b, server, test.months)
				r.run(b, test.snapshot, test.months)
				closeStore(b, r.Store)
			}
		})
	}
}

// retention is a store with two months of verifications.
type retention struct {
	*Store

	calls int
	next  atomic.Int64
	end   time.Time // of the first month
}

// monthly divides the verifications by months: the first, the second, and what comes after.
const monthly = `ALTER TABLE verifications RENAME TO whole;
	CREATE TABLE verifications (LIKE whole INCLUDING DEFAULTS, PRIMARY KEY (tenant, id, created_at)) PARTITION BY RANGE (created_at);
	DROP TABLE whole;
	CREATE TABLE first_month PARTITION OF verifications FOR VALUES FROM (MINVALUE) TO (%d);
	CREATE TABLE second_month PARTITION OF verifications FOR VALUES FROM (%d) TO (%d);
	CREATE TABLE later_months PARTITION OF verifications FOR VALUES FROM (%d) TO (MAXVALUE);
	CREATE INDEX ON verifications (tenant, subject, created_at, id) WHERE subject <> '';
	CREATE INDEX ON verifications (tenant, id) WHERE provider IS NULL;
	CREATE INDEX ON verifications (tenant, created_at) WHERE kind = 'uncalled';
	CREATE INDEX ON verifications (tenant, created_at, id, verdict, reason, provider, app)`

func newRetention(b *testing.B, server *sqlstoretest.Server, months bool) *retention {
	b.Helper()
	const month = 30 * 24 * time.Hour
	s, err := OpenPostgres(b.Context(), server.DSN(b), Options{Migrate: true, last: "SELECT pg_sleep(0.005)"})
	if err != nil {
		b.Fatal(err)
	}
	settle(s)
	if err := s.AddLot(b.Context(), lotOf("l1", 100_000_000)); err != nil {
		b.Fatal(err)
	}
	r := &retention{Store: s, calls: fromEnv(b, "HEYAN_RETENTION_CALLS", fillPiece), end: time.Now().Add(-month - 24*time.Hour)}
	if months {
		r.exec(b, fmt.Sprintf(monthly, micros(r.end), micros(r.end), micros(r.end.Add(month)), micros(r.end.Add(month))))
	}
	fill(b, s, r.calls, 2*month, fillResults)
	r.next.Store(int64(r.calls) + 1_000_000)
	return r
}

func (r *retention) exec(b *testing.B, sql string) {
	b.Helper()
	if _, err := r.backend.(*postgres).pool.Exec(b.Context(), sql); err != nil {
		b.Fatal(err)
	}
}

func (r *retention) number(b *testing.B, sql string) (n int64) {
	b.Helper()
	if err := r.backend.(*postgres).pool.QueryRow(b.Context(), sql).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

const walBytes = `SELECT CAST(pg_current_wal_lsn() - '0/0' AS BIGINT)`

// run measures the load before, while and after the first month is deleted.
func (r *retention) run(b *testing.B, snapshot, months bool) {
	b.Helper()
	const aside = 8 * time.Second
	size := bookSize(b, r.Store)
	before := r.load(b, aside, nil)
	if snapshot {
		tx, err := r.backend.(*postgres).pool.Begin(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.Background()) }()
		if _, err := tx.Exec(b.Context(), "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout TO 0; SELECT count(*) FROM lots"); err != nil {
			b.Fatal(err)
		}
	}
	wal := r.number(b, walBytes)
	var took time.Duration
	while := r.load(b, 0, func() {
		begun := time.Now()
		if months {
			r.exec(b, "DROP TABLE first_month")
		} else {
			gone, err := r.Prune(b.Context(), store.Retention{Verifications: time.Since(r.end)})
			if err != nil || gone.Verifications < r.calls/2-fillPiece {
				b.Errorf("%d were deleted, %v", gone.Verifications, err)
			}
		}
		took = time.Since(begun)
	})
	wal = r.number(b, walBytes) - wal
	after := r.load(b, aside, nil)
	r.exec(b, "VACUUM verifications")
	b.Logf("%d deleted in %v: %.0f a second; p50 and p99 before %v, while %v, after %v; WAL %d MB; tables %d MB before, %d MB after VACUUM",
		r.calls/2, took.Round(time.Millisecond), float64(r.calls/2)/took.Seconds(), before, while, after, wal>>20, size>>20, bookSize(b, r.Store)>>20)
}

// load makes verifications at an even rate for a time, or until a function returns, and returns
// the median and the 99th percentile.
func (r *retention) load(b *testing.B, d time.Duration, do func()) [2]time.Duration {
	b.Helper()
	const clients, pause = 15, 150 * time.Millisecond
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			next := time.Now().Add(pause * time.Duration(n) / clients)
			for ; ctx.Err() == nil; next = next.Add(pause) {
				time.Sleep(time.Until(next))
				if err := verifyPerson(b.Context(), r.Store, r.next.Add(1)); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(next))
				mu.Unlock()
			}
		})
	}
	if do != nil {
		do()
	} else {
		time.Sleep(d)
	}
	cancel()
	wg.Wait()
	slices.Sort(took)
	return [2]time.Duration{took[len(took)/2].Round(time.Millisecond / 10), took[len(took)*99/100].Round(time.Millisecond / 10)}
}
