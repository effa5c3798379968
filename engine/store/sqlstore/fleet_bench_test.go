package sqlstore

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
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
func openSlow(t testing.TB, s *sqlstoretest.Server, nodes, lots int, o Options) []*Store {
	t.Helper()
	dsn := s.DSN(t)
	list := make([]*Store, nodes)
	for n := range list {
		var err error
		if list[n], err = OpenPostgres(t.Context(), dsn, o); err != nil {
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

// fleetClients is how many clients each node has.
const fleetClients = 16

// loadNodes lets clients of each node make verifications for a time and returns how many ended
// in a second, and the median time of one.
func loadNodes(t testing.TB, nodes []*Store, clients, lots int, d time.Duration) (rate float64, median time.Duration) {
	t.Helper()
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

// BenchmarkFleet compares one to four nodes, for one hot lot and for eight, in interleaved
// rounds, and with the simulation. With HEYAN_PROVE it is longer, and fails if the simulation
// is wrong by more than a fifth.
func BenchmarkFleet(b *testing.B) {
	s := sqlstoretest.StartPostgres(b)
	rounds, d, prove := 1, 2*time.Second, os.Getenv("HEYAN_PROVE") != ""
	if prove {
		rounds, d = 5, 6*time.Second
	}
	for _, lots := range []int{1, 8} {
		b.Run(fmt.Sprintf("lots=%d", lots), func(b *testing.B) {
			m := measuredFleet{rates: map[int][]float64{}, ratios: map[int][]float64{}}
			for b.Loop() {
				for range rounds {
					m.round(b, s, lots, d)
				}
			}
			m.report(b, prove)
		})
	}
}

// measuredFleet is what BenchmarkFleet measured, by the number of nodes.
type measuredFleet struct {
	rates  map[int][]float64 // verifications a second
	ratios map[int][]float64 // the simulated rate ÷ the measured one
}

// round measures the times of one node and the rates of one to four. It compares the rates with
// a simulation by these times, since other work on the machine changes from round to round.
func (m *measuredFleet) round(b *testing.B, s *sqlstoretest.Server, lots int, d time.Duration) {
	b.Helper()
	model := modelOf(timesOf(b, s, 1, lots, d), timesOf(b, s, fleetClients, lots, d))
	b.Logf("a transaction %v and %v an operation, beside the commit of %v; a client %v", model.transaction, model.operation, model.commit, model.client)
	for nodes := 1; nodes <= 4; nodes++ {
		list := openSlow(b, s, nodes, lots, Options{last: slowCommit})
		rate, median := loadNodes(b, list, fleetClients, lots, d)
		auditLots(b, list[0])
		for _, n := range list {
			closeStore(b, n)
		}
		model.nodes = nodes
		simulated := model.simulate()
		b.Logf("nodes: %d, lots: %d: %.0f/s, median %v; simulated %.0f/s", nodes, lots, rate, median.Round(time.Millisecond), simulated)
		m.rates[nodes] = append(m.rates[nodes], rate)
		m.ratios[nodes] = append(m.ratios[nodes], simulated/rate)
	}
}

// nodeTimes are the means of one node.
type nodeTimes struct {
	transaction  float64 // seconds
	operations   float64 // of a transaction
	verification float64 // seconds
}

// timesOf measures the transactions of one node.
func timesOf(b *testing.B, s *sqlstoretest.Server, clients, lots int, d time.Duration) nodeTimes {
	b.Helper()
	var mu sync.Mutex
	var took time.Duration
	var count float64
	nodes := openSlow(b, s, 1, lots, Options{last: slowCommit, Committed: func(d time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		took += d
		count++
	}})
	defer closeStore(b, nodes[0])
	mu.Lock() // after the transactions that added the lots
	took, count = 0, 0
	mu.Unlock()
	rate, _ := loadNodes(b, nodes, clients, lots, d)
	mu.Lock()
	defer mu.Unlock()
	operations := rate * d.Seconds() * (lastStep - claimStep)
	return nodeTimes{took.Seconds() / count, operations / count, float64(clients) / rate}
}

// modelOf returns a fleet of nodes with the times of one. A transaction takes a time of its own
// and one for each operation; what the client needs between two operations is the rest of the
// time of one alone.
func modelOf(alone, loaded nodeTimes) fleetModel {
	const commit = 25 * time.Millisecond // of slowCommit
	seconds := func(s float64) time.Duration { return time.Duration(max(s, 0) * float64(time.Second)) }
	operation := max((loaded.transaction-alone.transaction)/(loaded.operations-1), 0)
	return fleetModel{
		clients: fleetClients, rows: DefaultRows, processors: runtime.NumCPU(), commit: commit,
		transaction: seconds(alone.transaction-operation) - commit, operation: seconds(operation),
		client: seconds(alone.verification/(lastStep-claimStep) - alone.transaction),
	}
}

// report reports the medians.
func (m *measuredFleet) report(b *testing.B, prove bool) {
	b.Helper()
	for nodes := 1; nodes <= 4; nodes++ {
		ratio := middle(m.ratios[nodes])
		b.ReportMetric(middle(m.rates[nodes]), fmt.Sprintf("%d-nodes/s", nodes))
		b.ReportMetric(ratio, fmt.Sprintf("simulated÷%d", nodes))
		if prove && math.Abs(ratio-1) > 0.2 {
			b.Errorf("nodes: %d: the simulation is wrong by more than a fifth", nodes)
		}
	}
	b.ReportMetric(middle(m.rates[4])/middle(m.rates[1]), "four÷one")
}

// middle returns the median.
func middle(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
