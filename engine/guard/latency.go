package guard

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// overdueLeast is the shortest time after which a call is overdue: a vendor that answers in
	// 5 ms may pause for a garbage collection.
	overdueLeast = 300 * time.Millisecond
	// unusualLeast is the shortest time after which a call takes longer than usual.
	unusualLeast = 30 * time.Millisecond
	// overdueSamples is how many answers must be known before any call is overdue.
	overdueSamples = 100
	// overdueKeep bounds the answers that are remembered, so that a vendor that has become
	// slower is soon taken for what it is.
	overdueKeep = 4096
)

// latency keeps how long answers take: a mean in which each answer weighs a tenth, and a
// histogram. It says nothing of verdicts.
type latency struct {
	nanos atomic.Int64
	last  atomic.Int64 // when the last answer came, in Unix nanoseconds

	mu      sync.Mutex
	buckets [120]uint32 // from 1 ms on, each a tenth wider than the one before: up to 84 s
	samples uint32
	bound   atomic.Int64 // twice the 99.9th percentile; 0 while unknown
	usual   atomic.Int64 // the 99th percentile; 0 while unknown
}

func (l *latency) add(d time.Duration) {
	l.mean(d)
	l.last.Store(time.Now().UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets[bucketOf(d)]++
	if l.samples++; l.samples >= overdueKeep {
		l.halve()
	}
	if l.samples >= overdueSamples {
		l.bound.Store(int64(max(2*l.percentile(l.samples/1000), overdueLeast)))
		l.usual.Store(int64(max(l.percentile(l.samples/100), unusualLeast)))
	}
}

func (l *latency) mean(d time.Duration) {
	for {
		old := l.nanos.Load()
		next := int64(max(d, 1))
		if old > 0 {
			next = max(old+(int64(d)-old)/10, 1)
		}
		if l.nanos.CompareAndSwap(old, next) {
			return
		}
	}
}

func (l *latency) halve() {
	l.samples = 0
	for i := range l.buckets {
		l.buckets[i] /= 2
		l.samples += l.buckets[i]
	}
}

// percentile returns the upper end of the bucket above which at most that many answers are.
func (l *latency) percentile(above uint32) time.Duration {
	for i, n := range slices.Backward(l.buckets[:]) {
		if n > above {
			return time.Duration(math.Pow(bucketGrowth, float64(i)) * float64(time.Millisecond))
		}
		above -= n
	}
	return 0
}

const bucketGrowth = 1.1

func bucketOf(d time.Duration) int {
	ms := float64(d) / float64(time.Millisecond)
	if ms <= 1 {
		return 0
	}
	return min(int(math.Ceil(math.Log(ms)/math.Log(bucketGrowth))), len(latency{}.buckets)-1)
}

func (l *latency) estimate() time.Duration { return time.Duration(l.nanos.Load()) }

// decayed is the estimate, halved for each idleHalf without an answer: a provider that was
// slow once is measured again some time.
func (l *latency) decayed(now time.Time) time.Duration {
	idle := max(now.UnixNano()-l.last.Load(), 0) / int64(idleHalf)
	return l.estimate() >> min(idle, 62)
}

const idleHalf = time.Minute

// patience returns how long a call may take: four times the 99.9th percentile, but no less
// than half the limit and no more than the limit. A call that is cut off may be charged, so
// it is not cut off much earlier than the operator said.
func (l *latency) patience(limit time.Duration) time.Duration {
	if bound := l.overdue(); bound > 0 {
		return min(limit, max(2*bound, limit/2))
	}
	return limit
}

// overdue returns after how long a call is overdue, 0 while too few answers are known.
func (l *latency) overdue() time.Duration { return time.Duration(l.bound.Load()) }

// running keeps the calls in flight that the breaker has not heard of, the oldest first. It
// is short: a bulkhead bounds it.
type running struct {
	mu       sync.Mutex
	last     int64
	answered int64 // the youngest call that was answered
	calls    []runningCall
}

type runningCall struct {
	id    int64
	begun time.Time
	done  func(error)
}

// begin adds a call. Two that begin at once may be out of order by a moment, which no bound
// notices.
func (r *running) begin(now time.Time, done func(error)) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.calls = append(r.calls, runningCall{r.last, now, done})
	return r.last
}

// end removes a call and returns how to report it, nil if it was reported.
func (r *running) end(id int64, answered bool) func(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if answered {
		r.answered = max(r.answered, id)
	}
	i, found := r.find(id)
	if !found {
		return nil
	}
	done := r.calls[i].done
	r.calls = slices.Delete(r.calls, i, i+1)
	return done
}

func (r *running) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(r.calls, id, func(c runningCall, id int64) int { return int(c.id - id) })
}

// silent reports whether at least n calls are younger than every answered one and the oldest of
// them runs for longer than the bound. If single calls are slow, younger ones overtake them.
func (r *running) silent(n int, now time.Time, bound time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, _ := r.find(r.answered + 1)
	return len(r.calls)-i >= n && now.Sub(r.calls[i].begun) > bound
}

// late reports whether at least n calls run for longer than the bound.
func (r *running) late(n int, now time.Time, bound time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls) >= n && now.Sub(r.calls[n-1].begun) > bound
}

// take removes the calls that run for longer than the bound, and returns how to report them.
func (r *running) take(now time.Time, bound time.Duration) (list []func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.calls) > 0 && now.Sub(r.calls[0].begun) > bound {
		list = append(list, r.calls[0].done)
		r.calls = slices.Delete(r.calls, 0, 1)
	}
	return list
}

// clear forgets the calls in flight.
func (r *running) clear() {
	r.mu.Lock()
	r.calls = nil
	r.mu.Unlock()
}
