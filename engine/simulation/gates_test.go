package simulation

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// The documented times of the guards.
const (
	gateFirst   = 5 * time.Second
	gateMost    = 5 * time.Minute
	breakerOpen = 5 * time.Second
	inARow      = 5
	stalled     = 3
	noSamples   = 100 // answers before which no call is overdue
	leastBound  = 300 * time.Millisecond
	trialEvery  = 6 * time.Second // at the latest, if trials are not charged and there are requests
	manyCalls   = 64              // the default concurrency
)

// gateModel is when a gate may let a call pass, by what vendors have reported.
type gateModel struct {
	reason   idv.SkipReason // "" while it is open
	free     time.Time      // the earliest trial; zero if only an operator opens the gate
	last     time.Time      // the closing, or the begin of the last trial
	pause    time.Duration
	trial    *call
	changed  time.Time // when it opened or closed last
	paid     bool      // a trial was charged since the gate closed
	drained  bool
	returned bool      // it has just opened after maintenance
	closed   bool      // it has just closed for maintenance
	news     time.Time // what the vendor said that other nodes do not know yet
	due      time.Time // the latest trial, if another node closed it
}

// enter checks that a call may pass and returns what is wrong with it.
func (g *gateModel) enter(c *call) string {
	switch {
	case g.drained:
		return "though an operator has drained it"
	case g.reason == "":
		return ""
	case g.free.IsZero():
		return fmt.Sprintf("though its gate is closed for %s until an operator resumes it", g.reason)
	case c.begin.Before(g.free):
		return fmt.Sprintf("%v before a trial is due; its gate is closed for %s", g.free.Sub(c.begin), g.reason)
	case g.trial != nil:
		return fmt.Sprintf("beside a trial; its gate is closed for %s", g.reason)
	}
	g.trial, c.trial, g.last = c, true, c.begin
	return ""
}

// report records the end of a call. It reports whether the gate closes.
func (g *gateModel) report(c *call, isShared, account bool) (closes bool) {
	trial := g.trial == c
	if trial {
		g.trial = nil
	}
	e := c.err
	if e == nil {
		if trial {
			g.open()
		}
		return false
	}
	if e.Failure == idv.Canceled || e.HostSide || c.excused || c.cut() {
		return false
	}
	if concerned := isShared && e.Account || !isShared && (!account || !e.Account); !concerned {
		if trial && e.Delivery == idv.Answered {
			g.open()
		}
		return false
	}
	reason := e.Failure.Obstacle()
	if e.Failure == idv.Unsupported {
		reason = ""
	}
	switch {
	case reason == "" && !trial:
		return false
	case reason == "" && !unhealthy(e.Failure):
		g.open()
		return false
	case reason == "":
		reason = idv.SkipMaintenance
	}
	return g.close(reason, c, trial)
}

