package consent_test

import (
	"math/bits"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestModelFindsSabotage shows that the model can fail: each of these gates breaks one
// rule, and the oracle must see it.
func TestModelFindsSabotage(t *testing.T) {
	t.Parallel()
	for name, g := range sabotaged() {
		t.Run(name, func(t *testing.T) {
			if _, _, wrong := sequences(g, 1, 50_000); wrong == "" {
				t.Error("50,000 sequences did not show that this rule is broken")
			}
		})
	}
}

// sabotaged lists gates that break one rule each.
func sabotaged() map[string]gate {
	gates := map[string]gate{
		"any recipient": theRules().taking(func(r *consent.Record, use *idv.ConsentUse, _ *time.Time) {
			use.Recipient = r.Recipients[0].Name
		}),
		"uses without end":    theRules().taking(func(r *consent.Record, _ *idv.ConsentUse, _ *time.Time) { r.Used = 0 }),
		"a use for each call": theRules().taking(func(_ *consent.Record, use *idv.ConsentUse, _ *time.Time) { use.First = true }),
		"calls a second late": theRules().taking(func(_ *consent.Record, _ *idv.ConsentUse, now *time.Time) { *now = now.Add(time.Second) }),
		"calls of before": theRules().taking(func(r *consent.Record, _ *idv.ConsentUse, now *time.Time) {
			if !now.After(r.DecidedAt) {
				*now = r.DecidedAt.Add(1)
			}
		}),
		"any person":       theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Subject = true }),
		"any name":         theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Name = true }),
		"any app":          theRules().covering(func(q *consent.Question, r *consent.Record) { q.App = r.App }),
		"any purpose":      theRules().covering(func(q *consent.Question, r *consent.Record) { q.Purpose = r.Purpose }),
		"any data":         theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Items = nil }),
		"any age":          theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Age = 30 }),
		"13 for 14":        theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Age++ }),
		"15 for 14":        theRules().covering(func(q *consent.Question, _ *consent.Record) { q.Age-- }),
		"any text":         theRules().applying(func(e *consent.Event, r *consent.Record, _ *time.Time) { e.Text = r.Notice.Text }),
		"a ticked box":     theRules().applying(func(e *consent.Event, _ *consent.Record, _ *time.Time) { e.Proof.Action = consent.Checkbox }),
		"no pause to read": theRules().applying(func(_ *consent.Event, r *consent.Record, _ *time.Time) { r.MinReview = 0 }),
	}
	for _, kind := range []consent.Kind{consent.Withdraw, consent.Refuse, consent.Expire, consent.Supersede} {
		g := theRules()
		g.apply = func(r *consent.Record, e consent.Event, now time.Time) error {
			if e.Kind == kind {
				return nil
			}
			return r.Apply(e, now)
		}
		gates["deaf to "+string(kind)] = g
	}
	return gates
}

func (g gate) taking(spoil func(*consent.Record, *idv.ConsentUse, *time.Time)) gate {
	g.take = func(r *consent.Record, use idv.ConsentUse, now time.Time) error {
		spoil(r, &use, &now)
		return r.Take(use, now)
	}
	return g
}

func (g gate) covering(spoil func(*consent.Question, *consent.Record)) gate {
	g.covers = func(r *consent.Record, q consent.Question, now time.Time) consent.Fault {
		spoil(&q, r)
		return r.Covers(q, now)
	}
	return g
}

func (g gate) applying(spoil func(*consent.Event, *consent.Record, *time.Time)) gate {
	g.apply = func(r *consent.Record, e consent.Event, now time.Time) error {
		spoil(&e, r, &now)
		return r.Apply(e, now)
	}
	return g
}

// TestEveryInterleaving puts a withdrawal at each place among the steps of two
// verifications, in each of their orders: before it calls are allowed, after it none.
func TestEveryInterleaving(t *testing.T) {
	t.Parallel()
	const orders, steps = 64, 6 // two verifications of three steps: ask, first call, next call
	tried := 0
	for order := range orders {
		for withdrawn := range steps + 1 {
			if bits.OnesCount(uint(order)) != steps/2 {
				continue
			}
			tried++
			if got, want := allowedWith(t, order, withdrawn), min(withdrawn, steps); got != want {
				t.Errorf("order %06b, withdrawn before step %d: %d steps were allowed", order, withdrawn, got)
			}
		}
	}
	if tried != 20*(steps+1) {
		t.Errorf("tried %d interleavings, want %d", tried, 20*(steps+1))
	}
}

// allowedWith counts the steps that were allowed. The bits of the order say whose turn
// it is.
func allowedWith(t *testing.T, order, withdrawn int) (allowed int) {
	r := given(t)
	var done [2]int
	for step := range 6 {
		now := at(3 + step)
		if step == withdrawn {
			apply(t, &r, consent.Event{Kind: consent.Withdraw}, now)
		}
		who := order >> step & 1
		ok := false
		switch done[who] {
		case 0:
			ok = r.Covers(question(), now) == ""
		case 1:
			ok = r.Take(idv.ConsentUse{Recipient: "甲方数据有限公司", First: true}, now) == nil
		default:
			ok = r.Take(idv.ConsentUse{Recipient: "乙方数据有限公司"}, now) == nil
		}
		done[who]++
		if ok {
			allowed++
		}
	}
	return allowed
}
