package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// doubting returns an engine whose purpose allows second opinions.
func doubting(t *testing.T, a, b enginetest.Reply, change func(*engine.Options)) *guarded {
	t.Helper()
	g := newGuarded(t, func(o *engine.Options) {
		o.Policy.Purposes = []policy.Purpose{{Name: "test", SecondOpinions: 2, CacheTTL: time.Hour}}
		if change != nil {
			change(o)
		}
	})
	g.a.Then(a, a, a, a)
	g.b.Then(b, b, b, b)
	return g
}

// TestSecondOpinionVerdicts is the table of pairs: what a missing record and a second answer
// say together.
func TestSecondOpinionVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		second   enginetest.Reply
		want     idv.Verdict
		review   bool
		evidence []string // providers
	}{
		{"match", enginetest.Answer(idv.Match), idv.Match, false, []string{"a", "b"}},
		{"mismatch", enginetest.Answer(idv.Mismatch), idv.MismatchOrNoRecord, true, []string{"a", "b"}},
		{"no record", enginetest.Answer(idv.NoRecord), idv.NoRecord, false, []string{"a", "b"}},
		{"mismatch or no record", enginetest.Answer(idv.MismatchOrNoRecord), idv.NoRecord, false, []string{"a", "b"}},
		{"maintenance", enginetest.Fail(idv.Maintenance, idv.Answered), idv.NoRecord, false, []string{"a"}},
		{"timeout", enginetest.Fail(idv.Timeout, idv.DeliveryUnknown), idv.NoRecord, false, []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := doubting(t, enginetest.Answer(idv.NoRecord), tt.second, nil)
				v := verify(t, g.Engine, g.agreed(t))
				var evidence []string
				for _, e := range v.Evidence {
					evidence = append(evidence, e.Provider)
				}
				if v.Verdict != tt.want || v.Review != tt.review || !slices.Equal(evidence, tt.evidence) || len(v.Attempts) != 2 {
					t.Errorf("got %v, review %v, evidence of %v, %d attempts", v.Verdict, v.Review, evidence, len(v.Attempts))
				}
				kept, err := g.Verification(t.Context(), v.Tenant, v.ID)
				if err != nil || kept.Verdict != v.Verdict || len(kept.Attempts) != 2 || kept.Attempts[0].Verdict != idv.NoRecord {
					t.Errorf("stored: %+v, %v", kept, err)
				}
				unsettled, _, err := g.store.Holds(t.Context(), ledger.Filter{}, ledger.Page{}, ledger.StateHeld)
				if err != nil || len(unsettled) != 0 {
					t.Errorf("not settled: %+v, %v", unsettled, err)
				}
			})
		})
	}
}

// TestSecondOpinionIsBounded: when no second provider is called although the first has no
// record.
func TestSecondOpinionIsBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*engine.Options)
		draft  func(*consent.Record)
		first  idv.Verdict
		want   int // calls of the second

		impossible bool // the plan says so
	}{
		{"allowed", nil, nil, idv.NoRecord, 1, false},
		{"after a mismatch", nil, nil, idv.Mismatch, 0, false},
		{"the purpose does not allow it", func(o *engine.Options) { o.Policy.Purposes[0].SecondOpinions = 0 }, nil, idv.NoRecord, 0, true},
		{"the consent does not name the second", nil, func(r *consent.Record) { r.Recipients = r.Recipients[:1] }, idv.NoRecord, 0, true},
		{"the second is the same recipient", func(o *engine.Options) { o.Providers[1].Recipient = "a Ltd" }, nil, idv.NoRecord, 0, true},
		{"one charge allowed", func(o *engine.Options) { o.MaxBillableCalls = 1 }, nil, idv.NoRecord, 0, false},
		{"no time left", func(o *engine.Options) {
			o.Timeout = time.Second // the first answer takes more than half of it
		}, nil, idv.NoRecord, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := doubting(t, enginetest.Slow(600*time.Millisecond, enginetest.Answer(tt.first)), enginetest.Answer(idv.Match), tt.change)
				var draft []func(*consent.Record)
				if tt.draft != nil {
					draft = append(draft, tt.draft)
				}
				r := g.agreed(t, draft...)
				plan, err := g.Explain(t.Context(), r)
				if err != nil || tt.want > 0 && !plan.SecondOpinion || tt.impossible && plan.SecondOpinion {
					t.Errorf("the plan says %v, %v", plan.SecondOpinion, err)
				}
				v := verify(t, g.Engine, r)
				if g.b.Calls() != tt.want || tt.want == 0 && v.Verdict != tt.first {
					t.Errorf("%d calls of the second, %v; want %d", g.b.Calls(), v.Verdict, tt.want)
				}
			})
		})
	}
}

// TestSecondOpinionsOfADay: the number of a day is kept, also with consents off, and begins anew
// at midnight in China. An answer of two recipients is not reused.
func TestSecondOpinionsOfADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := doubting(t, enginetest.Answer(idv.NoRecord), enginetest.Answer(idv.NoRecord), func(o *engine.Options) {
			o.Policy.Consent, o.Policy.Keyring = consent.Off, nil
			o.Providers[0].CacheTTL, o.Providers[1].CacheTTL = time.Hour, time.Hour
		})
		for i, want := range []int{1, 2, 2} {
			verify(t, g.Engine, enginetest.Request())
			synctest.Wait() // a cache would take it in
			if got := g.b.Calls(); got != want {
				t.Errorf("verification %d: %d calls of the second, want %d", i, got, want)
			}
		}
		time.Sleep(24 * time.Hour)
		verify(t, g.Engine, enginetest.Request())
		if got := g.b.Calls(); got != 3 {
			t.Errorf("the next day: %d calls of the second, want 3", got)
		}
	})
}

// TestRecheckDate: a missing record has a date for the next check, and the hint to ask for
// another consent if this one does not last.
func TestRecheckDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		draft func(*consent.Record)
		want  []string
	}{
		{"the consent lasts", func(r *consent.Record) { r.Valid, r.MaxUses = 60*24*time.Hour, 2 }, []string{"no_record_is_neutral", "retry_later", "manual_review"}},
		{"the consent ends before", func(r *consent.Record) { r.Valid, r.MaxUses = 20*24*time.Hour, 2 }, []string{"no_record_is_neutral", "retry_later", "ask_consent", "manual_review"}},
		{"the consent is used up", func(r *consent.Record) { r.Valid, r.MaxUses = 60*24*time.Hour, 1 }, []string{"no_record_is_neutral", "retry_later", "ask_consent", "manual_review"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuarded(t, nil)
				g.a.Then(enginetest.Answer(idv.NoRecord))
				v := verify(t, g.Engine, g.agreed(t, tt.draft))
				var codes []string
				for _, s := range v.NextSteps {
					codes = append(codes, s.Code)
				}
				if !slices.Equal(codes, tt.want) || v.NextSteps[1].Date != "2000-01-29" {
					t.Errorf("got %v from %s, want %v from 2000-01-29", codes, v.NextSteps[1].Date, tt.want)
				}
			})
		})
	}
}
