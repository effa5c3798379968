package dropin

import (
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
)

// Outcome is how a request ended, by its row in the table.
type Outcome string

// The outcomes. [Rows] says of each when it occurs and what the caller gets.
const (
	Match          Outcome = "match"
	Mismatch       Outcome = "mismatch"
	NoRecord       Outcome = "no_record"
	Unclear        Outcome = "mismatch_or_no_record"
	Review         Outcome = "review"
	InvalidName    Outcome = "invalid_name"
	InvalidNumber  Outcome = "invalid_number"
	Maintenance    Outcome = "maintenance"
	NoAnswer       Outcome = "no_answer"
	Denied         Outcome = "denied"
	Unavailable    Outcome = "unavailable"
	QuotaExhausted Outcome = "quota_exhausted"
	Limited        Outcome = "limited"
	Forbidden      Outcome = "forbidden"
	NoAppCode      Outcome = "no_appcode"
	WrongAppCode   Outcome = "wrong_appcode"
	UnknownHost    Outcome = "unknown_host"
	UnknownPath    Outcome = "unknown_path"
	WrongMethod    Outcome = "wrong_method"
	BadQuery       Outcome = "bad_query"
	BadBody        Outcome = "bad_body"
	WrongMediaType Outcome = "wrong_media_type"
	TooLarge       Outcome = "too_large"
	Fault          Outcome = "fault"
)

// outcomeOf returns the outcome of a verification by the providers of the engine.
func outcomeOf(v *idv.Verification, providers func() []engine.ProviderStatus) Outcome {
	verdicts := map[idv.Verdict]Outcome{idv.Match: Match, idv.Mismatch: Mismatch, idv.NoRecord: NoRecord, idv.MismatchOrNoRecord: Unclear}
	found, ok := verdicts[v.Verdict]
	switch {
	case ok && v.Review:
		return Review // the form has no place for "not before a person has looked at it"
	case ok:
		return found
	case v.Reason.Failure() == idv.InvalidInput && rejected(v, providers()) == idv.FieldIDNumber:
		return InvalidNumber
	case v.Reason.Failure() == idv.InvalidInput:
		return InvalidName // also if the vendor does not say: the number has passed the local check, so the name is the likelier one
	case v.Reason.Failure() == idv.Maintenance:
		return Maintenance
	case v.Reason.Failure() == idv.Denied:
		return Denied
	case mayBeCharged(v):
		return NoAnswer
	}
	return obstacle(v)
}

// rejected returns the claim that the vendor of the last call rejected, by its code table.
func rejected(v *idv.Verification, providers []engine.ProviderStatus) idv.Field {
	if len(v.Attempts) == 0 {
		return idv.NoField
	}
	last := &v.Attempts[len(v.Attempts)-1]
	for i := range providers {
		if providers[i].Name != last.Provider {
			continue
		}
		for _, row := range providers[i].Descriptor.Codes {
			if row.Code == last.VendorCode && row.Layer == last.Origin.String() && row.Failure == idv.InvalidInput {
				return row.Field
			}
		}
	}
	return idv.NoField
}

// mayBeCharged reports whether a vendor may charge for the verification. Then no code of the
// gateway is given, since each of them says that the vendor was not called.
func mayBeCharged(v *idv.Verification) bool {
	return slices.ContainsFunc(v.Attempts, func(a idv.Attempt) bool { return a.Charge != idv.NotCharged })
}

// obstacle returns why no provider could be asked: the reason that passes soonest.
func obstacle(v *idv.Verification) Outcome {
	var found []idv.SkipReason
	for i := range v.Skipped {
		found = append(found, v.Skipped[i].Reason)
	}
	for i := range v.Attempts {
		found = append(found, v.Attempts[i].Obstacle())
	}
	for _, one := range []struct {
		reasons []idv.SkipReason
		outcome Outcome
	}{
		{[]idv.SkipReason{idv.SkipThrottled}, Limited},
		{[]idv.SkipReason{idv.SkipNone, idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipBusy, idv.SkipRecovering, idv.SkipDrained, idv.SkipPluginNotReady}, Unavailable},
		{[]idv.SkipReason{idv.SkipMaintenance, idv.SkipScheduledMaintenance}, Maintenance},
		{[]idv.SkipReason{idv.SkipQuotaExhausted}, QuotaExhausted},
		{[]idv.SkipReason{idv.SkipCredentials, idv.SkipPolicy, idv.SkipNotConsented}, Unavailable},
		{[]idv.SkipReason{idv.SkipUnsupportedName, idv.SkipUnsupportedScript}, InvalidName},
		{[]idv.SkipReason{idv.SkipUnsupportedDocument}, InvalidNumber},
	} {
		if slices.ContainsFunc(found, func(r idv.SkipReason) bool { return slices.Contains(one.reasons, r) }) {
			return one.outcome
		}
	}
	return Unavailable
}

// refusalOf returns the outcome of a request that the engine refused.
func refusalOf(p *engine.Problem) Outcome {
	switch p.Class {
	case engine.ClassClosing, engine.ClassStore, engine.ClassRestored:
		return Unavailable
	case engine.ClassUnconfirmed:
		return NoAnswer
	case engine.ClassUnknown:
		return Fault
	}
	switch p.Failure {
	case idv.InvalidInput, idv.Unsupported:
		return fieldOutcome(p)
	case idv.Denied:
		switch p.Field {
		case idv.FieldTenant, idv.FieldApp, idv.FieldPurpose, idv.FieldConsentID:
			return Forbidden // the configuration says these, so every request of the client is refused
		}
		return Denied
	case idv.SubjectLimited, idv.Throttled:
		return Limited
	}
	if p.Called {
		return NoAnswer
	}
	return Fault
}

func fieldOutcome(p *engine.Problem) Outcome {
	switch p.Field {
	case idv.FieldName:
		return InvalidName
	case idv.FieldIDNumber:
		return InvalidNumber
	}
	return Unavailable // the configuration has no route for the request
}

// detailOf returns the rules that refused a request. Of a limit it returns nothing, so that a
// caller who guesses does not learn what was detected.
func detailOf(p *engine.Problem) string {
	if p.Failure != idv.Denied {
		return ""
	}
	return strings.Join(p.Rules, ", ")
}
