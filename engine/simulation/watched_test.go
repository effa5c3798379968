package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// watched is a vendor's adapter on a node. It tells the laws of each call, when it begins and
// what the engine learns of it.
type watched struct {
	node   *node
	vendor *vendor
	inner  idv.Provider
}

func (n *node) watch(v *vendor) *watched {
	if v.set.codec {
		return &watched{n, v, adapter(v)}
	}
	return &watched{n, v, direct{v}}
}

// Describe returns the descriptor of the adapter.
func (w *watched) Describe() idv.Descriptor { return w.inner.Describe() }

// Availability says whether the plugin's process runs.
func (w *watched) Availability() idv.Availability {
	if m, ago := w.vendor.now(); m == crash && ago > 50*time.Millisecond {
		return idv.Availability{Reason: idv.SkipPluginNotReady}
	}
	return idv.Availability{}
}

// Ask makes a call under the eyes of the laws.
func (w *watched) Ask(ctx context.Context, q idv.Query) (answer idv.Answer, err error) {
	l, a := w.node.laws, requestOf(ctx)
	a.sent = sent{}
	c := &call{attempt: q.ID, vendor: w.vendor.index, node: w.node, begin: time.Now(), timeout: w.vendor.set.timeout}
	if deadline, ok := ctx.Deadline(); ok {
		c.granted = deadline.Sub(c.begin)
	}
	c.overdue = w.node.current().Providers()[c.vendor].Activity.Overdue
	l.beginCall(a, c)
	defer func() {
		fault := recover()
		c.sent = a.sent
		switch {
		case fault != nil:
			c.err = &idv.Error{Failure: idv.Internal}
		case err != nil:
			copied := *idv.AsError(err)
			c.err = &copied
		default:
			c.answer = answer
		}
		l.endCall(a, c)
		if fault != nil {
			panic(fault)
		}
	}()
	return w.inner.Ask(ctx, q)
}

// beginCall checks that the call may be made.
func (l *laws) beginCall(a *request, c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.calls++
	id := verificationOf(c.attempt)
	v := l.ids[id]
	if v == nil {
		v = &verification{id: id, asked: a.id, person: a.person, key: a.key, asks: &a.asks}
		l.ids[id] = v
		l.checkLimit(a, c)
	}
	l.calls[c.attempt] = c
	what := fmt.Sprintf("request %d called vendor %s", a.id, vendorName(c.vendor))
	hold := l.holds[c.attempt]
	switch {
	case hold == nil:
		l.breachLocked("hold", "%s, and no unit was reserved", what)
	case hold.Provider != vendorName(c.vendor):
		l.breachLocked("hold", "%s, and the unit was reserved at %s", what, hold.Provider)
	}
	if a.key != 0 {
		l.checkPaidKey(a, v, what)
	}
	if len(v.calls) >= l.story.set.attempts {
		l.breachLocked("attempts", "%s, its call number %d of %d", what, len(v.calls)+1, l.story.set.attempts)
	}
	for _, before := range v.calls {
		l.checkBefore(a, v, before, c, what)
	}
	if len(v.calls) > 0 {
		l.count.failovers++
	}
	v.calls, a.calls = append(v.calls, c), append(a.calls, c)
	if bound := l.story.billable(); bound > 0 && v.charges >= bound {
		l.breachLocked("max_billable_calls", "%s though %d of its calls may have been charged", what, v.charges)
	}
	l.checkNews(c.node, c.vendor, what)
	if end := c.node.gates[c.vendor].inWindow(c.begin); !end.IsZero() {
		l.breachLocked("calendar", "%s in its maintenance window, which ends %v later", what, end.Sub(c.begin))
	}
	for _, g := range c.node.gatesOf(c.vendor) {
		if why := g.enter(c); why != "" {
			l.breachLocked("gate", "%s on node %d %s", what, c.node.number+1, why)
		}
	}
	if law, why := c.node.gates[c.vendor].enter(c); why != "" {
		l.breachLocked(law, "%s on node %d %s", what, c.node.number+1, why)
	}
	l.countCall(c)
}

func (l *laws) countCall(c *call) {
	if c.trial {
		l.count.trials++
	}
	if c.node.gates[c.vendor].window > 0 {
		l.count.ramped++
	}
}

// billable is how many calls of a verification may be charged; 0 if only the attempts bound them.
func (s *story) billable() int {
	if s.set.maxBillable == 0 && s.set.retry {
		return 2
	}
	return s.set.maxBillable
}

