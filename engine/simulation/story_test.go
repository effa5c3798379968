package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// event is one thing that happens in a world, at a time since its beginning. What an event
// draws at random depends on the seed of the story and the number of the event alone, so
// that the others stay as they are if one is left out.
type event struct {
	id     int
	at     time.Duration
	kind   kind
	node   int
	vendor int
	person int
	key    int    // of a request; 0 for none
	mode   mode   // of a vendor's fault
	fault  string // of the store
	length time.Duration
	jump   time.Duration
	names  uint64 // the vendors that a consent names, as bits
	uses   int    // that a consent allows
	dies   int    // of a request: its node dies at a write of it, see deathAt
	twist  twist  // of a request
	daily  bool   // the maintenance window recurs
}

// twist is one thing in which a request differs from what its person agreed to.
type twist int

const (
	otherPurpose twist = iota + 1
	otherApp
	otherName    // the name is that of another person
	otherConsent // the consent is that of another person
)

type kind string

const (
	ask      kind = "ask"      // a client makes a request
	fault    kind = "fault"    // a vendor has a fault for a while
	bad      kind = "store"    // the store has a fault for a while
	clock    kind = "clock"    // the store's clock is wrong for a while
	death    kind = "death"    // a node dies at once; another starts in its place
	reload   kind = "reload"   // an engine replaces another one, with its guards
	withdraw kind = "withdraw" // a person withdraws the consent
	consents kind = "consent"  // a person gives a new consent
	resume   kind = "resume"   // an operator resumes a vendor on every node
	drain    kind = "drain"    // an operator drains a vendor on a node
	settle   kind = "settle"   // reconciliation resolves what is unknown
	buy      kind = "buy"      // a package is bought
	sweep    kind = "sweep"    // a node recovers what others left
	declare  kind = "window"   // an operator declares a maintenance window
	retract  kind = "retract"  // an operator deletes the maintenance windows of a vendor
)

// story is a world's setting and what happens in it.
type story struct {
	seed   uint64
	length time.Duration
	set    setting
	events []event
	bursts []span // since the beginning
}

// span is a time, without its end.
type span struct{ from, to time.Duration }

// setting is what stays the same in a world.
type setting struct {
	vendors     []vendorSetting
	nodes       int
	people      int
	attempts    int // of a route
	retry       bool
	maxBillable int
	timeout     time.Duration
	consent     bool
	limit       int // requests of a person a day
	writes      time.Duration
	second      int           // second opinions a day for one of the purposes; 0 for none
	cache       time.Duration // how long answers for that purpose may be reused; 0 for never
	shared      bool          // nodes share what they know of gates
	feed        bool          // the store reports changes
}

type vendorSetting struct {
	codec              bool // an adapter of package providers decodes what it sends
	account            bool
	packaged           bool
	chargesMaintenance int // 0 no, 1 not known, 2 yes
	latency            time.Duration
	timeout            time.Duration
	concurrency        int
	rate               float64
	price              int64
	seller             int           // vendors of one seller are one recipient
	cache              time.Duration // how long an answer may be reused; 0 for never
}

// perDay is the number of bursts of a day. Between them nothing is asked.
const perDay = 8

func newStory(seed uint64, length time.Duration) *story {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &story{seed: seed, length: length, set: newSetting(r)}
	w := writer{Rand: r, story: s}
	for at := time.Minute; at < length; {
		at = w.burst(at)
		at += time.Duration(float64(day) / perDay * (0.5 + r.Float64()))
	}
	slices.SortFunc(s.events, func(a, b event) int { return int(a.at - b.at) })
	return s
}

func newSetting(r *rand.Rand) setting {
	s := setting{
		nodes: 1 + r.IntN(3), people: 100, attempts: 1 + r.IntN(3), retry: r.IntN(3) == 0, maxBillable: r.IntN(3),
		timeout: time.Duration(4+r.IntN(7)) * time.Second, consent: r.IntN(4) > 0, limit: 15 + r.IntN(60),
		writes: time.Duration(200+r.IntN(3000)) * time.Microsecond,
	}
	for i := range 2 + r.IntN(4) {
		s.vendors = append(s.vendors, vendorSetting{
			codec: r.IntN(2) == 0, account: r.IntN(3) == 0, packaged: r.IntN(2) == 0, chargesMaintenance: r.IntN(3),
			latency: time.Duration(10+r.IntN(200)) * time.Millisecond, timeout: time.Duration(1500+r.IntN(1500)) * time.Millisecond,
			concurrency: []int{0, 0, 4, 16}[r.IntN(4)], rate: []float64{0, 0, 0, 5}[r.IntN(4)], price: int64(20_000 + r.IntN(90_000)), seller: i,
		})
		if i > 0 && r.IntN(5) == 0 {
			s.vendors[i].seller = s.vendors[i-1].seller
		}
	}
	s.second, s.shared, s.feed = []int{0, 0, 5, 60, 1000}[r.IntN(5)], s.nodes > 1 && r.IntN(3) > 0, r.IntN(2) == 0
	if r.IntN(3) == 0 {
		s.cache = time.Duration(1+r.IntN(240)) * time.Minute
		for i := range s.vendors {
			s.vendors[i].cache = []time.Duration{0, time.Minute, 100 * time.Minute}[r.IntN(3)]
		}
	}
	return s
}