// close closes the gate, unless it is closed and the call is no trial.
func (g *gateModel) close(reason idv.SkipReason, c *call, trial bool) bool {
	if g.reason != "" && !trial {
		return false
	}
	fresh := g.reason == ""
	g.reason, g.free, g.due, g.changed = reason, time.Time{}, time.Time{}, c.end
	g.tell(reason)
	if !trial {
		g.last, g.paid = c.end, false
	}
	switch reason {
	case idv.SkipThrottled:
		g.free = c.end.Add(min(max(c.err.Retry, time.Second), time.Minute))
	case idv.SkipMaintenance:
		charged := c.err.Charge == idv.Charged
		g.paid = g.paid || charged
		longest := gateFirst
		if charged {
			longest = 2 * g.pause
		}
		g.pause = min(max(gateFirst, longest, c.err.Retry), gateMost)
		g.free = c.end.Add(g.pause)
		if trial {
			g.free = later(c.begin.Add(g.pause), c.end.Add(g.pause/2))
		}
		g.closed = true
	}
	return fresh
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tell marks what is closed, or was until now, as news if it concerns other nodes.
func (g *gateModel) tell(reason idv.SkipReason) {
	if guard.Shared(reason) {
		g.news = time.Now()
	}
}

func (g *gateModel) open() {
	g.tell(g.reason)
	g.returned = g.returned || g.reason == idv.SkipMaintenance
	g.reason, g.free, g.pause, g.paid, g.changed = "", time.Time{}, 0, false, time.Now()
}

// resumed is what an operator does.
func (g *gateModel) resumed() {
	g.tell(g.reason)
	g.reason, g.free, g.pause, g.paid, g.drained, g.changed = "", time.Time{}, 0, false, false, time.Now()
}

func unhealthy(f idv.Failure) bool {
	switch f {
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown, idv.Internal:
		return true
	}
	return false
}

// reference is what one vendor may be called for on one node: its gate, its breaker, its ramp
// and its stall.
type reference struct {
	gateModel
	node    *node
	vendor  int
	running map[*call]bool

	window int // calls that may run in a ramp at most; 0 without one
	ramped map[*call]bool

	row    int // failures in a row that certainly count
	opened time.Time
	probe  *call // of the open breaker

	answers int
	slowest time.Duration
	resumes int
	freed   time.Time // by an operator
	lifted  time.Time // the end of the window that an operator ended
	harmed  time.Time // the end of the last call that may have opened the breaker
	begun   time.Time // the last call
	recent  []time.Time
	ended   time.Time // the last call that ended
}

func newReference(n *node, v int) *reference {
	return &reference{node: n, vendor: v, running: map[*call]bool{}, ramped: map[*call]bool{}}
}

// gatesOf returns the gates that a call of a vendor passes.
func (n *node) gatesOf(v int) []*gateModel {
	list := []*gateModel{&n.gates[v].gateModel}
	if n.set.vendors[v].account {
		list = append(list, n.shared)
	}
	return list
}

// enter checks a call that passed the gates. It returns the law that it breaks, and how.
func (r *reference) enter(c *call) (law, why string) {
	c.since, r.begun = r.resumes, c.begin
	if len(r.running) >= r.limit() {
		law, why = "bulkhead", fmt.Sprintf("beside %d others", len(r.running))
	}
	if rate := r.node.set.vendors[r.vendor].rate; rate > 0 {
		most := int(2*rate) + 1 // a burst, and what a second allows
		if r.recent = append(r.recent, c.begin); len(r.recent) > most {
			if in := c.begin.Sub(r.recent[0]); in < time.Second {
				law, why = "rate", fmt.Sprintf("as one of %d calls within %v", most+1, in)
			}
			r.recent = r.recent[1:]
		}
	}
	if r.window > 0 && len(r.ramped) >= r.window {
		law, why = "ramp", fmt.Sprintf("beside %d others, though it has just returned and %d may run", len(r.ramped), r.window)
	}
	if r.answers >= noSamples && (c.overdue < leastBound || c.overdue > r.slowBound()) {
		law, why = "stall", fmt.Sprintf("while %v counts as overdue; the slowest of %d answers took %v", c.overdue, r.answers, r.slowest)
	}
	if n := r.overdue(c); n >= stalled {
		law, why = "stall", fmt.Sprintf("though %d calls are overdue", n)
	}
	if !r.opened.IsZero() {
		switch {
		case c.begin.Before(r.opened.Add(breakerOpen)):
			law, why = "breaker", fmt.Sprintf("%v after its breaker opened", c.begin.Sub(r.opened))
		case r.probe != nil:
			law, why = "breaker", "beside the trial of its breaker"
		}
		r.probe, c.trial = c, true
	}
	r.running[c] = true
	if r.window > 0 {
		r.ramped[c] = true
	}
	return law, why
}

func (r *reference) limit() int {
	if n := r.node.set.vendors[r.vendor].concurrency; n > 0 {
		return n
	}
	return manyCalls
}

// overdue returns how many calls have run for so long that no further caller may wait.
func (r *reference) overdue(c *call) (n int) {
	if len(r.running) < stalled || r.answers < noSamples {
		return 0
	}
	bound := r.slowBound()
	if c.overdue > 0 {
		bound = min(bound, c.overdue)
	}
	for other := range r.running {
		if other.since == r.resumes && c.begin.Sub(other.begin) > bound {
			n++
		}
	}
	return n
}

// slowBound is the longest time after which a call is overdue: twice the slowest answer, in a
// histogram whose steps are a tenth.
func (r *reference) slowBound() time.Duration {
	return max(time.Duration(2.2*float64(r.slowest)), leastBound)
}

// cut reports whether the caller's deadline ended the call before the vendor's time was over,
// so that its failure says nothing of the vendor.
func (c *call) cut() bool {
	patience := c.timeout
	if c.overdue > 0 {
		patience = min(c.timeout, max(2*c.overdue, c.timeout/2))
	}
	return unhealthy(c.err.Failure) && c.granted < patience-patience/10 && c.end.Sub(c.begin) >= c.granted-c.granted/10
}

// counts reports whether the call counts against the vendor.
func (c *call) counts() bool {
	e := c.err
	return e != nil && !e.HostSide && !c.excused && unhealthy(e.Failure) && e.Fields.IsZero() && !c.cut()
}

// leave records the end of a call for breaker and ramp.
func (r *reference) leave(c *call) {
	delete(r.running, c)
	delete(r.ramped, c)
	r.ended = c.end
	e, counts, probe := c.err, c.counts(), r.probe == c
	if counts || c.end.Sub(c.begin) > leastBound { // it may have been reported as overdue
		r.harmed = c.end
	}
	if probe {
		r.probe = nil
	}
	if e == nil {
		r.answers++
		r.slowest = max(r.slowest, c.end.Sub(c.begin))
		r.row = 0
		if probe {
			r.opened, r.window, r.ramped = time.Time{}, 1, map[*call]bool{}
		}
	}
	// A call that was reported as overdue while it ran does not count again.
	if certain := c.end.Sub(c.begin) <= leastBound || r.answers < noSamples; counts && certain && c.since == r.resumes {
		if r.row++; r.row >= inARow && r.opened.IsZero() {
			r.opened, r.window = c.begin, 0 // at the earliest
		}
	}
	if counts && probe {
		r.opened = c.begin
	}
	switch {
	case r.window == 0 || e != nil && (e.HostSide || c.excused || e.Failure == idv.Canceled || c.cut()):
	case e == nil || !unhealthy(e.Failure):
		if r.window++; r.window >= r.limit() {
			r.window = 0
		}
	default:
		r.window = max(r.window/2, 1)
	}
}

// follow starts or ends a ramp after the gates have heard of a call.
func (r *reference) follow() {
	for _, g := range r.node.gatesOf(r.vendor) {
		if g.closed && g != r.node.shared {
			r.window = 0
		}
		if g.returned && g != r.node.shared {
			r.window, r.ramped = 1, map[*call]bool{}
		}
		g.closed, g.returned = false, false
	}
}

// longRunning reports whether a call runs that may have been reported as overdue.
func (r *reference) longRunning(at time.Time) bool {
	for c := range r.running {
		if at.Sub(c.begin) > leastBound {
			return true
		}
	}
	return false
}

// resumed is what an operator does for a vendor.
func (n *node) resumed(v int) {
	n.laws.mu.Lock()
	defer n.laws.mu.Unlock()
	for _, g := range n.gatesOf(v) {
		g.resumed()
	}
	r := n.gates[v]
	r.resumes++
	r.freed = time.Now()
	r.lifted = later(r.lifted, n.plan.windowEnd(v, r.freed))
	r.row, r.opened, r.probe = 0, time.Time{}, nil
	r.window = 0 // the breaker may have opened since, which ends a ramp
}

func (n *node) drained(v int) {
	n.laws.mu.Lock()
	defer n.laws.mu.Unlock()
	n.gates[v].drained = true
}

// checkSkipped: a vendor is skipped only while there is a reason, and tried again in time.
func (l *laws) checkSkipped(n *node, a *request, v *idv.Verification) {
	for _, s := range v.Skipped {
		r := n.gates[vendorOf(s.Provider)]
		l.checkNews(n, r.vendor, fmt.Sprintf("request %d skipped vendor %s", a.id, s.Provider))
		idle := len(r.running) == 0 && r.ended.Before(v.CreatedAt) && r.begun.Before(v.CreatedAt)
		account := l.story.set.vendors[r.vendor].account
		why := ""
		switch s.Reason {
		case idv.SkipMaintenance:
			switch {
			case r.reason == "" && r.changed.Before(v.CreatedAt):
				why = "though its gate is open"
			case r.reason == s.Reason && !r.due.IsZero() && v.CreatedAt.After(r.due) && r.trial == nil:
				why = fmt.Sprintf("%v after a trial was due, as another node has reported", v.CreatedAt.Sub(r.due))
			case r.reason == s.Reason && r.due.IsZero() && !r.paid && r.trial == nil && v.CreatedAt.Sub(r.last) > trialEvery:
				why = fmt.Sprintf("%v after the last trial", v.CreatedAt.Sub(r.last))
			}
		case idv.SkipCredentials:
			if r.reason == "" && r.changed.Before(v.CreatedAt) && !account {
				why = "though its gate is open"
			}
		case idv.SkipThrottled:
			if l.story.set.vendors[r.vendor].rate == 0 && r.changed.Before(v.CreatedAt) && r.free.Before(v.CreatedAt) && idle {
				why = "though its time is over"
			}
		case idv.SkipQuotaExhausted:
			if r.reason == "" && r.changed.Before(v.CreatedAt) && !account && !l.packaged[s.Provider] {
				why = "though its gate is open and it has no package"
			}
		case idv.SkipScheduledMaintenance:
			why = l.checkInWindow(r, v, &s)
		case idv.SkipNotConsented:
			if given := l.given[v.ConsentID]; given == nil || given.names[l.story.set.recipient(r.vendor)] {
				why = "though the consent names it"
			}
		case idv.SkipBreakerOpen:
			if idle && r.freed.After(r.ended) && r.freed.Before(v.CreatedAt) {
				why = "though an operator has resumed it"
			}
			if idle && v.CreatedAt.Sub(r.ended) > breakerOpen+trialEvery {
				why = fmt.Sprintf("%v after the last call", v.CreatedAt.Sub(r.ended))
			}
			if !r.longRunning(v.CreatedAt) && v.CreatedAt.Sub(r.harmed) > breakerOpen {
				why = fmt.Sprintf("%v after the last failure that counts", v.CreatedAt.Sub(r.harmed))
			}
		case idv.SkipTrialRunning, idv.SkipBusy, idv.SkipRecovering:
			if idle && !account {
				why = "though no call runs"
			}
		}
		if why != "" {
			l.breachLocked("skipped", "request %d skipped vendor %s on node %d as %s %s", a.id, s.Provider, n.number+1, s.Reason, why)
		}
	}
}
