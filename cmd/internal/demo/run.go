package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// runner runs the steps of one part.
type runner struct {
	app     *assemble.App
	engine  *engine.Engine
	sandbox *sandbox.Sandbox
	asked   time.Time      // when the last verification started
	consent consent.Record // the consent that the verifications name; empty in the first part
}

// verify runs one verification.
func (run *runner) verify(ctx context.Context, p person) (idv.Verification, error) {
	r := p.request()
	r.ConsentID = run.consent.ID
	return run.engine.Verify(ctx, r)
}

// ask runs a verification the way that the step defines.
func (run *runner) ask(ctx context.Context, s step) (idv.Verification, error) {
	run.asked = time.Now()
	if s.ask != nil {
		return s.ask(ctx, run, s.who)
	}
	return run.verify(ctx, s.who)
}

// availability returns the availability of the first provider.
func (run *runner) availability() idv.Availability { return run.engine.Providers()[0].Availability }

// step runs a step and compares the results with the expected ones. The error means that
// the step could not run.
func (run *runner) step(ctx context.Context, s step) (Report, error) {
	if s.before != nil {
		if err := s.before(ctx, run); err != nil {
			return Report{}, err
		}
	}
	before := run.sandbox.Stats()
	r := Report{Step: s.code, Title: s.title, Asked: max(s.times, 1), Subject: s.who.request().Subject.Masked(), Differs: []string{}}
	for range r.Asked {
		v, err := run.ask(ctx, s)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		r.take(v, err)
		r.differ(s.want.compare(v, err))
	}
	after := run.sandbox.Stats()
	r.Requests = map[string]int64{first: requests(before, after, first), second: requests(before, after, second)}
	r.differ(s.want.compareRequests(r.Requests, r.Asked)...)
	if s.after != nil {
		r.differ(s.after(ctx, run)...)
	}
	r.Expected = len(r.Differs) == 0
	return r, nil
}

func requests(before, after map[string]sandbox.Stats, vendor string) int64 {
	return after[vendor].Requests - before[vendor].Requests
}

// compareRequests returns the differences between the vendors' counters and the expected
// requests.
func (w want) compareRequests(got map[string]int64, asked int) []string {
	if w.by == either {
		return []string{unequal("requests at both", got[first]+got[second], int64(asked))}
	}
	return []string{
		unequal("requests at "+first, got[first], w.toFirst), unequal("requests at "+second, got[second], w.toSecond),
	}
}

// compare returns the difference between a result and the expected one, "" if there is none.
func (w want) compare(v idv.Verification, err error) string {
	if w.rule != "" {
		return w.compareRefusal(err)
	}
	if err != nil {
		return "refused: " + idv.FailureOf(err).String()
	}
	var reason idv.Reason
	if w.verdict == idv.Undetermined {
		reason = idv.ReasonOf(w.reason)
	}
	by, tries := w.by, w.tries
	if by == either {
		by, tries = answeredBy(v), len(v.Attempts)
	}
	for _, difference := range []string{
		unequal("verdict", v.Verdict, w.verdict), unequal("reason", v.Reason, reason),
		unequal("answered by", answeredBy(v), by), unequal("attempts", len(v.Attempts), tries),
	} {
		if difference != "" {
			return difference
		}
	}
	return ""
}

func (w want) compareRefusal(err error) string {
	if err == nil {
		return "not refused"
	}
	e := idv.AsError(err)
	if e.Failure != w.reason || e.Code != w.rule || e.Delivery != idv.NotSent {
		return "refused by another rule: " + e.Code
	}
	return ""
}

func unequal[T comparable](what string, got, want T) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s: %v, expected %v", what, got, want)
}

// answeredBy returns the provider that gave the verdict, "" if there is none.
func answeredBy(v idv.Verification) string {
	if len(v.Evidence) == 0 {
		return ""
	}
	return v.Evidence[0].Provider
}