// writer writes a story.
type writer struct {
	*rand.Rand
	story *story
	keyed []event // earlier requests with a key
}

func (w *writer) add(e event) {
	e.id = len(w.story.events) + 1
	e.at += time.Duration(w.IntN(int(time.Millisecond))) // no two things happen at one instant
	w.story.events = append(w.story.events, e)
}

func (w *writer) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.Int64N(int64(to-from)))
}

// burst writes some minutes in which clients ask and things go wrong, and returns their end.
func (w *writer) burst(at time.Duration) time.Duration {
	end := at + w.between(2*time.Minute, 8*time.Minute)
	for t := at; t < end; t += time.Duration(w.ExpFloat64() * float64(time.Second)) {
		w.request(t)
	}
	for range 1 + w.IntN(2) {
		w.wave(w.between(at+time.Minute, end))
	}
	for range 1 + w.IntN(5) {
		w.fault(w.between(at, end))
	}
	for range w.IntN(6) {
		w.trouble(w.between(at, end))
	}
	if w.IntN(3) == 0 {
		w.window(w.between(at, end))
	}
	w.story.bursts = append(w.story.bursts, span{at - 10*time.Second, end + 3*time.Minute})
	w.sweeps(at, end+4*time.Minute, 90*time.Second)
	if w.IntN(2) == 0 {
		w.add(event{at: end + 5*time.Minute, kind: settle})
	}
	return end
}

// wave writes some seconds in which many clients ask at once, often while a vendor fails or a
// node dies.
func (w *writer) wave(at time.Duration) {
	length, gap := w.between(time.Second, 12*time.Second), w.between(10*time.Millisecond, 200*time.Millisecond)
	for t := at; t < at+length; t += time.Duration(w.ExpFloat64() * float64(gap)) {
		w.request(t)
	}
	if w.IntN(2) == 0 {
		w.fault(w.between(at, at+length))
	}
	if w.IntN(4) == 0 {
		w.death(w.between(at, at+length))
	}
}

func (w *writer) fault(at time.Duration) {
	e := event{at: at, kind: fault, vendor: w.IntN(len(w.story.set.vendors)), length: w.between(2*time.Second, 90*time.Second)}
	e.mode = modes()[w.IntN(len(modes()))]
	w.add(e)
	if w.IntN(3) == 0 { // one fault ends in another
		e.at += e.length - time.Millisecond
		e.mode = modes()[w.IntN(len(modes()))]
		w.add(e)
	}
	if e.mode == noQuota || e.mode == badKey || w.IntN(10) == 0 {
		w.add(event{at: e.at + e.length + w.between(0, time.Minute), kind: resume, vendor: e.vendor})
	}
}

// death writes the death of a node. Its clients repeat what it did not answer.
func (w *writer) death(at time.Duration) {
	node := w.IntN(w.story.set.nodes)
	w.add(event{at: at, kind: death, node: node, length: w.between(time.Second, 30*time.Second)})
	for _, old := range w.keyed {
		if old.node == node && old.at < at && old.at > at-3*time.Second {
			w.add(event{at: at + w.between(time.Second, 5*time.Minute), kind: ask, node: w.IntN(w.story.set.nodes), person: old.person, key: old.key})
		}
	}
}

// request writes a request, or repeats an earlier one.
func (w *writer) request(at time.Duration) {
	e := event{at: at, kind: ask, node: w.IntN(w.story.set.nodes), person: w.IntN(w.story.set.people)}
	if w.IntN(60) == 0 {
		e.twist = 1 + twist(w.IntN(4))
	}
	switch n := w.IntN(10); {
	case n < 5:
	case n == 9 && len(w.keyed) > 0:
		old := w.keyed[max(len(w.keyed)-1-w.IntN(1+w.IntN(60)), 0)]
		e.key, e.person, e.twist = old.key, old.person, old.twist
		if e.at < old.at {
			e.at = old.at + time.Second
		}
		switch w.IntN(8) {
		case 0:
			e.person = (old.person + 1) % w.story.set.people
		case 1:
			e.twist = 1 + twist(w.IntN(4))
		}
	default:
		e.key = len(w.story.events) + 1
		w.keyed = append(w.keyed, e)
	}
	switch w.IntN(250) {
	case 0, 1, 2, 3, 4:
		e.length = w.between(time.Millisecond, 2*time.Second) // the client gives up, see giveUp
	case 5, 6, 7, 8: // the person withdraws while a call may run
		w.add(event{at: at + w.between(0, 400*time.Millisecond), kind: withdraw, person: e.person})
		w.add(event{at: at + w.between(time.Second, time.Minute), kind: consents, person: e.person, names: w.Uint64(), uses: 1 << w.IntN(20)})
	case 9:
		e.dies = 2 + w.IntN(16)
		if e.key != 0 {
			w.add(event{at: at + w.between(70*time.Second, 5*time.Minute), kind: ask, node: w.IntN(w.story.set.nodes), person: e.person, key: e.key})
		}
	}
	w.add(e)
}

