package identity

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Subject is a subject whose claims are in their one form and may be sent.
type Subject struct {
	Claims   idv.Subject  // those that the check needs and no others
	Document idv.Document // of the number as it will be sent
	Flags    Flags        // of all claims together
	Changes  Changes      // of all claims together
	Number   Number       // what the number says: birth and sex, for policy
}

// Normalize checks the claims that a check needs and returns them in the form that
// vendors take. A number of 15 digits is upgraded to 18, since vendors take no
// other; FlagLegacy15 tells of it.
//
// The error is an *idv.Error of class InvalidInput with the claim at fault, the
// [Reason] as its code and a constant sentence: nothing was sent and nothing
// charged. Hyphens, brackets and the like are folded (Options.Lenient), because a
// typing habit is no reason to refuse a person.
func Normalize(s idv.Subject, check idv.Check, now time.Time) (Subject, error) {
	opts := Options{Today: DateOf(now), Lenient: true}
	claims := check.Claims()
	if claims == 0 {
		return Subject{}, invalid(idv.FieldCheck, ReasonUnsupported)
	}
	var out Subject
	for _, claim := range claims.List() {
		f := out.take(claim, s.Claim(claim), opts)
		if !f.Valid {
			return Subject{}, invalid(idv.FieldOf(claim), f.Reason)
		}
		out.Flags |= f.Flags
		out.Changes |= f.Changes
	}
	return out, nil
}

// take checks one claim and stores its form.
func (out *Subject) take(claim idv.Claim, value idv.Sensitive, opts Options) Finding {
	switch claim {
	case idv.ClaimName:
		f := CheckName(value, opts)
		out.Claims.Name = f.Canonical()
		return f
	case idv.ClaimIDNumber:
		return out.takeNumber(value, opts)
	case idv.ClaimMobile:
		f := CheckMobile(value)
		out.Claims.Mobile = f.Canonical()
		return f
	case idv.ClaimBankCard:
		f := CheckBankCard(value)
		out.Claims.BankCard = f.Canonical()
		return f
	}
	return Finding{Reason: ReasonUnsupported}
}

func (out *Subject) takeNumber(value idv.Sensitive, opts Options) Finding {
	n := CheckNumber(value, opts)
	out.Number, out.Document, out.Claims.IDNumber = n, n.Type, n.Canonical()
	if n.Valid && n.Type == idv.Resident15 {
		out.Document, out.Claims.IDNumber = idv.Resident18, n.Upgraded
	}
	return n.Finding
}

func invalid(field idv.Field, reason Reason) error {
	help := reason.Help()
	return &idv.Error{
		Failure:  idv.InvalidInput,
		Origin:   idv.OriginEngine,
		Delivery: idv.NotSent,
		Charge:   idv.NotCharged,
		Field:    field,
		Code:     string(reason),
		Detail:   help.Cause.EN + " " + help.Remedy.EN,
	}
}
