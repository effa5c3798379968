package rules

import (
	"cel.dev/cel-go/cel"

	"github.com/heyan-id/heyan/policy"
)

// Effect is what a rule does when its condition holds. The zero value denies.
type Effect uint8

// The effects.
const (
	Deny    Effect = iota // the question may not be put, whatever other rules say
	Allow                 // it may, unless a rule denies
	Require               // if it may, then with obligations
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

// rule is one rule, ready to be asked.
type rule struct {
	id          string
	file        string
	line        int
	then        Effect
	reason      policy.Reason
	obligations policy.Obligations
	program     cel.Program
	counts      []string // fields of policy.Counts that the condition looks at
	facts       []string // facts that it looks at
	cost        uint64   // at most, in CEL's units
}

// Ids that no rule of a file may have: a decision names them when no rule decided.
const (
	idDefault = "default" // no rule spoke, so the default did
	idFacts   = "facts"   // a fact is larger than any condition was priced for
)
