// Package rules decides by rules in YAML whose conditions are CEL expressions over
// [policy.Facts].
//
// [Load] and [Parse] report everything that is wrong with the files, each fault with its
// line and path: a fact that does not exist, a comparison of values of two types, a
// condition that would cost too much. [Set.Decide] evaluates every rule, and any denial
// wins, so the order of rules changes only the order in which a decision names them. A
// request is denied if the condition of a rule cannot be evaluated for it.
package rules

import (
	"cel.dev/cel-go/cel"

	"github.com/heyan-id/heyan/policy"
)

// Effect is what a rule does when its condition holds. The zero value denies.
type Effect uint8

// The effects.
const (
	Deny    Effect = iota // denies, whatever other rules say
	Allow                 // allows, unless a rule denies
	Require               // adds obligations, if it is allowed
)

// String returns the effect as files write it.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "allow"
	case Require:
		return "require"
	default:
		return "deny"
	}
}

// MarshalText writes the effect as files do.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// rule is one rule, compiled.
type rule struct {
	id          string
	file        string
	line        int
	then        Effect
	reason      policy.Reason
	obligations policy.Obligations
	program     cel.Program
	counts      []string // fields of policy.Counts that the condition reads
	facts       []string // that it reads
	cost        uint64   // at most, in CEL's units
}

// Ids that no rule of a file may have: a decision names them when no rule decided.
const (
	idDefault = "default" // no rule fired, so the default decided
	idFacts   = "facts"   // a fact is larger than any condition was priced for
)
