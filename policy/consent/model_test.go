package consent_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// gate is the rules under test: what a store and an engine call. The sabotaged ones
// wrap it.
type gate struct {
	apply  func(*consent.Record, consent.Event, time.Time) error
	covers func(*consent.Record, consent.Question, time.Time) consent.Fault
	take   func(*consent.Record, idv.ConsentUse, time.Time) error
}

func theRules() gate {
	return gate{apply: (*consent.Record).Apply, covers: (*consent.Record).Covers, take: (*consent.Record).Take}
}

// world is a random sequence of events and calls, and the two who judge it. Nothing
// in it is concurrent; it stands for a store, which does one thing after the other,
// and the verifications under way are taken on in random order, one step each.
type world struct {
	rng     *rand.Rand
	gate    gate
	records []consent.Record
	oracle  oracle
	now     time.Time
	flights []flight

	calls, refusals int    // that both agree on
	wrong           string // what they do not agree on
}

// flight is a verification under way: its question was covered.
type flight struct {
	consent int
	first   bool
	ended   bool
}

func newWorld(seed uint64, g gate) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 39)), gate: g, now: start()}
	for i := range pick(w, 1, 1, 2) {
		r := w.draft(i)
		w.records = append(w.records, r)
		w.oracle.drafts = append(w.oracle.drafts, r)
	}
	return w
}

// pick chooses one of some things.
func pick[T any](w *world, things ...T) T { return things[w.rng.IntN(len(things))] }

// chance is true n times of a hundred.
func (w *world) chance(n int) bool { return w.rng.IntN(100) < n }

func (w *world) draft(i int) consent.Record {
	r := draft()
	r.ID = pick(w, "c1", "c2")
	if i > 0 {
		r.ID = w.records[0].ID + "'"
	}
	r.MaxUses = 1 + w.rng.IntN(3)
	r.Valid = time.Duration(2+w.rng.IntN(30)) * time.Second
	r.MinReview = time.Duration(w.rng.IntN(3)) * time.Second
	r.OfAge = w.chance(30)
	r.Recipients = r.Recipients[w.rng.IntN(2):]
	if w.chance(20) {
		r.Items = r.Items[:1]
	}
	if w.chance(20) {
		r.Guardian = consent.Guardian{Subject: "k1:mother"}
	}
	if w.chance(10) {
		r.Subject = "k1:other"
	}
	if w.chance(10) {
		r.Purpose = "loan"
	}
	return r
}

// run goes some steps, until the two do not agree. The clock goes on, stands still or
// steps back a little between them.
func (w *world) run(steps int) {
	for range steps {
		w.now = w.now.Add(time.Duration(pick(w, 0, 1, 1, 1, 2, 2, 3, -1)) * time.Second)
		if w.chance(1) {
			w.now = w.now.Add(24 * time.Hour)
		}
		switch n := w.rng.IntN(100); {
		case n < 35:
			w.event()
		case n < 65:
			w.ask()
		default:
			w.call()
		}
		if w.wrong != "" {
			return
		}
	}
}

// event tries something on a consent: most often what comes next in its life.
func (w *world) event() {
	i := w.rng.IntN(len(w.records))
	r := &w.records[i]
	e := consent.Event{Text: r.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}}
	switch r.State {
	case consent.Drafted:
		e.Kind = consent.Present
	case consent.Presented:
		e.Kind = consent.Give
	default:
		e.Kind = pick(w, consent.Withdraw, consent.Give, consent.Present, consent.Present, consent.Refuse)
	}
	if w.chance(12) {
		e.Kind = pick(w, consent.Present, consent.Give, consent.Refuse, consent.Withdraw, consent.Expire)
	}
	if w.chance(6) {
		e.Text = pick(w, "sha256:other", "")
	}
	if w.chance(15) {
		e.Proof.Action = pick(w, "", "", "pre_ticked", consent.Spoken)
	}
	w.oracle.log = append(w.oracle.log, entry{i, e.Kind, w.now, e.Text, e.Proof.Action})
	if w.gate.apply(r, e, w.now) == nil && e.Kind == consent.Give {
		w.supersede(r)
	}
}