// sweeps writes that nodes recover what is lost. Every node does so by a timer of its own, and an
// operator may at any time.
func (w *writer) sweeps(at, end, most time.Duration) {
	for t := at; t < end; t += w.between(most/3, most) {
		w.add(event{at: t, kind: sweep, node: w.IntN(w.story.set.nodes)})
	}
}

// window writes a maintenance window, in which the vendor often has a fault. The fault may begin
// early and end late.
func (w *writer) window(at time.Duration) {
	e := event{at: at, kind: declare, vendor: w.IntN(len(w.story.set.vendors)), daily: w.IntN(3) == 0}
	e.jump, e.length = w.between(0, 90*time.Second), w.between(20*time.Second, 4*time.Minute)
	w.add(e)
	if w.IntN(4) > 0 {
		begin := at + e.jump + w.between(-5*time.Second, 5*time.Second)
		w.add(event{at: begin, kind: fault, vendor: e.vendor, mode: modes()[w.IntN(len(modes()))], length: e.length + w.between(-10*time.Second, 10*time.Second)})
	}
	switch w.IntN(6) {
	case 0:
		w.add(event{at: at + w.between(0, 3*time.Minute), kind: retract, vendor: e.vendor})
	case 1:
		w.add(event{at: at + w.between(0, 3*time.Minute), kind: resume, vendor: e.vendor})
	case 2:
		w.add(event{at: at + w.between(0, time.Minute), kind: declare, vendor: e.vendor, jump: w.between(0, time.Minute), length: w.between(time.Minute, 4*time.Minute)})
	}
}

// deathAt returns at which write of the request its node dies, and whether that is before the
// commit.
func (e *event) deathAt() (write int, before bool) { return e.dies / 2, e.dies%2 == 0 }

func (w *writer) trouble(at time.Duration) {
	set := &w.story.set
	switch w.IntN(9) {
	case 0:
		length := w.between(time.Second, 20*time.Second)
		w.add(event{at: at, kind: bad, fault: []string{"slow", "refuses", "unsure", "crash"}[w.IntN(4)], length: length})
		w.sweeps(at, at+length+4*time.Second, 2*time.Second)
		if w.IntN(3) == 0 { // the machine comes back with a wrong clock
			w.add(event{at: at - time.Second, kind: clock, jump: w.between(time.Hour, 48*time.Hour), length: length + w.between(10*time.Second, 4*time.Minute)})
		}
	case 1:
		jump := w.between(time.Second, 25*time.Second)
		if w.IntN(2) == 0 {
			jump = w.between(time.Hour, 48*time.Hour)
		}
		if w.IntN(2) == 0 {
			jump = -jump
		}
		w.add(event{at: at, kind: clock, jump: jump, length: w.between(10*time.Second, 8*time.Minute)})
	case 2, 3:
		w.death(at)
	case 4:
		w.add(event{at: at, kind: reload, node: w.IntN(set.nodes)})
	case 5:
		for range 1 + w.IntN(8) {
			e := event{at: at + w.between(0, 20*time.Second), kind: withdraw, person: w.IntN(set.people)}
			if old := w.story.events[len(w.story.events)-1-w.IntN(min(200, len(w.story.events)))]; old.kind == ask { // while a call may run
				e.at, e.person = old.at+w.between(0, time.Second), old.person
			}
			w.add(e)
			if w.IntN(4) > 0 {
				w.add(event{at: e.at + w.between(time.Second, time.Hour), kind: consents, person: e.person, names: w.Uint64(), uses: 1 << w.IntN(20)})
			}
		}
	case 6:
		for range 1 + w.IntN(8) {
			w.add(event{
				at: at + w.between(0, 20*time.Second), kind: consents, person: w.IntN(set.people), names: w.Uint64(), uses: 1 << w.IntN(20),
			})
		}
	case 7:
		v := w.IntN(len(set.vendors))
		w.add(event{at: at, kind: drain, vendor: v, node: w.IntN(set.nodes)})
		w.add(event{at: at + w.between(time.Second, time.Minute), kind: resume, vendor: v})
	case 8:
		w.add(event{at: at, kind: buy, vendor: w.IntN(len(set.vendors)), uses: 100 << w.IntN(5)})
	}
}

