// Package certify runs the contract of package providertest against an adapter that
// somebody else wrote, most likely in another process. It differs from a test in two
// ways: it tells of each sentence as it was tried, kept or broken, and it does not
// take a crash or a silence for a refusal. A plugin that dies on a cut reply gives no
// verdict either, but it has not kept the contract.
package certify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Adapter is what is certified. One of Codec and Provider is set.
type Adapter struct {
	Card  idv.Descriptor
	Codec providers.Codec
	// Provider makes a provider with a transport of its own that talks to the given
	// base URL, on a loopback address.
	Provider func(base string) (idv.Provider, error)

	Check     idv.Check    // the question that the fixtures answer; the first of the card if it is none
	NotEchoed idv.ClaimSet // see [providertest.Harness]
	Fixtures  []providertest.Fixture
}

// Sentence is one sentence of the contract and how it went.
type Result struct {
	Rule string `json:"rule"`
	Says string `json:"says"`
	Kept bool   `json:"kept"`
	Saw  string `json:"saw,omitempty"` // what broke it; holds no claim
}

// perRule is the time for one sentence. The longest takes a hundredth of it; a
// plugin that answers everything slowly ends here and not after an hour.
const perRule = 30 * time.Second

// Run tries every sentence that applies, tells of each, and returns how many were
// tried and how many were broken. It ends early when ctx is done, with its error.
func Run(ctx context.Context, a Adapter, tell func(Result)) (tried, broken int, err error) {
	sentences, err := a.rules()
	if err != nil {
		return 0, 0, err
	}
	for _, s := range sentences {
		err := runRule(ctx, s.test)
		if ctx.Err() != nil {
			return tried, broken, context.Cause(ctx)
		}
		tried++
		told := Result{Rule: s.name, Says: s.says, Kept: err == nil}
		if err != nil {
			broken++
			told.Saw = err.Error()
		}
		tell(told)
	}
	return tried, broken, nil
}

// sentence is a rule of either kind, ready to be tried.
type rule struct {
	name, says string
	test       func(context.Context) error
}

func (a Adapter) rules() ([]rule, error) {
	q, err := a.query()
	if err != nil {
		return nil, err
	}
	if a.Provider != nil {
		return a.liveRules(q)
	}
	var list []rule
	pause := &restartBudget{left: maxRestartWait}
	for _, r := range providertest.Rules() {
		list = append(list, rule{r.Name, r.Text, func(ctx context.Context) error {
			pause.wait(ctx, a.Codec, q)
			w := watch(ctx, a.Codec)
			h := providertest.Harness{Codec: w, Query: q, Fixtures: a.Fixtures, NotEchoed: a.NotEchoed}
			return w.result(r.Test(w.ctx, h))
		}})
	}
	return list, nil
}

func (a Adapter) liveRules(q idv.Query) ([]rule, error) {
	good, ok := a.matchFixture()
	if !ok {
		return nil, errors.New("there is no fixture of a code that stands for a match; a provider with its own transport needs one")
	}
	live := providertest.Live{Provider: a.Provider, Query: q, Good: good}
	var list []rule
	for _, r := range providertest.LiveRules() {
		list = append(list, rule{r.Name, r.Text, func(ctx context.Context) error { return r.Test(ctx, live) }})
	}
	return list, nil
}

// within tries one sentence. What an adapter panics with may hold a claim, so only
// the fact is told.
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
		return fmt.Errorf("it was not tried to its end within %v: the adapter answers too slowly", perRule)
	}
	return err
}
