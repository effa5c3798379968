package simulation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// violation is a broken law.
type violation struct {
	law  string
	what string
	at   time.Duration
}

// figures count what a run has met, so that a simulation in which nothing happens is noticed.
type figures struct {
	simulated                                    time.Duration
	requests, calls, answers, failovers, replays int
	trials, closings, ramped, deaths, billed     int
	unknown, withdrawn, second, reused           int
	windows, news                                int
	outcomes                                     map[string]int
	sum                                          uint64
}

// laws know what has happened so far and what must never happen.
type laws struct {
	trace trace
	story *story
	begin time.Time

	mu       sync.Mutex
	first    *violation
	count    figures
	ids      map[string]*verification
	holds    map[string]*idv.Intent // committed, by attempt
	calls    map[string]*call       // by attempt
	keys     map[string]*usedKey
	given    map[string]*agreement // by the id of the consent
	last     map[int]*agreement    // by person
	lots     map[string]ledger.Lot
	packaged map[string]bool // by provider
	byDay    map[string]int  // verifications with a call, by person and day; second opinions, by purpose and day
	vendors  []*vendor
	disk     *disk
	plan     calendar

	facts     map[gateID]fact
	followers []*node
}

// verification is what happens under one id.
type verification struct {
	id      string
	asked   int // the event of its request
	person  int
	key     int
	calls   []*call
	charges int               // calls that may have been charged
	told    *idv.Verification // what a client received
	asks    *idv.Request
}

// call is one call of one vendor, as its adapter reported it to the engine.
type call struct {
	attempt   string
	vendor    int
	node      *node
	begin     time.Time
	end       time.Time // zero while it runs
	err       *idv.Error
	answer    idv.Answer
	sent      sent
	disturbed bool
	chargable bool // it may have been charged, as far as the engine can know
	trial     bool
	since     int           // the number of resumptions before it
	timeout   time.Duration // configured
	granted   time.Duration // the time that the call was given
	overdue   time.Duration // what the engine says of the vendor's latency
	excused   bool          // it failed in a maintenance window, which says nothing of the vendor
}

// usedKey is an idempotency key with the first verification under it that may have cost.
type usedKey struct {
	claimed time.Time
	paid    string
	done    string // the verification that was returned
	verdict idv.Verdict
	claim   store.Claim
}

func newLaws(s *story) *laws {
	return &laws{
		story: s, begin: time.Now(), ids: map[string]*verification{}, holds: map[string]*idv.Intent{}, calls: map[string]*call{},
		keys: map[string]*usedKey{}, given: map[string]*agreement{}, last: map[int]*agreement{}, lots: map[string]ledger.Lot{}, byDay: map[string]int{}, packaged: map[string]bool{},
		facts: map[gateID]fact{},
	}
}

// breach records the first broken law.
func (l *laws) breach(law, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breachLocked(law, format, args...)
}

func (l *laws) breachLocked(law, format string, args ...any) {
	if l.first == nil {
		l.first = &violation{law: law, what: fmt.Sprintf(format, args...), at: time.Since(l.begin)}
	}
}

func (l *laws) broken() *violation {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}

func (l *laws) figures() figures {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.count
	for _, v := range l.vendors {
		f.billed += int(v.billed)
	}
	f.sum = l.trace.sum
	return f
}

// claimed records that a key was claimed anew.
func (l *laws) claimed(c *store.Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	old := l.keys[c.Key.Key]
	if old != nil && now.Before(old.claimed.Add(keyLife-time.Minute)) {
		if old.paid != "" {
			l.breachLocked("idempotency", "key %s was claimed again for %s though %s may have been charged", c.Key.Key, name(c.Verification), name(old.paid))
		}
		if old.done != "" {
			l.breachLocked("idempotency", "key %s was claimed again though its request was answered", c.Key.Key)
		}
	}
	l.keys[c.Key.Key] = &usedKey{claimed: now, claim: *c}
}

// held records a hold at its commit and checks that the person's consent allows the call.
func (l *laws) held(a *request, i *idv.Intent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := *i
	l.holds[i.Attempt] = &kept
	if i.Consent.ID == "" {
		if l.story.set.consent {
			l.breachLocked("consent", "a call of %s was reserved without a consent", i.Provider)
		}
		return
	}
	l.checkUse(a, i.Consent.ID, i.Verification, l.story.set.recipient(vendorOf(i.Provider)), "a call of "+i.Provider+" was reserved")
}