// vendorName returns the configured name of a vendor.
func vendorName(i int) string { return string(rune('a' + i)) }

// String tells the event in a sentence.
func (e event) String() string {
	node, vendor := fmt.Sprintf("node %d", e.node+1), "vendor "+vendorName(e.vendor)
	text := ""
	switch e.kind {
	case ask:
		text = fmt.Sprintf("Request %d asks %s about person %d", e.id, node, e.person)
		text += e.twist.sentence()
		if e.key != 0 {
			text += fmt.Sprintf(" under key %d", e.key)
		}
		if e.length > 0 {
			text += fmt.Sprintf(" and gives up after %v", round(e.length))
		}
		if n, before := e.deathAt(); n > 0 {
			text += fmt.Sprintf("; the node dies %s the commit of its write number %d", map[bool]string{true: "before", false: "after"}[before], n)
		}
	case fault:
		text = fmt.Sprintf("%s %s for %v", vendor, e.mode.sentence(), round(e.length))
	case bad:
		text = fmt.Sprintf("the store %s for %v", map[string]string{
			"slow": "is slow", "refuses": "refuses writes", "unsure": "reports errors for writes that may be done", "crash": "crashes and comes back, without what was not committed,",
		}[e.fault], round(e.length))
	case clock:
		text = fmt.Sprintf("the clock of the store is off by %v for %v", round(e.jump), round(e.length))
	case death:
		text = fmt.Sprintf("%s dies; it is replaced after %v", node, round(e.length))
	case reload:
		text = fmt.Sprintf("%s reloads its configuration", node)
	case withdraw:
		text = fmt.Sprintf("person %d withdraws the consent", e.person)
	case consents:
		text = fmt.Sprintf("person %d gives a new consent for %d uses", e.person, e.uses)
	case resume:
		text = fmt.Sprintf("an operator resumes %s on all nodes", vendor)
	case drain:
		text = fmt.Sprintf("an operator drains %s on %s", vendor, node)
	case settle:
		text = "reconciliation resolves the calls that are unknown"
	case buy:
		text = fmt.Sprintf("a package of %d calls of %s is booked", e.uses, vendor)
	case sweep:
		text = fmt.Sprintf("%s recovers what is lost", node)
	case declare:
		text = fmt.Sprintf("a maintenance window of %s is declared, which begins %v later and lasts %v%s", vendor, round(e.jump), round(e.length),
			map[bool]string{true: ", each day"}[e.daily])
	case retract:
		text = fmt.Sprintf("the maintenance windows of %s are deleted", vendor)
	}
	return fmt.Sprintf("%s  %s%s.", clockTime(e.at), strings.ToUpper(text[:1]), text[1:])
}

func (t twist) sentence() string {
	return [...]string{"", " for another purpose", " from another app", " with the name of another person", " with the consent of another person"}[t]
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

func clockTime(d time.Duration) string {
	d = d.Round(time.Millisecond)
	return fmt.Sprintf("%02d:%02d:%02d.%03d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, d.Milliseconds()%1000)
}

// String tells the setting in sentences.
func (s *setting) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s over one store. A request takes at most %v and %s; max_billable_calls is %d, retry_unknown %v, consents are needed: %v.\n",
		idv.Count(s.nodes, "node"), s.timeout, idv.Count(s.attempts, "call"), s.maxBillable, s.retry, s.consent)
	fmt.Fprintf(&b, "Second opinions a day: %d. Answers are reused for %v. Nodes share gates: %v, by a feed: %v.\n", s.second, s.cache, s.shared, s.feed)
	for i, v := range s.vendors {
		fmt.Fprintf(&b, "Vendor %s answers in about %v, its timeout is %v, and its maintenance is %s.", vendorName(i), v.latency, v.timeout,
			[...]string{"not charged", "perhaps charged", "charged"}[v.chargesMaintenance])
		for _, more := range []struct {
			is   bool
			text string
		}{
			{v.codec, "The adapter of idcert reads it."}, {v.account, "It is on the shared account."}, {v.packaged, "It has a package."},
			{v.concurrency > 0, fmt.Sprintf("%d calls may run.", v.concurrency)}, {v.rate > 0, fmt.Sprintf("%v calls a second are allowed.", v.rate)},
			{v.seller != i, "Its recipient is that of vendor " + vendorName(v.seller) + "."},
			{v.cache > 0 && s.cache > 0, fmt.Sprintf("Its answers are reused for %v.", v.cache)},
		} {
			if more.is {
				fmt.Fprint(&b, " ", more.text)
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
