package sqlstore

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
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
