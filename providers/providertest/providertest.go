// Package providertest is the contract between heyan and its adapters, as a table of
// rules. A codec rule derives replies from the vendor's own fixtures (truncated,
// with duplicate members, with other types, about another person) and checks what
// the codec makes of them. A live rule checks a provider that sends real requests.
//
// A vendor's test calls [RunRecordings] with the replies that [Recordings] reads, or [Run]
// with a [Harness]. [Check] does the same without
// package testing's T, so that a command can check an adapter from elsewhere. Read
// [Rules] first.
package providertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// Rule is one rule of the contract for codecs.
type Rule struct {
	Name string                               // short, for lists and for go test -run
	Text string                               // the requirement as a sentence; a finding repeats it
	Test func(context.Context, Harness) error // [ErrSkipped] if it was not tested
}

// Harness is what the rules need of a vendor.
type Harness struct {
	Codec providers.Codec

	// Query is a query that the codec supports, about the fictitious person of the
	// fixtures. It holds the claims of its check and no others.
	Query idv.Query

	// Format is the format of the bodies; the zero value is JSON.
	Format body.Format

	// Fixtures are valid replies: one for every vendor row of the code table,
	// and at least one for a gateway row if the table has any.
	//
	// By comparing those with a verdict, the rules find the member that holds each part of
	// a code, and the types that a code may have: a code that is a number in one fixture and
	// a string in another may be either, otherwise the type is fixed. A member that holds a
	// part of the code in all of them by chance needs one more fixture, of the same code,
	// with another value there.
	Fixtures []Fixture

	// NotEchoed are the claims of the check that no reply echoes, not even masked.
	// Swapped answers cannot be detected by such a claim. If it holds all claims of the
	// check, the rules about echoes are skipped: see [ErrNotEchoed].
	NotEchoed idv.ClaimSet

	// Recordings are all recorded replies of the product, also those that must not become a
	// verdict; see [NewHarness]. Without any, the rule about them tests nothing.
	Recordings []Recording
}

// Fixture is a reply and the row of the code table that it belongs to.
type Fixture struct {
	Layer, Code string
	Reply       providers.Reply
}

// Finding is a rule that failed.
type Finding struct {
	Rule string // its name
	Text string // its requirement
	Err  error  // what was tried and what happened; holds no claim
}

// String returns the requirement and how it failed.
func (f Finding) String() string { return fmt.Sprintf("%s: %s\n\t%v", f.Rule, f.Text, f.Err) }

// Rules returns the rules for codecs: Describe, Encode, Decode.
func Rules() []Rule {
	var rules []Rule
	rules = append(rules, describeRules()...)
	rules = append(rules, encodeRules()...)
	rules = append(rules, decodeRules()...)
	rules = append(rules, bodyRules()...)
	rules = append(rules, onDocuments(echoRules())...)
	rules = append(rules, onDocuments(memberRules())...)
	return append(rules, onDocuments(meaningRules())...)
}

// ErrNotEchoed is the error of a rule that Harness.NotEchoed waives: it was not tested.
var ErrNotEchoed = fmt.Errorf("%w, since NotEchoed (--not-echoed) names every claim of the check", ErrSkipped)

// Check tests every rule and returns those that fail. Once ctx is done, the
// remaining rules fail untested. A rule that is skipped does not fail.
func Check(ctx context.Context, h Harness) []Finding {
	var found []Finding
	for _, rule := range Rules() {
		if err := try(ctx, rule.Test, h); err != nil && !errors.Is(err, ErrSkipped) {
			found = append(found, Finding{rule.Name, rule.Text, err})
		}
	}
	return found
}

// Run tests every rule as a subtest.
func Run(t *testing.T, h Harness) {
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			err := try(t.Context(), rule.Test, h)
			if errors.Is(err, ErrSkipped) {
				t.Skip(err)
			}
			if err != nil {
				t.Error(Finding{rule.Name, rule.Text, err})
			}
		})
	}
}

// try runs one test. It reports a panic of the adapter without its value, which may
// hold a claim.
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
