package api

import (
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// Reasons returns why policy denied a request: the rules of its decision, or the fault of
// a consent, which the store may find only when the call is to be made. It returns nil if
// policy did not deny the request.
func Reasons(err error) []policy.Reason { return engine.ProblemOf(err).Reasons }

// FaultReason returns the fault of a consent as a rule of policy.
func FaultReason(f consent.Fault) policy.Reason {
	help := f.Help()
	return policy.Reason{Rule: consent.RulePrefix + string(f), ZH: help.ZH, EN: help.EN}
}
