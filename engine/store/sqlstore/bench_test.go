package sqlstore

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// verifyOnce is what the engine asks of a store for one verification with an
// idempotency key and one call: four durable writes.
func verifyOnce(ctx context.Context, s store.Store, n int64) error {
	i := call(0)
	i.Verification = fmt.Sprintf("v%016d", n)
	i.Attempt, i.At = i.Verification+"-1", idv.Now()
	k := store.Key{Tenant: i.Tenant, Key: i.Verification}
	_, _, err := s.Claim(ctx, store.Claim{Key: k, Verification: i.Verification, Deadline: i.Deadline, Expiry: i.Deadline})
	if err != nil {
		return err
	}
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	a := outcomeOf(i, held, idv.Charged)
	if err := s.Settle(ctx, a); err != nil {
		return err
	}
	v := verificationOf(i)
	v.Attempts = []idv.Attempt{a}
	return s.Complete(ctx, k, v)
}

// benchmarkCallers runs verifications from so many callers at once.
func benchmarkCallers(b *testing.B, s store.Store, callers int, from int64) {
	b.Helper()
	var next atomic.Int64
	next.Store(from)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := verifyOnce(b.Context(), s, next.Add(1)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verifications/s")
}

func BenchmarkVerifications(b *testing.B) {
	kinds := map[string]func() store.Store{
		"memory": func() store.Store { return memory.New(0) },
		"sqlite": func() store.Store { return openFile(b, newPath(b)) },
	}
	if dsn := os.Getenv("HEYAN_BENCH_POSTGRES"); dsn != "" {
		kinds["postgres"] = func() store.Store {
			s, err := openFleet(b.Context(), dsn)
			if err != nil {
				b.Fatal(err)
			}
			return s
		}
	}
	for name, open := range kinds {
		for _, callers := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/%d", name, callers), func(b *testing.B) {
				s := open()
				defer func() { _ = s.Close() }()
				if err := s.AddLot(b.Context(), lotOf(fmt.Sprintf("l%d", time.Now().UnixNano()), 100_000_000)); err != nil {
					b.Fatal(err)
				}
				benchmarkCallers(b, s, callers, time.Now().UnixNano())
			})
		}
	}
}

// BenchmarkFullBook compares verifications in a ledger of HEYAN_BOOK_CALLS calls, each with two
// entries, with those in an empty one, in interleaved rounds: the times at the 99th percentile,
// medians of the rounds.
func BenchmarkFullBook(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		compareBooks(b, func() *Store { return openFile(b, newPath(b)) })
	})
	b.Run("postgres", func(b *testing.B) {
		server := sqlstoretest.StartPostgres(b)
		compareBooks(b, func() *Store { return openNode(b, server.DSN(b)) })
	})
}

func compareBooks(b *testing.B, open func() *Store) {
	b.Helper()
	const rounds = 7
	calls := fromEnv(b, "HEYAN_BOOK_CALLS", 20_000)
	empty, full := open(), open()
	for _, s := range []*Store{empty, full} {
		defer closeStore(b, s)
		if err := s.AddLot(b.Context(), lotOf("l1", 100_000_000)); err != nil {
			b.Fatal(err)
		}
	}
	fill(b, full, calls)
	next := int64(calls)
	var short, long, ratios []float64
	for b.Loop() {
		for range rounds {
			one, other := percentile(b, empty, &next), percentile(b, full, &next)
			short, long, ratios = append(short, one), append(long, other), append(ratios, other/one)
		}
	}
	b.ReportMetric(middle(short), "empty-p99-ms")
	b.ReportMetric(middle(long), "full-p99-ms")
	b.ReportMetric(middle(ratios), "full÷empty")
}

// percentile makes 3,000 verifications by 32 callers and returns the 99th percentile in ms.
func percentile(b *testing.B, s *Store, next *int64) float64 {
	b.Helper()
	const callers, each = 32, 94
	took := make([]float64, callers*each)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for n := range each {
				place := caller*each + n
				start := time.Now()
				if err := verifyOnce(b.Context(), s, *next+int64(place)); err != nil {
					b.Error(err)
					return
				}
				took[place] = float64(time.Since(start).Microseconds()) / 1000
			}
		})
	}
	wg.Wait()
	*next += callers * each
	slices.Sort(took)
	return took[len(took)*99/100]
}

// fill writes calls in pieces of a thousand.
func fill(b *testing.B, s *Store, calls int) {
	b.Helper()
	for first := 0; first < calls; first += 1000 {
		err := s.writer.submit(b.Context(), &operation{
			need: func(n *needs) { add(&n.providers, "p") },
			do: func(u *unit) error {
				for n := first; n < first+1000; n++ {
					i := call(n)
					i.Verification = fmt.Sprintf("v%016d", n)
					i.Attempt = i.Verification + "-1"
					held, err := u.book.Hold(i, u.now)
					if err != nil {
						return err
					}
					if err := u.book.Settle(outcomeOf(i, held, idv.Charged), u.now); err != nil {
						return err
					}
				}
				return nil
			},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