// checkUse checks a use of a consent, at its commit.
func (l *laws) checkUse(a *request, consent, verification, recipient, what string) {
	given := l.given[consent]
	switch {
	case given == nil:
		l.breachLocked("consent", "%s on a consent that was never given", what)
		return
	case given.ended:
		l.breachLocked("consent", "%s after the consent had ended", what)
	case time.Now().After(given.until.Add(time.Minute)) && !given.doubtful && !l.disk.wrong():
		l.breachLocked("consent", "%s after the consent had expired", what)
	case !given.names[recipient]:
		l.breachLocked("consent", "%s for %s, which the consent does not name", what, recipient)
	case a.twist == otherName || given.person != a.person:
		l.breachLocked("consent", "%s on the consent of another person", what)
	case given.purpose != a.asks.Purpose || a.asks.App != "app":
		l.breachLocked("consent", "%s for another purpose or app than the person agreed to", what)
	}
	given.holds[verification] = a
	if record, err := l.disk.Consent(context.Background(), tenant, given.record); err != nil || record.Used > given.most {
		l.breachLocked("consent uses", "%d uses were taken of a consent for %d", record.Used, given.most)
	}
}

func (l *laws) agreed(person int, a *agreement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.last[person]; old != nil {
		old.ended = true
	}
	l.last[person], l.given[a.record] = a, a
}

func (l *laws) ended(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given[id].ended = true
	l.count.withdrawn++
}

func (l *laws) died() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.deaths++
}

func (l *laws) consentOf(person int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.last[person]; a != nil {
		return a.record
	}
	return ""
}

func (l *laws) bought(lot ledger.Lot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lots[lot.ID], l.packaged[lot.Provider] = lot, true
}

func (l *laws) wasBilled(attempt string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.calls[attempt]
	return c != nil && c.sent.billed
}

// answered checks what a client received.
func (l *laws) answered(n *node, a *request, v idv.Verification, err error) {
	took := time.Since(a.begin)
	verdict := v.Verdict.String()
	if err != nil {
		verdict = string(engine.ProblemOf(err).Class)
	}
	l.trace.add("%d request %d: %s %s after %v", time.Since(l.begin), a.id, verdict, v.Reason, took)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.requests++
	if most := l.story.set.timeout + storeSlack; took > most {
		l.breachLocked("deadline", "request %d took %v, the deadline is %v", a.id, took, l.story.set.timeout)
	}
	if l.count.outcomes == nil {
		l.count.outcomes = map[string]int{}
	}
	l.count.outcomes[verdict+" "+string(v.Reason)]++
	if err != nil {
		l.checkRefused(a, err, verdict)
		return
	}
	own := l.ids[v.ID]
	if v.Reason == idv.ReasonOf(idv.Canceled) && a.length == 0 && (own == nil || own.asked == a.id) {
		l.breachLocked("explained", "request %d was canceled, and its client did not give up", a.id)
	}
	if v.Called() && (own == nil || len(own.calls) == 0) {
		if v.Verdict != idv.Undetermined && v.Reused == nil {
			l.breachLocked("verdict", "request %d got %v without a call", a.id, v.Verdict)
		}
	}
	if own != nil {
		l.checkVerdict(a, own, &v)
		l.checkStored(own, &v)
	}
	l.checkKey(a, &v, own)
	if v.CreatedAt.Before(a.begin.Truncate(time.Microsecond)) || own != nil && own.asked != a.id {
		return // a replay
	}
	l.checkSkipped(n, a, &v)
	l.checkOrder(a, own, &v)
	if v.Reused != nil {
		l.checkReused(a, &v)
	}
	if own != nil {
		l.checkEvidence(a, own, &v)
		l.checkSecondMissed(n, a, own, &v)
	}
	if v.Verdict == idv.Undetermined && !a.disturbed && took < l.story.set.timeout-time.Second {
		l.checkGivenUp(a, own, &v)
	}
}

// checkRefused: a request is refused only for a reason.
func (l *laws) checkRefused(a *request, err error, class string) {
	given := l.given[a.asks.ConsentID]
	switch {
	case errors.Is(err, engine.ErrClosed):
		l.breachLocked("reload", "request %d was refused, since its engine was closing", a.id)
	case class == idv.Denied.String() && a.twist == 0 && given != nil && !given.ended && time.Now().Before(given.until.Add(-time.Minute)):
		record, failed := l.disk.Consent(context.Background(), tenant, given.record)
		stepped := time.Since(given.at) < time.Minute && l.disk.jumpedSince(given.at) // then it was given later, for the store
		if failed == nil && record.Used < given.most && !a.disturbed && !stepped && !given.doubtful && !l.disk.wrong() {
			l.breachLocked("denied", "request %d was denied by %v, and its consent stands", a.id, engine.ProblemOf(err).Rules)
		}
	case class == string(engine.ClassStore) && !a.disturbed && !l.disk.jumpedSince(a.begin):
		l.breachLocked("refused", "request %d was refused because of the store, which had no fault", a.id)
	}
}

// storeSlack is how long the recording of a result may take after the deadline.
const storeSlack = 2*time.Second + 300*time.Millisecond

