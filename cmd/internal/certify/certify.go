// Package certify runs the rules of package providertest against an adapter, usually
// one in another process, and reports whether each rule passed or failed. Unlike a test
// of providertest it does not accept a crash or a timeout as a refusal: a plugin that
// dies on a truncated reply gives no verdict, but fails the rule.
package certify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Adapter is the adapter to check. One of Codec and Provider is set.
type Adapter struct {
	Card  idv.Descriptor
	Codec providers.Codec
	// Provider returns a provider with a custom transport that calls the given base URL,
	// which is a loopback address.
	Provider func(base string) (idv.Provider, error)

	Check      idv.Check    // the check that the recordings answer; that of the descriptor if zero
	NotEchoed  idv.ClaimSet // see [providertest.Harness]
	Recordings []providertest.Recording
}

// Result is the result of one rule.
type Result struct {
	Rule    string `json:"rule"`
	Says    string `json:"says"`
	Passed  bool   `json:"passed"`
	Skipped string `json:"skipped,omitempty"` // why it was not tested: the flag that waives it, or the form of the bodies
	Failure string `json:"failure,omitempty"` // why it failed; holds no claim
}

// Total counts the rules. Those that neither failed nor were skipped passed.
type Total struct {
	Rules   int `json:"rules"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// flagNotEchoed is the flag that waives rules; see [providertest.ErrNotEchoed].
const flagNotEchoed = "--not-echoed"

// perRule limits one rule. The longest takes a hundredth of it.
const perRule = 30 * time.Second

// Run tests every applicable rule, reports each, and returns their numbers. If ctx is
// done, it returns early with the cause.
func Run(ctx context.Context, a Adapter, report func(Result)) (Total, error) {
	var total Total
	h, err := a.harness()
	if err != nil {
		return total, err
	}
	rules, err := a.rules(h)
	if err != nil {
		return total, err
	}
	for _, s := range rules {
		err := runRule(ctx, s.test)
		if ctx.Err() != nil {
			return total, context.Cause(ctx)
		}
		total.Rules++
		result := Result{Rule: s.name, Says: s.says, Passed: err == nil}
		switch {
		case errors.Is(err, providertest.ErrNotEchoed):
			total.Skipped++
			result.Skipped = flagNotEchoed
		case errors.Is(err, providertest.ErrSkipped):
			total.Skipped++
			result.Skipped = "body: " + h.Format.String()
		case err != nil:
			total.Failed++
			result.Failure = err.Error()
		}
		report(result)
	}
	return total, nil
}

// rule is a rule of either kind, ready to run.
type rule struct {
	name, says string
	test       func(context.Context) error
}

func (a Adapter) harness() (providertest.Harness, error) {
	if a.Check != idv.CheckNone && a.Card.Check != idv.CheckNone && a.Check != a.Card.Check {
		return providertest.Harness{}, errors.New("descriptor: the product answers another check")
	}
	h, err := providertest.NewHarness(carded{a.Codec, a.Card}, a.Recordings, a.NotEchoed)
	if f, ok := a.Codec.(body.Formatted); ok {
		h.Format = f.Format()
	}
	return h, err
}

func (a Adapter) rules(h providertest.Harness) ([]rule, error) {
	if a.Provider != nil {
		return a.liveRules(h.Query)
	}
	var list []rule
	pause := &restartBudget{left: maxRestartWait}
	for _, r := range providertest.Rules() {
		list = append(list, rule{r.Name, r.Text, func(ctx context.Context) error {
			pause.wait(ctx, a.Codec, h.Query)
			w, h := watch(ctx, a.Codec), h
			h.Codec = w
			return w.result(r.Test(w.ctx, h))
		}})
	}
	return list, nil
}

// carded is a codec whose descriptor is known: its own Describe can panic.
type carded struct {
	providers.Codec
	card idv.Descriptor
}

// Describe returns the known descriptor.
func (c carded) Describe() idv.Descriptor { return c.card }

func (a Adapter) liveRules(q idv.Query) ([]rule, error) {
	i := slices.IndexFunc(a.Recordings, func(r providertest.Recording) bool { return r.Want.Verdict == idv.Match })
	if i < 0 {
		return nil, errors.New("no fixture is a match; a provider with a custom transport needs one; add one to the fixtures")
	}
	live := providertest.Live{Provider: a.Provider, Query: q, Good: a.Recordings[i].Reply}
	var list []rule
	for _, r := range providertest.LiveRules() {
		list = append(list, rule{r.Name, r.Text, func(ctx context.Context) error { return r.Test(ctx, live) }})
	}
	return list, nil
}

// runRule runs one rule. A panic's value may hold a claim, so it is not reported.
func runRule(ctx context.Context, test func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, perRule)
	defer cancel()
	defer func() {
		if recover() != nil {
			err = errors.New("the adapter panicked")
		}
	}()
	err = test(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("the rule did not end within %v: the adapter answers too slowly", perRule)
	}
	return err
}
