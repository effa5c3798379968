package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/idv"
)

// scripted gives its errors in turn, then answers.
type scripted struct {
	errs []error
	then idv.Answer
}

func (s *scripted) Describe() idv.Descriptor { return idv.Descriptor{} }

func (s *scripted) Ask(context.Context, idv.Query) (idv.Answer, error) {
	if len(s.errs) == 0 {
		return s.then, nil
	}
	err := s.errs[0]
	s.errs = s.errs[1:]
	return idv.Answer{}, err
}

// ledger records what is written, and fails where its fields say so.
type ledger struct {
	lines            []string
	intents          []idv.Intent
	usedUp           string // the name of a provider without units
	noIntent         bool
	settledAfterDone bool
}

var errFull = errors.New("disk full")

func (l *ledger) Hold(_ context.Context, i idv.Intent) (idv.Reservation, error) {
	if l.noIntent {
		return idv.Reservation{}, errFull
	}
	if i.Provider == l.usedUp {
		return idv.Reservation{}, &idv.Rejection{Reason: idv.SkipQuotaExhausted}
	}
	l.intents = append(l.intents, i)
	l.lines = append(l.lines, "hold "+i.Attempt+" "+i.Provider)
	return idv.Reservation{Lot: "lot-" + i.Provider, Price: idv.Money{Micros: 2, Currency: idv.CNY}}, nil
}

func (l *ledger) Settle(ctx context.Context, a idv.Attempt) error {
	l.settledAfterDone = ctx.Err() == nil
	l.lines = append(l.lines, "settle "+a.ID+" "+a.Delivery.String()+" "+a.Charge.String())
	return nil
}

// stuck is a ledger that records nothing more after the first intent.
type stuck struct{ ledger }

func (s *stuck) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	if len(s.lines) == 0 {
		return s.ledger.Hold(ctx, i)
	}
	s.lines = append(s.lines, "late "+i.Attempt+" "+i.Provider)
	<-ctx.Done()
	return idv.Reservation{}, ctx.Err()
}

// TestNoCallAfterAnUnrecordedIntent: an intent that was not recorded within the time of its
// call ends the execution, since it may be written later, with a use of the consent.
func TestNoCallAfterAnUnrecordedIntent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &stuck{}
		x := dispatch.Execution{Intent: idv.Intent{Verification: "v"}, Ledger: b, Host: host{
			"a": &scripted{errs: []error{failure(idv.Maintenance, idv.Answered)}}, "b": &scripted{}, "c": &scripted{},
		}}
		out := x.Run(t.Context(), idv.Plan{MaxAttempts: 3, Steps: []idv.Step{{Provider: "a"}, {Provider: "b"}, {Provider: "c"}}})
		want := "hold v-1 a, settle v-1 answered unknown, late v-2 b"
		if got := strings.Join(b.lines, ", "); got != want || idv.FailureOf(out.Err) != idv.Maintenance {
			t.Errorf("wrote %q and ended with %v, want %q and the failure of the call before", got, out.Err, want)
		}
	})
}

// host stands for the engine.
type host map[string]idv.Provider

func (h host) Provider(name string) (idv.Provider, idv.Money) {
	return h[name], idv.Money{Micros: 1, Currency: idv.CNY}
}

func (host) CallContext(ctx context.Context, _ string, _ bool) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Minute)
}

func (host) Observe(context.Context, idv.Attempt) {}

func failure(f idv.Failure, s idv.Delivery) *idv.Error { return &idv.Error{Failure: f, Delivery: s} }

func run(ctx context.Context, first, second *scripted, b *ledger, change func(*dispatch.Execution)) dispatch.Outcome {
	x := dispatch.Execution{Intent: idv.Intent{Verification: "v", Tenant: "t"}, Ledger: b, Host: host{"a": first, "b": second}}
	if change != nil {
		change(&x)
	}
	return x.Run(ctx, idv.Plan{MaxAttempts: 3, Steps: []idv.Step{{Provider: "a"}, {Provider: "b"}}})
}

