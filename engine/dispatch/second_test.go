package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/idv"
)

func said(v idv.Verdict, c idv.Charge) *scripted {
	return &scripted{then: idv.Answer{Verdict: v, Charge: c}}
}

// TestSecondOpinion: after which answer, and within which bounds, a second provider is called,
// and what is written in which order.
func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	allowed := func(x *dispatch.Execution) {
		x.SecondOpinion = func(_ context.Context, first, next string) bool { return first == "a" && next == "b" }
	}
	with := func(more func(*dispatch.Execution)) func(*dispatch.Execution) {
		return func(x *dispatch.Execution) { allowed(x); more(x) }
	}
	const one, both = "hold v-1 a", "hold v-1 a, settle v-1 answered charged, hold v-2 b"
	tests := []struct {
		name          string
		first, second *scripted
		change        func(*dispatch.Execution)
		want          string
		settled       bool
		answer        bool // of the second
	}{
		{"no record", said(idv.NoRecord, idv.Charged), said(idv.Match, idv.Charged), allowed, both, false, true},
		{"match", said(idv.Match, idv.Charged), said(idv.Match, idv.Charged), allowed, one, false, false},
		{"mismatch", said(idv.Mismatch, idv.Charged), said(idv.Match, idv.Charged), allowed, one, false, false},
		{"mismatch or no record", said(idv.MismatchOrNoRecord, idv.Charged), said(idv.Match, idv.Charged), allowed, one, false, false},
		{"not allowed by policy", said(idv.NoRecord, idv.Charged), said(idv.Match, idv.Charged), nil, one, false, false},
		{"not with this provider", said(idv.NoRecord, idv.Charged), said(idv.Match, idv.Charged), func(x *dispatch.Execution) {
			x.SecondOpinion = func(context.Context, string, string) bool { return false }
		}, one, false, false},
		{"one charge allowed", said(idv.NoRecord, idv.Charged), said(idv.Match, idv.Charged), with(func(x *dispatch.Execution) { x.MaxBillableCalls = 1 }), one, false, false},
		{"one charge allowed, none made", said(idv.NoRecord, idv.NotCharged), said(idv.Match, idv.Charged), with(func(x *dispatch.Execution) { x.MaxBillableCalls = 1 }),
			"hold v-1 a, settle v-1 answered not_charged, hold v-2 b", false, true},
		{"the second call fails", said(idv.NoRecord, idv.Charged), &scripted{errs: []error{failure(idv.Timeout, idv.DeliveryUnknown)}}, allowed, both + ", settle v-2 unknown unknown", true, false},
		{"the second call is not sent", said(idv.NoRecord, idv.Charged), &scripted{errs: []error{failure(idv.Unavailable, idv.NotSent)}}, allowed, both + ", settle v-2 not_sent not_charged", true, false},
		{"the guard of the second rejects it", said(idv.NoRecord, idv.Charged), &scripted{errs: []error{&idv.Rejection{Reason: idv.SkipBusy}}}, allowed, both + ", settle v-2 not_sent not_charged", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l ledger
			out := run(t.Context(), tt.first, tt.second, &l, tt.change)
			if diff := cmp.Diff(tt.want, strings.Join(l.lines, ", ")); diff != "" {
				t.Errorf("-want +written:\n%s", diff)
			}
			if out.Err != nil || out.Provider != "a" || out.Answer.Verdict != tt.first.then.Verdict {
				t.Errorf("the first answer became %v of %q, %v", out.Answer.Verdict, out.Provider, out.Err)
			}
			if out.Settled != tt.settled || (out.Second.Answer != nil) != tt.answer || tt.answer && out.Second.Provider != "b" {
				t.Errorf("settled %v, second %+v", out.Settled, out.Second)
			}
		})
	}
}

// TestSecondOpinionNeedsTheFirstRecorded: if the first answer cannot be recorded, no second call
// follows; if the intent of the second cannot be, the first answer stands.
func TestSecondOpinionNeedsTheFirstRecorded(t *testing.T) {
	t.Parallel()
	allowed := func(context.Context, string, string) bool { return true }
	for _, broken := range []string{"settle", "hold", "attempts"} {
		t.Run(broken, func(t *testing.T) {
			second := &scripted{then: idv.Answer{Verdict: idv.Match}, errs: []error{failure(idv.Internal, idv.Answered)}}
			l := &failing{broken: broken}
			plan := idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "a"}, {Provider: "b"}}}
			if broken == "attempts" {
				plan.MaxAttempts = 1
			}
			x := dispatch.Execution{Intent: idv.Intent{Verification: "v"}, Ledger: l, Host: host{"a": said(idv.NoRecord, idv.Charged), "b": second}, SecondOpinion: allowed}
			out := x.Run(t.Context(), plan)
			if out.Err != nil || out.Answer.Verdict != idv.NoRecord || len(out.Attempts) != 1 || len(second.errs) != 1 || out.Second != (dispatch.Opinion{}) {
				t.Errorf("got %v, %v with %d attempts, second %+v", out.Answer.Verdict, out.Err, len(out.Attempts), out.Second)
			}
			if want := broken != "attempts"; out.Settled != want {
				t.Errorf("settled %v, want %v", out.Settled, want)
			}
		})
	}
}

// failing is a ledger that cannot write a settlement, or the second intent.
type failing struct {
	ledger
	broken string
}

func (f *failing) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	f.noIntent = f.broken == "hold" && len(f.intents) > 0
	return f.ledger.Hold(ctx, i)
}

func (f *failing) Settle(ctx context.Context, a idv.Attempt) error {
	if f.broken == "settle" {
		return errFull
	}
	return f.ledger.Settle(ctx, a)
}
