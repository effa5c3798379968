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
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// slowCommit makes each commit take 25 ms more, as with a disk or a standby far away, so that
// the nodes of a fleet do not share the processors of this machine only.
const slowCommit = "SELECT pg_sleep(0.025)"

// openSlow opens nodes of a new schema whose commits are slow, and adds packages.
func openSlow(t testing.TB, s *sqlstoretest.Server, nodes, lots int, last string) []*Store {
	t.Helper()
	dsn := s.DSN(t)
	list := make([]*Store, nodes)
	for n := range list {
		var err error
		if list[n], err = OpenPostgres(t.Context(), dsn, Options{last: last}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range lots {
		l := lotOf(fmt.Sprint("l", n), 10_000_000)
		l.Provider = fmt.Sprint("p", n)
		if err := list[0].AddLot(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// verifyAt makes a whole verification: its claim, its call, and its result with the end of the
// claim.
func verifyAt(ctx context.Context, s *Store, n int64, provider string) error {
	v := fmt.Sprint("v", n)
	k := store.Key{Tenant: "t", Key: v}
	end := time.Now().Add(time.Minute)
	if _, _, err := s.Claim(ctx, store.Claim{Key: k, Verification: v, Deadline: end, Expiry: end}); err != nil {
		return err
	}
	i := call(1)
	i.Verification, i.Attempt, i.Provider, i.Key, i.Deadline = v, v+"-1", provider, v, end
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	return s.CompleteWithCall(ctx, outcomeOf(i, held, idv.Charged), k, verificationOf(i))
}

// loadNodes lets 16 clients of each node make verifications for a time and returns how many ended,
// and the median time of one.
func loadNodes(t testing.TB, nodes []*Store, lots int, d time.Duration) (rate float64, median time.Duration) {
	t.Helper()
	const clients = 16
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	begun := time.Now()
	var wg sync.WaitGroup
	for _, s := range nodes {
		for range clients {
			wg.Go(func() {
				for time.Since(begun) < d {
					n, start := next.Add(1), time.Now()
					if err := verifyAt(t.Context(), s, n, fmt.Sprint("p", int(n)%lots)); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					took = append(took, time.Since(start))
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	slices.Sort(took)
	return float64(len(took)) / time.Since(begun).Seconds(), took[len(took)/2]
}

// BenchmarkFleet compares one node with four, for one hot lot and for eight, in interleaved
// rounds. HEYAN_PROVE makes it longer.
func BenchmarkFleet(b *testing.B) {
	s := sqlstoretest.StartPostgres(b)
	rounds, d := 1, 2*time.Second
	if os.Getenv("HEYAN_PROVE") != "" {
		rounds, d = 5, 6*time.Second
	}
	for _, lots := range []int{1, 8} {
		b.Run(fmt.Sprintf("lots=%d", lots), func(b *testing.B) {
			var one, four []float64
			for b.Loop() {
				for range rounds {
					for _, nodes := range []int{1, 4} {
						list := openSlow(b, s, nodes, lots, slowCommit)
						rate, median := loadNodes(b, list, lots, d)
						b.Logf("%d nodes, %d lots: %.0f/s, median %v", nodes, lots, rate, median.Round(time.Millisecond))
						auditLots(b, list[0])
						for _, n := range list {
							closeStore(b, n)
						}
						if nodes == 1 {
							one = append(one, rate)
						} else {
							four = append(four, rate)
						}
					}
				}
			}
			slices.Sort(one)
			slices.Sort(four)
			b.ReportMetric(one[len(one)/2], "one/s")
			b.ReportMetric(four[len(four)/2], "four/s")
			b.ReportMetric(four[len(four)/2]/one[len(one)/2], "four÷one")
		})
	}
}
