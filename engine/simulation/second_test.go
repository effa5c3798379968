package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy"
)

// The purposes. Only for the first one, second opinions and reused answers may be allowed.
const (
	thorough = "test"
	plain    = "plain"
)

func purposeOf(person int) string {
	if person%3 == 0 {
		return plain
	}
	return thorough
}

func (s *setting) purposes() []policy.Purpose {
	return []policy.Purpose{{Name: thorough, SecondOpinions: s.second, CacheTTL: s.cache}, {Name: plain}}
}

// verdict is what the calls of a verification say together.
func (v *verification) verdict() idv.Verdict {
	last := v.calls[len(v.calls)-1]
	if len(v.calls) > 1 && v.calls[len(v.calls)-2].err == nil { // a second opinion on a missing record
		switch {
		case last.err == nil && last.sent.verdict == idv.Match:
			return idv.Match
		case last.err == nil && last.sent.verdict == idv.Mismatch:
			return idv.MismatchOrNoRecord
		}
		return idv.NoRecord
	}
	if last.err == nil {
		return last.sent.verdict
	}
	return idv.Undetermined
}

// chinaDay returns the day of an instant. It is not certain around midnight, when what is counted
// may count for either day.
func chinaDay(t time.Time) (day string, certain bool) {
	china := t.UTC().Add(8 * time.Hour)
	since := china.Sub(china.Truncate(24 * time.Hour))
	return china.Format(time.DateOnly), since >= time.Minute && since <= 24*time.Hour-time.Minute
}

// checkSecond: after an answer, a call is a second opinion, which is made only after a missing
// record, where the purpose allows it, of another recipient, once, and not more often a day than
// the purpose says.
func (l *laws) checkSecond(a *request, v *verification, before, c *call, what string) {
	set := &l.story.set
	switch {
	case before != v.calls[len(v.calls)-1]:
		l.breachLocked("second opinion", "%s after another second opinion", what)
	case before.answer.Verdict != idv.NoRecord:
		l.breachLocked("final", "%s after vendor %s had answered %v", what, vendorName(before.vendor), before.answer.Verdict)
	case set.second == 0 || a.asks.Purpose != thorough:
		l.breachLocked("second opinion", "%s, and its purpose allows no second opinion", what)
	case set.recipient(before.vendor) == set.recipient(c.vendor):
		l.breachLocked("second opinion", "%s for a second opinion of the same recipient", what)
	}
	l.count.second++
	day, certain := chinaDay(c.begin)
	if l.byDay[thorough+day]++; certain && l.byDay[thorough+day] > set.second {
		l.breachLocked("second opinion", "%s, second opinion number %d of %d on a day", what, l.byDay[thorough+day], set.second)
	}
	l.checkRecorded(before, what)
}

// checkRecorded: the outcome of a call is recorded before another one is made.
func (l *laws) checkRecorded(before *call, what string) {
	list, _, err := l.disk.Holds(context.Background(), ledger.Filter{From: before.begin.Add(-time.Minute)}, ledger.Page{Limit: ledger.MaxPage}, ledger.StateHeld)
	if err != nil {
		l.breachLocked("ledger", "the holds cannot be read: %v", err)
	}
	if slices.ContainsFunc(list, func(h ledger.Hold) bool { return h.Intent.Attempt == before.attempt }) {
		l.breachLocked("recorded", "%s before the outcome of the call of vendor %s was recorded", what, vendorName(before.vendor))
	}
}

