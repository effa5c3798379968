package fakevendor

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// wanted is what a mode must come to: a verdict of those listed, or a failure of those
// listed, or any failure.
type wanted struct {
	verdicts []idv.Verdict
	failures []idv.Failure
	billed   int64 // -1 for any
}

// unreadable is a reply that must not become a verdict and may have been charged.
func unreadable() wanted {
	return wanted{failures: []idv.Failure{idv.Garbled, idv.FailureUnknown}, billed: 1}
}

func broken(f ...idv.Failure) wanted { return wanted{failures: f, billed: 1} }

func refused(f idv.Failure) wanted { return wanted{failures: []idv.Failure{f}, billed: -1} }

// wantedOf states each mode by hand, without the sandbox's own table.
func (r *rig) wantedOf(m sandbox.Mode) wanted {
	match := wanted{verdicts: []idv.Verdict{idv.Match}, billed: -1}
	switch m {
	case sandbox.ModeNormal, sandbox.ModeExtraFields:
		return match
	case sandbox.ModeMaintenance:
		return wanted{failures: []idv.Failure{idv.Maintenance, idv.Unavailable}, billed: -1}
	case sandbox.ModeStall, sandbox.ModeSlowDrip:
		return broken(idv.Timeout)
	case sandbox.ModeResetBefore, sandbox.ModeResetAfter:
		return broken(idv.Unavailable)
	case sandbox.ModeQuotaExhausted, sandbox.ModeQuotaExpired:
		return refused(idv.QuotaExhausted)
	case sandbox.ModeBadAppCode:
		return refused(idv.BadCredentials)
	case sandbox.ModeThrottled429, sandbox.ModeThrottled403:
		return refused(idv.Throttled)
	case sandbox.ModeGateway504:
		return broken(idv.Timeout, idv.Unavailable)
	case sandbox.ModeHTTP500:
		return wanted{failures: []idv.Failure{idv.Unavailable, idv.Garbled, idv.FailureUnknown}, billed: 0}
	case sandbox.ModeRedirect:
		return wanted{failures: []idv.Failure{idv.Garbled, idv.FailureUnknown}, billed: 0}
	case sandbox.ModeHTTP450:
		if r.factory.Descriptor.Replies.HasBody(450) {
			return wanted{verdicts: []idv.Verdict{idv.NoRecord, idv.MismatchOrNoRecord}, billed: -1}
		}
		return wanted{failures: []idv.Failure{idv.FailureUnknown, idv.Garbled}, billed: -1}
	case sandbox.ModeTokenRevoked:
		return wanted{failures: []idv.Failure{idv.Unavailable, idv.BadCredentials}, billed: -1}
	}
	return unreadable()
}

// transportFaults are the modes in which no product's adapter sees a reply.
func transportFaults() []sandbox.Mode {
	return []sandbox.Mode{
		sandbox.ModeStall, sandbox.ModeSlowDrip, sandbox.ModeResetBefore, sandbox.ModeResetAfter, sandbox.ModeGzipBomb, sandbox.ModeHuge,
	}
}

// modes plays every mode that has a meaning for the product, and none of them may become a
// false verdict or be booked otherwise than the vendor bills it.
func (r *rig) modes(t *testing.T) {
	defer r.sandbox.Reset()
	for _, m := range sandbox.Modes() {
		if r.brief && slices.Contains(transportFaults(), m) {
			continue
		}
		t.Run(string(m), func(t *testing.T) {
			var reason *sandbox.ScenarioError
			switch err := r.sandbox.SetScenario(sandbox.Scenario{Vendor: "v", Mode: m}); {
			case errors.As(err, &reason):
				if reason.Field != "mode" || len(reason.Detail) < 40 {
					t.Errorf("refused as %v, want the reason", err)
				}
				t.Skip(reason.Detail)
			case err != nil:
				t.Fatal(err)
			}
			want := r.wantedOf(m)
			got := r.play(t, m)
			got.agrees(t)
			switch {
			case got.verdict != idv.Undetermined && !slices.Contains(want.verdicts, got.verdict):
				t.Errorf("got the verdict %v (%s), want %v", got.verdict, got.code, want.verdicts)
			case got.verdict == idv.Undetermined && !slices.Contains(want.failures, got.failure):
				t.Errorf("got %v (%s), want %v", got.failure, got.code, want.failures)
			case want.billed >= 0 && got.billed != want.billed:
				t.Errorf("billed %d, want %d", got.billed, want.billed)
			}
			if m == sandbox.ModeTokenRevoked {
				r.recovers(t)
			}
		})
	}
}

// recovers asks again after a token was revoked, and expects that another one was fetched.
func (r *rig) recovers(t *testing.T) {
	t.Helper()
	r.sandbox.Reset()
	if got := r.ask(t.Context(), r.provider, r.query(t, "")); got.verdict != idv.Match {
		t.Errorf("after its token was revoked: got %v (%s), want a match with another token; mark the code of a refused token with RenewsToken", got.failure, got.code)
	}
}

// play asks once in a mode. A call without an answer is cut off after a time that grows until
// the request has arrived before it.
func (r *rig) play(t *testing.T, m sandbox.Mode) result {
	t.Helper()
	if m != sandbox.ModeStall && m != sandbox.ModeSlowDrip {
		return r.ask(t.Context(), r.provider, r.query(t, ""))
	}
	for total := 250 * time.Millisecond; ; total *= 4 {
		p := r.connect(t, nil, r.vendor.Settings, total)
		r.warm(t, p, m)
		if got := r.ask(t.Context(), p, r.query(t, "")); got.requests == 1 || total > time.Minute {
			return got
		}
	}
}

// warm makes a call in the normal mode, so that a token is there before the clock runs.
func (r *rig) warm(t *testing.T, p idv.Provider, m sandbox.Mode) {
	t.Helper()
	for _, mode := range []sandbox.Mode{sandbox.ModeNormal, m} {
		if err := r.sandbox.SetScenario(sandbox.Scenario{Vendor: "v", Mode: mode}); err != nil {
			t.Fatal(err)
		}
		if mode == sandbox.ModeNormal {
			r.ask(t.Context(), p, r.query(t, ""))
		}
	}
}
