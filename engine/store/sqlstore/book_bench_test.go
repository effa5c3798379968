package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// BenchmarkFullBook compares verifications in a ledger of HEYAN_BOOK_CALLS calls, each with a
// claim, a hold, two entries and a verification, with those in an empty one, in interleaved
// rounds: the times at the 99th percentile, medians of the rounds. The median of the ratios is
// with a probability of at least 95 % between low and high. -v shows how far the filling is.
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
	const few = fillPiece
	calls, rounds := fromEnv(b, "HEYAN_BOOK_CALLS", few), 7
	if calls > few {
		rounds = 21
	}
	empty, full := open(), open()
	for _, s := range []*Store{empty, full} {
		defer closeStore(b, s)
		if err := s.AddLot(b.Context(), lotOf("l1", 100_000_000)); err != nil {
			b.Fatal(err)
		}
	}
	fill(b, full, calls, 30*24*time.Hour, append(slices.Clone(fillLedger), fillResults, fillClaims)...)
	size := float64(bookSize(b, full)-bookSize(b, empty)) / float64(calls)
	if calls <= few {
		auditLots(b, full)
	}
	next := int64(calls) + 1
	var short, long, ratios, medians []float64
	for b.Loop() {
		for n := range rounds {
			var one, other roundTimes
			if n%2 == 0 {
				one, other = timesOfRound(b, empty, &next), timesOfRound(b, full, &next)
			} else {
				other, one = timesOfRound(b, full, &next), timesOfRound(b, empty, &next)
			}
			b.Logf("round %d: empty %.1f, full %.1f", n, one, other)
			short, long, ratios = append(short, one.p99), append(long, other.p99), append(ratios, other.p99/one.p99)
			medians = append(medians, other.median/one.median)
		}
	}
	low, high := medianInterval(ratios)
	b.ReportMetric(middle(short), "empty-p99-ms")
	b.ReportMetric(middle(long), "full-p99-ms")
	b.ReportMetric(middle(ratios), "full÷empty")
	b.ReportMetric(middle(medians), "medians-full÷empty")
	b.ReportMetric(low, "low")
	b.ReportMetric(size, "bytes/call")
	b.ReportMetric(high, "high")
}

// bookSize returns the bytes of all tables and indexes.
func bookSize(b *testing.B, s *Store) (n int64) {
	b.Helper()
	sql := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if s.backend.overlaps() {
		sql = `SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`
	}
	if err := s.backend.read(b.Context(), statement{sql: sql, each: func(r row) error { return r.Scan(&n) }}); err != nil {
		b.Fatal(err)
	}
	return n
}

// medianInterval returns between which two of the samples the median of what was sampled lies
// with a probability of at least 95 %, whatever its distribution is. Each sample is below the
// median as often as not, so their number below it has a binomial distribution. Fewer than six
// samples are too few; then it is the least and the greatest.
func medianInterval(list []float64) (low, high float64) {
	slices.Sort(list)
	n, k := len(list), 0
	exactly, atMost := math.Pow(0.5, float64(n)), 0.0 // the probability that k are below
	for atMost+exactly <= 0.025 {
		atMost += exactly
		exactly *= float64(n-k) / float64(k+1)
		k++
	}
	k = max(k, 1)
	return list[k-1], list[n-k]
}

func TestMedianInterval(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ samples, low, high int }{{1, 1, 1}, {5, 1, 5}, {6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {21, 6, 16}, {100, 40, 61}} {
		var list []float64
		for n := test.samples; n > 0; n-- {
			list = append(list, float64(n))
		}
		if low, high := medianInterval(list); int(low) != test.low || int(high) != test.high {
			t.Errorf("of %d: %v and %v, want %d and %d", test.samples, low, high, test.low, test.high)
		}
	}
}

// roundTimes are those of a round, in ms.
type roundTimes struct{ median, p99 float64 }

// timesOfRound makes 3,000 verifications by 32 callers.
func timesOfRound(b *testing.B, s *Store, next *int64) roundTimes {
	b.Helper()
	const callers, each = 32, 94
	took := make([]float64, callers*each)
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for n := range each {
				place := caller*each + n
				start := time.Now()
				if err := verifyPerson(b.Context(), s, *next+int64(place)); err != nil {
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
	return roundTimes{took[len(took)/2], took[len(took)*99/100]}
}

// The ids of verifications sort by time; keys and tokens do not. spread and spreadKeys scatter
// numbers up to eight million, alike in Go and in SQL.
const (
	spread     = 1_099_511_627_791
	spreadKeys = 1_099_511_628_211
	spreadMost = 8_999_999_999_999_983
)

func bookID(n int64) string { return fmt.Sprintf("v%016d", n) }

func bookKey(n int64) string {
	return fmt.Sprint("key-", 1_000_000_000_000_000+n*spreadKeys%spreadMost)
}

// bookToken is as long as a token of a keyring.
func bookToken(n int64) idv.SubjectToken {
	return idv.SubjectToken(fmt.Sprint("k1:", 1_000_000_000_000_000+n*spread%spreadMost, strings.Repeat("T", 24)))
}

// verifyPerson is what the engine asks of a store for one verification of a person, with an
// idempotency key and one call.
func verifyPerson(ctx context.Context, s store.Store, n int64) error {
	i := call(0)
	i.Verification, i.At, i.Purpose, i.Basis = bookID(n), time.Now(), "signup", "contract"
	i.Attempt = i.Verification + "-1"
	k := store.Key{Tenant: i.Tenant, Key: bookKey(n)}
	_, _, err := s.Claim(ctx, store.Claim{Key: k, Verification: i.Verification, Deadline: i.Deadline, Expiry: i.At.Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	i.Key = k.Key
	held, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	a := outcomeOf(i, held, idv.Charged)
	a.Duration, a.VendorRef = 180*time.Millisecond, "202611300000000001"
	v := verificationOf(i)
	v.App, v.Purpose, v.Basis, v.Token, v.TraceID = i.App, i.Purpose, i.Basis, bookToken(n), strings.Repeat("0a", 16)
	v.Subject = idv.MaskedSubject{Name: "张**", IDNumber: "110***********0011"}
	v.Attempts = []idv.Attempt{a}
	return s.CompleteWithCall(ctx, a, k, v)
}