// checkSecondMissed: a missing record has a second opinion, if the purpose allows one and a
// recipient can give it.
func (l *laws) checkSecondMissed(n *node, a *request, own *verification, v *idv.Verification) {
	set := &l.story.set
	last, bound := own.calls[len(own.calls)-1], l.story.billable()
	day, certain := chinaDay(last.end)
	switch {
	case last.err != nil || last.answer.Verdict != idv.NoRecord || len(own.calls) > 1 && own.calls[len(own.calls)-2].err == nil:
		return // nothing is missing, or there is a second opinion
	case a.asks.Purpose != thorough || set.second == 0 || l.byDay[thorough+day] >= set.second || !certain:
		return
	case len(own.calls) >= set.attempts || bound > 0 && own.charges >= bound || a.disturbed || n.isDead():
		return
	case l.given[a.asks.ConsentID] != nil && l.given[a.asks.ConsentID].ended: // withdrawn meanwhile
		return
	case last.end.Sub(a.begin) > set.timeout-4*time.Second: // too late, or the store may be slow
		return
	}
	for i := range set.vendors {
		name := vendorName(i)
		called := slices.ContainsFunc(own.calls, func(c *call) bool { return c.vendor == i })
		skipped := slices.ContainsFunc(v.Skipped, func(s idv.Skipped) bool { return s.Provider == name })
		if !called && !skipped && set.recipient(i) != set.recipient(last.vendor) {
			l.breachLocked("second opinion", "request %d has none on its missing record, and vendor %s was neither called nor skipped", a.id, name)
		}
	}
}

// checkEvidence: each answer is kept, with its recipient.
func (l *laws) checkEvidence(a *request, own *verification, v *idv.Verification) {
	var want, got []string
	for _, c := range own.calls {
		if c.err == nil {
			want = append(want, vendorName(c.vendor)+" of "+l.story.set.recipient(c.vendor))
		}
	}
	for i := range v.Evidence {
		got = append(got, v.Evidence[i].Provider+" of "+v.Evidence[i].Organization)
	}
	if !slices.Equal(got, want) || len(v.Attempts) != len(own.calls) {
		l.breachLocked("explained", "request %d has %d attempts and the evidence %v; it made %d calls, and answers came from %v", a.id, len(v.Attempts), got, len(own.calls), want)
	}
}

// used records the use of a consent for a reused answer, at its commit.
func (l *laws) used(a *request, use *idv.ConsentUse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checkUse(a, use.ID, reuseOf(a), use.Recipient, "an answer was reused")
}

// reuseOf stands for the request among the verifications of a consent.
func reuseOf(a *request) string { return fmt.Sprintf("request %d", a.id) }

// checkReused: an earlier answer is returned only for the same question, where purpose and vendor
// allow it, for as long as both do, and on a consent that names the recipient.
func (l *laws) checkReused(a *request, v *idv.Verification) {
	l.count.reused++
	earlier := l.ids[v.Reused.Verification]
	if earlier == nil {
		l.breachLocked("reuse", "request %d got the answer of a verification that made no call", a.id)
		return
	}
	answers := slices.DeleteFunc(slices.Clone(earlier.calls), func(c *call) bool { return c.err != nil })
	if len(answers) != 1 {
		l.breachLocked("reuse", "request %d got the answer of a verification that has %d", a.id, len(answers))
		return
	}
	last := answers[0]
	ttl := min(l.story.set.cache, l.story.set.vendors[last.vendor].cache)
	switch {
	case earlier.person != a.person || earlier.asks.Subject.Name.Reveal() != a.asks.Subject.Name.Reveal():
		l.breachLocked("reuse", "request %d got an answer about another person", a.id)
	case earlier.asks.Purpose != a.asks.Purpose || earlier.asks.App != a.asks.App || a.asks.Purpose != thorough:
		l.breachLocked("reuse", "request %d got an answer for another purpose or app", a.id)
	case v.Verdict != earlier.verdict():
		l.breachLocked("reuse", "request %d got %v, the earlier answer is %v", a.id, v.Verdict, earlier.verdict())
	case !v.CreatedAt.Before(last.end.Add(ttl)):
		l.breachLocked("reuse", "request %d got an answer that is %v old; %v is allowed", a.id, v.CreatedAt.Sub(last.end), ttl)
	}
	if !l.story.set.consent {
		return
	}
	given := l.given[a.asks.ConsentID]
	if given == nil || given.holds[reuseOf(a)] == nil {
		l.breachLocked("reuse", "request %d got an earlier answer without a use of the consent", a.id)
		return
	}
	given.calls[reuseOf(a)] = true
}
