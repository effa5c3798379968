// Package providertest is the contract between heyan and its adapters as a table
// of sentences. Each [Rule] says one thing that every codec keeps and tests it on
// replies that are derived from the vendor's own fixtures: cut, doubled, mistyped,
// about somebody else.
//
// A vendor's test is a [Harness] and a call of [Run]. [Check] does the same
// without package testing's T, so that a command can run it on an adapter that
// somebody else wrote. Read [Rules] first.
package providertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Rule is one sentence of the contract.
type Rule struct {
	Name string // short, for a list and for go test -run
	Says string // the sentence; a finding repeats it
	Test func(context.Context, Harness) error
}

// Harness is what the rules need to know about a vendor.
type Harness struct {
	Codec providers.Codec

	// Query is a question that the vendor takes, about the made-up person whom
	// the fixtures are about, with the claims of its check and no others.
	Query idv.Query

	// Fixtures are sound JSON replies: one for every vendor row of the code table,
	// and one for at least one gateway row if there are any.
	Fixtures []Fixture

	// NotEchoed are the claims of the check that no answer shows in part. Nobody
	// can tell from such a claim that two answers were swapped.
	NotEchoed idv.ClaimSet
}

// Fixture is a reply and the row of the code table that it stands for.
type Fixture struct {
	Layer, Code string
	Reply       providers.Reply
}

// Finding is a rule that was broken.
type Finding struct {
	Rule string // its name
	Says string // its sentence
	Err  error  // what was done and what came of it; holds no claim
}

// String returns the sentence and how it was broken.
func (f Finding) String() string { return fmt.Sprintf("%s: %s\n\t%v", f.Rule, f.Says, f.Err) }

// Rules lists the contract, from describing to decoding.
func Rules() []Rule {
	var rules []Rule
	rules = append(rules, describeRules()...)
	rules = append(rules, encodeRules()...)
	rules = append(rules, decodeRules()...)
	rules = append(rules, bodyRules()...)
	return append(rules, memberRules()...)
}

// Check tests every rule and returns those that are broken. It stops early when
// ctx is done, which is then a finding of its rule.
func Check(ctx context.Context, h Harness) []Finding {
	var found []Finding
	for _, rule := range Rules() {
		if err := try(ctx, rule.Test, h); err != nil {
			found = append(found, Finding{rule.Name, rule.Says, err})
		}
	}
	return found
}

// Run tests every rule as a subtest.
func Run(t *testing.T, h Harness) {
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := try(t.Context(), rule.Test, h); err != nil {
				t.Error(Finding{rule.Name, rule.Says, err})
			}
		})
	}
}

// try runs one test. What an adapter panics with may hold a claim, so only the
// fact is reported.
func try[H any](ctx context.Context, test func(context.Context, H) error, h H) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the adapter panicked")
		}
	}()
	if ctx.Err() != nil {
		return fmt.Errorf("not tested: %w", context.Cause(ctx))
	}
	return test(ctx, h)
}