// TestGoOn is the table of failures: whether another provider may be called after each.
func TestGoOn(t *testing.T) {
	t.Parallel()
	unknown := func(x *dispatch.Execution) { x.RetryUnknown = true }
	limited := func(x *dispatch.Execution) { x.RetrySubjectLimited = true }
	tests := []struct {
		name   string
		err    *idv.Error
		change func(*dispatch.Execution)
		called string // providers in order
	}{
		{"invalid input", failure(idv.InvalidInput, idv.Answered), unknown, "a"},
		{"denied", failure(idv.Denied, idv.Answered), unknown, "a"},
		{"canceled", failure(idv.Canceled, idv.DeliveryUnknown), unknown, "a"},
		{"internal", failure(idv.Internal, idv.DeliveryUnknown), unknown, "a"},
		{"maintenance", failure(idv.Maintenance, idv.Answered), nil, "ab"},
		{"quota exhausted", failure(idv.QuotaExhausted, idv.RefusedByGateway), nil, "ab"},
		{"credentials", failure(idv.BadCredentials, idv.RefusedByGateway), nil, "ab"},
		{"throttled", failure(idv.Throttled, idv.RefusedByGateway), nil, "ab"},
		{"unsupported", failure(idv.Unsupported, idv.NotSent), nil, "ab"},
		{"partial match", failure(idv.PartialMatch, idv.Answered), unknown, "a"},
		{"subject limited", failure(idv.SubjectLimited, idv.Answered), nil, "a"},
		{"subject limited, allowed", failure(idv.SubjectLimited, idv.Answered), limited, "ab"},
		{"unavailable, answered", failure(idv.Unavailable, idv.Answered), nil, "a"},
		{"unavailable, answered, allowed", failure(idv.Unavailable, idv.Answered), unknown, "ab"},
		{"unavailable, refused by the gateway", failure(idv.Unavailable, idv.RefusedByGateway), nil, "ab"},
		{"timeout, unknown", failure(idv.Timeout, idv.DeliveryUnknown), nil, "a"},
		{"timeout, unknown, allowed", failure(idv.Timeout, idv.DeliveryUnknown), unknown, "ab"},
		{"garbled", failure(idv.Garbled, idv.DeliveryUnknown), nil, "a"},
		{"garbled, allowed", failure(idv.Garbled, idv.DeliveryUnknown), unknown, "ab"},
		{"unknown code", failure(idv.FailureUnknown, idv.DeliveryUnknown), nil, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := run(t.Context(), &scripted{errs: []error{tt.err}}, &scripted{then: idv.Answer{Verdict: idv.Match}}, &ledger{}, tt.change)
			var called string
			for _, a := range out.Attempts {
				called += a.Provider
			}
			if called != tt.called {
				t.Errorf("called %q, want %q", called, tt.called)
			}
			if answered := out.Err == nil; answered != (tt.called == "ab") {
				t.Errorf("answered %v, error %v", answered, out.Err)
			}
		})
	}
}

func TestAnswerIsFinal(t *testing.T) {
	t.Parallel()
	for _, v := range []idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord} {
		t.Run(v.String(), func(t *testing.T) {
			out := run(t.Context(), &scripted{then: idv.Answer{Verdict: v}}, &scripted{}, &ledger{}, nil)
			if len(out.Attempts) != 1 || out.Answer.Verdict != v || out.Provider != "a" {
				t.Errorf("got %d attempts, %v of %q", len(out.Attempts), out.Answer.Verdict, out.Provider)
			}
		})
	}
}

func TestTheSameAgainOnlyIfNothingLeft(t *testing.T) {
	t.Parallel()
	notSent := failure(idv.Unavailable, idv.NotSent)
	b := &ledger{}
	out := run(t.Context(), &scripted{errs: []error{notSent}, then: idv.Answer{Verdict: idv.Match}}, &scripted{errs: []error{notSent}}, b, nil)
	if out.Provider != "a" || len(out.Attempts) != 3 {
		t.Fatalf("answered by %q after %d attempts, want a after 3: a, b, a", out.Provider, len(out.Attempts))
	}
	want := []string{
		"hold v-1 a", "settle v-1 not_sent not_charged", "hold v-2 b", "settle v-2 not_sent not_charged", "hold v-3 a",
	}
	if diff := cmp.Diff(want, b.lines); diff != "" {
		t.Errorf("the ledger, want -, got +:\n%s", diff)
	}
}

func TestNotForEver(t *testing.T) {
	t.Parallel()
	none := make([]error, 100)
	for i := range none {
		none[i] = failure(idv.Unavailable, idv.NotSent)
	}
	out := run(t.Context(), &scripted{errs: none}, &scripted{errs: none}, &ledger{}, func(x *dispatch.Execution) {})
	if len(out.Attempts) != 3 {
		t.Errorf("%d attempts, want the plan's 3", len(out.Attempts))
	}
}