// checkLimit: a person is asked about at most so often a day.
func (l *laws) checkLimit(a *request, c *call) {
	const china = 8 * time.Hour
	day := c.begin.UTC().Add(china)
	if since := day.Sub(day.Truncate(24 * time.Hour)); since < time.Minute || since > 24*time.Hour-time.Minute {
		return // it may count for either day
	}
	key := fmt.Sprintf("%d %s", a.person, day.Format(time.DateOnly))
	if l.byDay[key]++; l.byDay[key] > l.story.set.limit {
		l.breachLocked("limit", "person %d was verified %d times on a day, the limit is %d", a.person, l.byDay[key], l.story.set.limit)
	}
}

// checkPaidKey: after a call that may have been charged, no other verification of the same key
// makes a call.
func (l *laws) checkPaidKey(a *request, v *verification, what string) {
	k := l.keys[fmt.Sprint(a.key)]
	switch {
	case k == nil:
		l.breachLocked("idempotency", "%s under key %d, which it did not claim", what, a.key)
	case k.paid != "" && k.paid != v.id && time.Since(k.claimed) < keyLife-time.Minute:
		l.breachLocked("idempotency", "%s under key %d, under which another call may have been charged", what, a.key)
	}
}

// checkBefore checks a call against an earlier one of the same verification.
func (l *laws) checkBefore(a *request, v *verification, before, c *call, what string) {
	again := before.vendor == c.vendor
	switch e := before.err; {
	case before.end.IsZero():
		l.breachLocked("one at a time", "%s while a call of %s ran", what, vendorName(before.vendor))
	case e == nil:
		l.checkSecond(a, v, before, c, what)
	case again && before.chargable:
		l.breachLocked("never paid twice", "%s again, which may have been charged before", what)
	case again && e.Delivery != idv.NotSent:
		l.breachLocked("no vendor twice", "%s again after %v, %v", what, e.Failure, e.Delivery)
	case !mayFollow(e, l.story.set.retry):
		l.breachLocked("failover", "%s after %v, %v of vendor %s", what, e.Failure, e.Delivery, vendorName(before.vendor))
	}
}

// mayFollow reports whether another vendor may be called after a failure.
func mayFollow(e *idv.Error, retry bool) bool {
	switch e.Failure {
	case idv.Maintenance, idv.QuotaExhausted, idv.BadCredentials, idv.Throttled, idv.Unsupported:
		return true
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown:
		return retry || e.Delivery == idv.NotSent || e.Delivery == idv.RefusedByGateway
	}
	return false
}

// endCall records what the engine learns of a call and checks it against what was sent.
func (l *laws) endCall(a *request, c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.end = time.Now()
	failure := ""
	if c.err != nil {
		failure = c.err.Failure.String()
	}
	l.trace.add("%d request %d: vendor %d %s %v %s", time.Since(l.begin), a.id, c.vendor, c.sent.mode, c.answer.Verdict, failure)
	if c.err == nil {
		l.count.answers++
		if !c.sent.exact || c.answer.Verdict != c.sent.verdict {
			l.breachLocked("verdict", "vendor %s sent %s, and its adapter read %v", vendorName(c.vendor), c.sent.mode, c.answer.Verdict)
		}
	}
	c.chargable = c.err == nil && c.answer.Charge != idv.NotCharged ||
		c.err != nil && (c.err.Charge == idv.Charged || c.err.Charge == idv.ChargeUnknown && c.err.Delivery.MayHaveExecuted())
	if c.sent.billed && !c.chargable {
		l.breachLocked("billing", "vendor %s billed a call that its adapter calls not charged: %v", vendorName(c.vendor), c.err)
	}
	if over := c.end.Sub(a.begin) - l.story.set.timeout; over > 0 {
		l.breachLocked("deadline", "a call of vendor %s for request %d ended %v after the request's deadline", vendorName(c.vendor), a.id, over)
	}
	if took, most := c.end.Sub(c.begin), l.vendors[c.vendor].set.timeout; took > most {
		l.breachLocked("deadline", "a call of vendor %s took %v, its timeout is %v", vendorName(c.vendor), took, most)
	}
	v := l.ids[verificationOf(c.attempt)]
	if sent := c.err == nil || c.err.Delivery != idv.NotSent; sent {
		if hold := l.holds[c.attempt]; hold != nil && hold.Consent.ID != "" {
			l.given[hold.Consent.ID].calls[v.id] = true
		}
	}
	if c.chargable {
		v.charges++
		if k := l.keys[fmt.Sprint(v.key)]; v.key != 0 && k != nil && k.paid == "" {
			k.paid = v.id
		}
	}
	r := c.node.gates[c.vendor]
	c.excused = c.err != nil && (c.err.Failure == idv.Maintenance || unhealthy(c.err.Failure)) && !r.inWindow(c.end).IsZero()
	r.leave(c)
	for _, g := range c.node.gatesOf(c.vendor) {
		if g.report(c, g == c.node.shared, l.vendors[c.vendor].set.account) {
			l.count.closings++
		}
	}
	r.follow()
}
