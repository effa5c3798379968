package sqlstore

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// fleetModel is a fleet of which each node has clients that make one verification after the
// other. The times are constants that BenchmarkFleet measures with one node.
type fleetModel struct {
	nodes, clients int
	rows           int // of the one lot that all verifications draw on
	processors     int // of the machines of the nodes and the database together

	commit      time.Duration // which needs no processor
	transaction time.Duration // of processors, for a transaction with no operation
	operation   time.Duration // of processors, for each operation more
	client      time.Duration // from the end of an operation to the next one of its client
	vendor      time.Duration // a call
	counter     time.Duration // of processors, for a transaction of a limit that all verifications count in; 0: no limit
}

// The operations of a verification.
const (
	countStep = iota
	claimStep
	holdStep
	resultStep
	lastStep
)

// fleetRun simulates a fleet. It is an event loop: what happens next is the first event.
type fleetRun struct {
	fleetModel

	now     time.Duration
	events  events
	count   int // of all events
	random  *rand.Rand
	cpu     server
	counted server // the counter, which one transaction has at a time
	free    int    // rows
	ended   int    // verifications
}

// simulate returns the verifications a second of a fleet, over 6 seconds after 2 to begin.
func (m fleetModel) simulate() float64 {
	r := &fleetRun{fleetModel: m, random: rand.New(rand.NewPCG(1, 2)), cpu: server{free: m.processors}, counted: server{free: 1}, free: m.rows}
	for range m.nodes {
		calls, counts := &simulatedWriter{r: r}, &simulatedWriter{r: r, counts: true}
		for range m.clients {
			r.after(time.Duration(r.random.Int64N(int64(time.Millisecond))), func() { (&simulatedCall{r: r, calls: calls, counts: counts}).next() })
		}
	}
	const begin, end = 2 * time.Second, 8 * time.Second
	r.until(begin)
	before := r.ended
	r.until(end)
	return float64(r.ended-before) / (end - begin).Seconds()
}

func (r *fleetRun) until(t time.Duration) {
	for len(r.events) > 0 && r.events[0].at <= t {
		e := heap.Pop(&r.events).(event)
		r.now = e.at
		e.do()
	}
}

func (r *fleetRun) after(d time.Duration, do func()) {
	r.count++
	heap.Push(&r.events, event{r.now + d, r.count, do})
}

// work uses a processor for a time.
func (r *fleetRun) work(d time.Duration, then func()) {
	r.cpu.take(func() {
		r.after(d, func() {
			r.cpu.give()
			then()
		})
	})
}

// simulatedCall is a client with its verification.
type simulatedCall struct {
	r             *fleetRun
	calls, counts *simulatedWriter
	step, waits   int
}

// next submits the operation of the step.
func (c *simulatedCall) next() {
	if c.step == countStep && c.r.counter == 0 {
		c.step++
	}
	if c.step == countStep {
		c.counts.submit(c)
		return
	}
	c.calls.submit(c)
}

// done is called after the transaction of an operation.
func (c *simulatedCall) done() {
	pause := c.r.client
	if c.step == holdStep {
		pause += c.r.vendor
	}
	if c.step++; c.step == lastStep {
		c.r.ended++
		c.step = 0
	}
	c.waits = 0
	c.r.after(pause, c.next)
}

// simulatedWriter gathers what waits into one transaction at a time, as writer does.
type simulatedWriter struct {
	r      *fleetRun
	counts bool
	queue  []*simulatedCall
	busy   bool
}

func (w *simulatedWriter) submit(c *simulatedCall) {
	w.queue = append(w.queue, c)
	w.transact()
}

// transact begins a transaction if none runs. Without a free row only claims go into it; the
// others are tried again later.
func (w *simulatedWriter) transact() {
	if w.busy || len(w.queue) == 0 {
		return
	}
	n := min(len(w.queue), batchSize)
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	if w.counts {
		w.busy = true
		w.r.counted.take(func() { w.run(batch, w.r.counter, 0, w.r.counted.give) })
		return
	}
	row := 0
	var kept []*simulatedCall
	for _, c := range batch {
		if c.step == claimStep || w.r.free > 0 {
			kept = append(kept, c)
			if c.step != claimStep {
				row = 1
			}
			continue
		}
		wait := firstWait << min(c.waits, longestPart)
		c.waits++
		w.r.after(wait+time.Duration(w.r.random.Int64N(int64(wait))), func() { w.submit(c) })
	}
	if len(kept) == 0 {
		w.transact()
		return
	}
	w.busy = true
	w.r.free -= row
	w.run(kept, w.r.transaction, w.r.commit, func() { w.r.free += row })
}

func (w *simulatedWriter) run(batch []*simulatedCall, begin, commit time.Duration, end func()) {
	w.r.work(begin+time.Duration(len(batch))*w.r.operation, func() {
		w.r.after(commit, func() {
			end()
			w.busy = false
			for _, c := range batch {
				c.done()
			}
			w.transact()
		})
	})
}

// server serves so many at a time, in their order.
type server struct {
	free  int
	queue []func()
}

func (s *server) take(do func()) {
	if s.free == 0 {
		s.queue = append(s.queue, do)
		return
	}
	s.free--
	do()
}

func (s *server) give() {
	if len(s.queue) == 0 {
		s.free++
		return
	}
	do := s.queue[0]
	s.queue = s.queue[1:]
	do()
}

// event is something to do at a time; n orders those of one time.
type event struct {
	at time.Duration
	n  int
	do func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