// TestRejectionIsNoAttempt also checks that the reserved unit is returned,
// and that the next provider's intent has an id of its own.
func TestRejectionIsNoAttempt(t *testing.T) {
	t.Parallel()
	turned := &idv.Rejection{Reason: idv.SkipBusy}
	b := &ledger{}
	out := run(t.Context(), &scripted{errs: []error{turned}}, &scripted{then: idv.Answer{Verdict: idv.Match}}, b, nil)
	if len(out.Attempts) != 1 || out.Provider != "b" {
		t.Errorf("%d attempts, answered by %q", len(out.Attempts), out.Provider)
	}
	if len(out.Skipped) != 1 || out.Skipped[0].Reason != idv.SkipBusy {
		t.Errorf("skipped %+v", out.Skipped)
	}
	want := []string{"hold v-1 a", "settle v-1 not_sent not_charged", "hold v-2 b"}
	if diff := cmp.Diff(want, b.lines); diff != "" {
		t.Errorf("the ledger, want -, got +:\n%s", diff)
	}
}

func TestUsedUpProviderIsLeftOut(t *testing.T) {
	t.Parallel()
	first := &scripted{then: idv.Answer{Verdict: idv.Match}}
	out := run(t.Context(), first, &scripted{then: idv.Answer{Verdict: idv.Match}}, &ledger{usedUp: "a"}, nil)
	if out.Provider != "b" || len(out.Skipped) != 1 || out.Skipped[0] != (idv.Skipped{Provider: "a", Reason: idv.SkipQuotaExhausted}) {
		t.Errorf("answered by %q, skipped %+v", out.Provider, out.Skipped)
	}
	if a := out.Attempts[0]; a.Lot != "lot-b" || a.Price.Micros != 2 {
		t.Errorf("the attempt's lot %q, price %v; want those of the hold", a.Lot, a.Price)
	}
}

func TestIntentSaysWhoseCallItIs(t *testing.T) {
	t.Parallel()
	b := &ledger{}
	run(t.Context(), &scripted{}, &scripted{}, b, func(x *dispatch.Execution) { x.Query.Check = idv.CheckIDName })
	i := b.intents[0]
	if i.Verification != "v" || i.Tenant != "t" || i.Check != idv.CheckIDName || i.Price.Micros != 1 || !i.Deadline.After(i.At) {
		t.Errorf("intent %+v", i)
	}
}

// TestBudgetOfPossibleCharges allows a second possible charge, never a third.
func TestBudgetOfPossibleCharges(t *testing.T) {
	t.Parallel()
	lost, free := failure(idv.Timeout, idv.DeliveryUnknown), failure(idv.Unavailable, idv.RefusedByGateway)
	tests := []struct {
		name  string
		first error
		max   int
		calls int
	}{
		{"a possible charge spends a budget of one", lost, 1, 1},
		{"a budget of two allows another", lost, 2, 2},
		{"no budget, no bound", lost, 0, 2},
		{"what was not charged spends nothing", free, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := run(t.Context(), &scripted{errs: []error{tt.first}}, &scripted{errs: []error{lost}}, &ledger{}, func(x *dispatch.Execution) {
				x.RetryUnknown, x.MaxBillableCalls = true, tt.max
			})
			if len(out.Attempts) != tt.calls {
				t.Errorf("%d calls, want %d", len(out.Attempts), tt.calls)
			}
		})
	}
}

func TestNoIntentNoCall(t *testing.T) {
	t.Parallel()
	first := &scripted{errs: []error{failure(idv.Maintenance, idv.Answered)}}
	out := run(t.Context(), first, &scripted{}, &ledger{noIntent: true}, nil)
	if len(first.errs) != 1 {
		t.Error("the provider was asked though the intent could not be written")
	}
	if out.Err == nil || idv.FailureOf(out.Err) != idv.Internal || idv.AsError(out.Err).Delivery != idv.NotSent {
		t.Errorf("got %v", out.Err)
	}
}

func TestCanceledIsStillSettled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := &ledger{}
	cancelling := cancelingProvider{cancel}
	x := dispatch.Execution{Intent: idv.Intent{Verification: "v", Tenant: "t"}, Ledger: b, Host: host{"a": cancelling}}
	out := x.Run(ctx, idv.Plan{MaxAttempts: 2, Steps: []idv.Step{{Provider: "a"}, {Provider: "b"}}})
	if !b.settledAfterDone || !strings.HasPrefix(b.lines[len(b.lines)-1], "settle v-1 unknown unknown") {
		t.Errorf("the ledger: %q, context alive for it: %v", b.lines, b.settledAfterDone)
	}
	if out.Err == nil || idv.FailureOf(out.Err) != idv.Canceled || len(out.Attempts) != 1 {
		t.Errorf("got %v after %d attempts", out.Err, len(out.Attempts))
	}
}

type cancelingProvider struct{ cancel context.CancelFunc }

func (cancelingProvider) Describe() idv.Descriptor { return idv.Descriptor{} }

func (c cancelingProvider) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	c.cancel()
	return idv.Answer{}, ctx.Err()
}
