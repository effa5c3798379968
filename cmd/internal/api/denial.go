package api

import (
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// FaultReason returns the fault of a consent as a rule of policy.
func FaultReason(f consent.Fault) policy.Reason {
	help := f.Help()
	return policy.Reason{Rule: consent.RulePrefix + string(f), ZH: help.ZH, EN: help.EN}
}