// checkVerdict: the verdict is that of the last call, if it was answered, else there is none.
func (l *laws) checkVerdict(a *request, own *verification, v *idv.Verification) {
	if len(own.calls) == 0 {
		return
	}
	last := own.calls[len(own.calls)-1]
	want := own.verdict()
	if v.Verdict != want {
		// Recovery may have replaced the request of a dead node, whose answer was never stored.
		known := v.Verdict == idv.Undetermined || v.Verdict == own.calls[0].answer.Verdict && len(own.calls) > 1
		if known && (last.node.isDead() || a.key != 0 && a.id != own.asked) {
			return
		}
		l.breachLocked("verdict", "request %d got %v, vendor %s answered %v", a.id, v.Verdict, vendorName(last.vendor), want)
	}
	if v.Verdict == idv.Undetermined && v.Reason == "" {
		l.breachLocked("explained", "request %d got no verdict and no reason", a.id)
	}
}

// checkGivenUp: a request ends without a verdict only if each vendor was called or skipped, or
// no further call was allowed.
func (l *laws) checkGivenUp(a *request, own *verification, v *idv.Verification) {
	known := map[string]bool{}
	if given := l.given[a.asks.ConsentID]; given != nil && given.ended {
		return // withdrawn meanwhile, which denies every further call
	}
	if own != nil {
		last, bound := own.calls[len(own.calls)-1], l.story.billable()
		if last.err == nil || !mayFollow(last.err, l.story.set.retry) || len(own.calls) >= l.story.set.attempts || bound > 0 && own.charges >= bound {
			return
		}
		for _, c := range own.calls {
			known[vendorName(c.vendor)] = true
		}
	}
	for _, s := range v.Skipped {
		known[s.Provider] = true
	}
	for i := range l.vendors {
		if !known[vendorName(i)] {
			l.breachLocked("failover", "request %d was given up, and vendor %s was neither called nor skipped", a.id, vendorName(i))
		}
	}
}

// silentLocked reports whether three calls of a node at a vendor ran at some time since an instant,
// so that the plan may have had the vendor last because it answered none of them.
func (l *laws) silentLocked(n *node, vendor int, since time.Time) bool {
	count := 0
	for _, c := range l.calls {
		if c.node == n && c.vendor == vendor && (c.end.IsZero() || !c.end.Before(since)) {
			count++
		}
	}
	return count >= 3
}

// checkOrder: in priority mode, a vendor is called only if those before it were skipped or called,
// or if it answered no call.
func (l *laws) checkOrder(a *request, own *verification, v *idv.Verification) {
	if own == nil || !a.inOrder {
		return
	}
	known := map[string]bool{}
	for _, s := range v.Skipped {
		known[s.Provider] = true
	}
	for _, c := range own.calls {
		known[vendorName(c.vendor)] = true
		for i := range c.vendor {
			if !known[vendorName(i)] && !l.silentLocked(c.node, i, a.begin) {
				l.breachLocked("order", "request %d called vendor %s before vendor %s", a.id, vendorName(c.vendor), vendorName(i))
			}
		}
	}
}

// checkStored: what the client received is what a later look-up finds.
func (l *laws) checkStored(own *verification, v *idv.Verification) {
	own.told = v
	stored, err := l.disk.Verification(context.Background(), tenant, own.id)
	if err != nil || stored.Verdict != v.Verdict || stored.Reason != v.Reason || len(stored.Attempts) != len(v.Attempts) {
		l.breachLocked("final", "a client received %v %s after %d calls, the store has %v %s after %d: %v",
			v.Verdict, v.Reason, len(v.Attempts), stored.Verdict, stored.Reason, len(stored.Attempts), err)
	}
}

// checkKey: all requests with one key get one answer.
func (l *laws) checkKey(a *request, v *idv.Verification, own *verification) {
	if a.key == 0 || !v.Called() {
		return
	}
	k := l.keys[fmt.Sprint(a.key)]
	switch {
	case k == nil:
		l.breachLocked("idempotency", "request %d was answered under a key that was not claimed", a.id)
	case own != nil && own.person != a.person:
		l.breachLocked("idempotency", "request %d got the answer about another person under key %d", a.id, a.key)
	case own != nil && (own.asks.Purpose != a.asks.Purpose || own.asks.App != a.asks.App || own.asks.ConsentID != a.asks.ConsentID || own.asks.Subject.Name.Reveal() != a.asks.Subject.Name.Reveal()):
		l.breachLocked("idempotency", "request %d got the answer to a request for another name, purpose, app or consent under key %d", a.id, a.key)
	case k.done == "":
		k.done, k.verdict = v.ID, v.Verdict
	case k.done != v.ID || k.verdict != v.Verdict:
		l.breachLocked("idempotency", "key %d was answered %v and later %v", a.key, k.verdict, v.Verdict)
	default:
		l.count.replays++
	}
}

// over is called when a request has ended, whether its client hears of it or not.
func (l *laws) over(a *request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range a.calls {
		v.disturbed = a.disturbed
	}
}

// name shortens the id of a verification or attempt for people.
func name(id string) string { return "…" + id[max(0, len(id)-6):] }

// verificationOf returns the id of the verification of an attempt.
func verificationOf(attempt string) string {
	id, _, _ := strings.Cut(attempt, "-")
	return id
}