// supersede does what a store does in the transaction of an agreement.
func (w *world) supersede(newer *consent.Record) {
	for i := range w.records {
		older := &w.records[i]
		if newer.Replaces(older) && w.gate.apply(older, consent.Event{Kind: consent.Supersede}, w.now) != nil {
			w.wrong = "the older consent cannot be superseded, so the person could not agree again"
		}
	}
}

// ask begins a verification, if the consent covers its question.
func (w *world) ask() {
	i := w.rng.IntN(len(w.records))
	d := &w.oracle.drafts[i]
	q := asked{consent: i, person: d.Subject, app: d.App, purpose: d.Purpose, items: d.Items, age: 30}
	switch n := w.rng.IntN(100); {
	case n < 3:
		q.person = "k1:third"
	case n < 4:
		q.otherName = true
	case n < 6:
		q.app = "other"
	case n < 9:
		q.purpose = "other"
	case n < 12:
		q.items = []idv.Claim{idv.ClaimName, idv.ClaimIDNumber}
	case n < 15:
		q.items = []idv.Claim{idv.ClaimMobile}
	case n < 30:
		q.age = pick(w, -1, 0, 13, 14)
	}
	subject := q.person == w.records[i].Subject
	fault := w.gate.covers(&w.records[i], consent.Question{Subject: subject, Name: !q.otherName, App: q.app, Purpose: q.purpose, Items: q.items, Age: q.age}, w.now)
	w.judge("ask", fault == "", w.oracle.mayAsk(&q, w.now))
	if fault == "" {
		w.flights = append(w.flights, flight{consent: i, first: true})
	}
}

// call takes on one of the verifications under way: its first call, or the next one
// after a failure.
func (w *world) call() {
	if len(w.flights) == 0 {
		return
	}
	f := &w.flights[w.rng.IntN(len(w.flights))]
	if f.ended {
		return
	}
	use := idv.ConsentUse{Recipient: pick(w, "甲方数据有限公司", "乙方数据有限公司", "乙方数据有限公司", "丙方数据有限公司"), First: f.first}
	may := w.oracle.mayCall(f.consent, use.Recipient, use.First, w.now)
	took := w.gate.take(&w.records[f.consent], use, w.now) == nil
	w.judge("call", took, may)
	switch {
	case !took:
		f.ended = true
	case f.first:
		f.first = false
		w.oracle.log = append(w.oracle.log, entry{consent: f.consent, kind: firstCall, at: w.now})
	}
}

func (w *world) judge(what string, got, want bool) {
	switch {
	case got && !want:
		w.wrong = what + ": allowed without a valid, earlier, matching consent"
	case !got && want:
		w.wrong = what + ": refused although the consent is valid"
	case got && what == "call":
		w.calls++
	case !got:
		w.refusals++
	}
}

// stepsOf is how long a sequence is.
const stepsOf = 24

// sequences runs worlds on all cores until one is wrong, and says which.
func sequences(g gate, from, count uint64) (calls, refusals int64, wrong string) {
	var next atomic.Uint64
	var called, refused atomic.Int64
	var first sync.Once
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := next.Add(1) - 1; n < count; n = next.Add(1) - 1 {
				w := newWorld(from+n, g)
				w.run(stepsOf)
				called.Add(int64(w.calls))
				refused.Add(int64(w.refusals))
				if w.wrong != "" {
					first.Do(func() { wrong = fmt.Sprintf("seed %d: %s\n%+v\n%+v", from+n, w.wrong, w.records, w.oracle.log) })
					next.Store(count)
				}
			}
		})
	}
	workers.Wait()
	return called.Load(), refused.Load(), wrong
}

// TestModel is the bar: of a million random sequences no call is made without a
// valid, strictly earlier, matching consent, and none that has one is refused.
func TestModel(t *testing.T) {
	t.Parallel()
	count := uint64(1_000_000)
	if testing.Short() || raceDetector {
		count /= 10
	}
	calls, refusals, wrong := sequences(theRules(), 1, count)
	if wrong != "" {
		t.Fatal(wrong)
	}
	t.Logf("%d sequences: %d calls allowed, %d questions and calls refused", count, calls, refusals)
	if calls < int64(count)/4 || refusals < int64(count) {
		t.Errorf("%d calls and %d refusals: the sequences do not try much", calls, refusals)
	}
}
