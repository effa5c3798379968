package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
)

// doubted is an engine with a verification whose verdict is a mismatch.
type doubted struct {
	*guarded

	request idv.Request
	earlier idv.Verification
	ctx     context.Context // with the act of an operator
}

func newDoubted(t *testing.T, second enginetest.Reply, change func(*engine.Options), drafts ...func(*consent.Record)) *doubted {
	t.Helper()
	d := &doubted{guarded: doubting(t, enginetest.Answer(idv.Mismatch), second, change)}
	d.request = d.agreed(t, drafts...)
	d.earlier = verify(t, d.Engine, d.request)
	if d.earlier.Verdict != idv.Mismatch {
		t.Fatalf("the first verdict is %v", d.earlier.Verdict)
	}
	d.ctx = audit.With(t.Context(), enginetest.Keyring(t), audit.Act{
		Tenant: d.request.Tenant, Principal: "key:op", Kind: audit.SecondOpinion, Target: d.earlier.ID, Reason: "the register lags",
	})
	return d
}

func (d *doubted) order() (idv.Verification, error) {
	return d.OrderSecondOpinion(d.ctx, d.request, engine.SecondOpinionOrder{Verification: d.earlier.ID, Reason: "the register lags"})
}

// TestOrderedSecondOpinion: the second recipient's verdict is a verification of its own, and a
// difference is left to a person.
func TestOrderedSecondOpinion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		second enginetest.Reply
		want   idv.Verdict
		review bool
	}{
		{"match", enginetest.Answer(idv.Match), idv.Match, true},
		{"mismatch", enginetest.Answer(idv.Mismatch), idv.Mismatch, false},
		{"no record", enginetest.Answer(idv.NoRecord), idv.NoRecord, true},
		{"timeout", enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), idv.Undetermined, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDoubted(t, tt.second, nil)
				v, err := d.order()
				if err != nil || v.Verdict != tt.want || v.Review != tt.review || v.SecondOf != d.earlier.ID || v.ID == d.earlier.ID {
					t.Fatalf("got %+v, %v", v, err)
				}
				if len(v.Attempts) != 1 || v.Attempts[0].Provider != "b" || d.a.Calls() != 1 {
					t.Errorf("the attempts are %+v, and the first provider got %d calls", v.Attempts, d.a.Calls())
				}
				kept, err := d.Verification(t.Context(), v.Tenant, v.ID)
				if err != nil || kept.SecondOf != d.earlier.ID || kept.Verdict != tt.want {
					t.Errorf("stored: %+v, %v", kept, err)
				}
				first, err := d.Verification(t.Context(), v.Tenant, d.earlier.ID)
				if err != nil || first.Verdict != idv.Mismatch || first.Attempts[0].Verdict != idv.Mismatch {
					t.Errorf("the earlier one became %+v, %v", first, err)
				}
				if again, err := d.order(); err != nil || again.ID != v.ID || d.b.Calls() != 1 {
					t.Errorf("the same order: %s, %v, and %d calls", again.ID, err, d.b.Calls())
				}
				acts, _, err := d.store.Acts(t.Context(), v.Tenant, ledger.Page{})
				if err != nil || len(acts) != 1 || acts[0].Kind != audit.SecondOpinion || acts[0].Target != d.earlier.ID || acts[0].Reason == "" {
					t.Errorf("recorded %+v, %v", acts, err)
				}
			})
		})
	}
}

// TestOrderIsRefused: an order that is not one for this person, or has no recipient left, calls
// no provider and is not recorded.
func TestOrderIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rule   string // "" for store.ErrNotFound
		draft  func(*consent.Record)
		change func(*doubted, *engine.SecondOpinionOrder)
	}{
		{"no reason", "reason_missing", nil, func(_ *doubted, o *engine.SecondOpinionOrder) { o.Reason = " " }},
		{"unknown verification", "", nil, func(_ *doubted, o *engine.SecondOpinionOrder) { o.Verification = "ver_x" }},
		{"of another tenant", "", nil, func(d *doubted, _ *engine.SecondOpinionOrder) { d.request.Tenant = "other" }},
		{"another check", "other_check", nil, func(d *doubted, _ *engine.SecondOpinionOrder) { d.request.Check = idv.CheckIDNameMobile }},
		{"another name", "consent.other_name", nil, func(d *doubted, _ *engine.SecondOpinionOrder) {
			d.request.Subject.Name = idv.NewSensitive("李四")
		}},
		{"another recipient is not consented to", "second_opinion", func(r *consent.Record) { r.Recipients = r.Recipients[:1] }, func(*doubted, *engine.SecondOpinionOrder) {}},
		{"the consent is used up", "consent.used_up", func(r *consent.Record) { r.MaxUses = 1 }, func(*doubted, *engine.SecondOpinionOrder) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var drafts []func(*consent.Record)
				if tt.draft != nil {
					drafts = append(drafts, tt.draft)
				}
				d := newDoubted(t, enginetest.Answer(idv.Match), nil, drafts...)
				o := engine.SecondOpinionOrder{Verification: d.earlier.ID, Reason: "the register lags"}
				tt.change(d, &o)
				_, err := d.OrderSecondOpinion(d.ctx, d.request, o)
				rules := engine.ProblemOf(err).Rules
				if tt.rule == "" && !errors.Is(err, store.ErrNotFound) || tt.rule != "" && (len(rules) != 1 || rules[0] != tt.rule) {
					t.Errorf("got %v, rules %v", err, rules)
				}
				acts, _, err := d.store.Acts(t.Context(), "", ledger.Page{})
				if err != nil || len(acts) != 0 || d.b.Calls() != 0 {
					t.Errorf("recorded %+v, %v, and %d calls", acts, err, d.b.Calls())
				}
			})
		})
	}
}

// TestOrderOnlyAfterMismatch: every other verdict keeps its answer.
func TestOrderOnlyAfterMismatch(t *testing.T) {
	t.Parallel()
	for _, verdict := range []idv.Verdict{idv.Match, idv.NoRecord, idv.MismatchOrNoRecord} {
		t.Run(verdict.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := doubting(t, enginetest.Answer(verdict), enginetest.Answer(idv.Match), func(o *engine.Options) { o.Policy.Purposes[0].SecondOpinions = 0 })
				r := g.agreed(t)
				v := verify(t, g.Engine, r)
				time.Sleep(time.Second)
				_, err := g.OrderSecondOpinion(t.Context(), r, engine.SecondOpinionOrder{Verification: v.ID, Reason: "doubt"})
				if rules := engine.ProblemOf(err).Rules; len(rules) != 1 || rules[0] != "not_mismatch" || g.b.Calls() != 0 {
					t.Errorf("got %v, %d calls", err, g.b.Calls())
				}
			})
		})
	}
}
