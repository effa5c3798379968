package consents

import (
	"cmp"
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// countAttempt reports a number to the abuse detector, also one that the local check
// rejected. The error is that rejection, the denial that replaces it, or the store's.
func (s *Service) countAttempt(ctx context.Context, in *Draft, person idv.Subject, now time.Time, rejection error) error {
	if s.Abuse == nil {
		return rejection
	}
	a, record := abuse.Attempt{Tenant: in.Tenant, App: in.App, Subject: person, Now: now}, s.Abuse.RecordProbe
	if rejection != nil {
		a.Subject, record = in.Subject.Only(in.identifying().Claims()), s.Abuse.RecordInvalid
	}
	out, err := record(ctx, s.Store, a)
	if err != nil {
		return err
	}
	return cmp.Or(out.Err(), rejection)
}

// checkEligible returns why the engine would refuse every request that uses this consent, so that
// no person reads a notice in vain: the purpose, the app, the legal basis, the age of the
// person, or the guardian.
func (s *Service) checkEligible(in *Draft, birth identity.Date, now time.Time) error {
	if in.Purpose == "" {
		return invalid(idv.FieldPurpose, "is missing; say what the data is needed for, since a consent without a purpose is not valid")
	}
	purpose, err := s.Purposes.Find(in.Purpose, in.App)
	young := isChild(birth, in.OfAge, now)
	switch {
	case err != nil:
		return err
	case !purpose.NeedsConsent():
		return invalid(idv.FieldPurpose, "this purpose has another basis in law, so no consent is needed; send the verification without one")
	case young && purpose.Minors == policy.MinorsDeny:
		return policy.DenyMinor()
	case in.Guardian != nil && in.identifying() != idv.CheckIDName:
		return invalidMember("guardian", "guardian is given for a check without an ID number, which does not tell that the person is a child; use a check with the ID number")
	case young && in.Guardian == nil:
		return consent.NeedsGuardian
	case in.Guardian != nil && !birth.IsZero() && !identity.Under(birth, identity.DateOf(now), identity.AgeAdult, identity.Statutory):
		return invalidMember("guardian", "guardian is given for a person of 18 or older, who decides alone; remove it")
	}
	return nil
}

// isChild reports whether a guardian must consent. The declaration to be of age counts only
// if the number encodes no date of birth.
func isChild(birth identity.Date, ofAge bool, now time.Time) bool {
	if birth.IsZero() {
		return !ofAge
	}
	return identity.Under(birth, identity.DateOf(now), identity.AgeOwnConsent, identity.Statutory)
}

// addGuardian adds the guardian of a child to the record and the values.
func (s *Service) addGuardian(in *Draft, r *consent.Record, values notice.Values, now time.Time) error {
	if in.Guardian == nil {
		return nil
	}
	guardian, err := identity.Normalize(in.Guardian.Subject, idv.CheckIDName, now)
	if err != nil {
		return err
	}
	switch token := s.Keyring.Token(in.Tenant, guardian.Claims.Person()); {
	case in.Guardian.Relation == "":
		return invalidMember("guardian.relation", "guardian.relation is missing; say what the guardian is to the child, such as mother")
	case token == r.Subject:
		return invalidMember("guardian", "guardian is the child itself; name the person who consents for the child")
	case identity.Under(guardian.Number.Birth, identity.DateOf(now), identity.AgeAdult, identity.Statutory):
		return invalidMember("guardian", "guardian is under 18, or the number encodes no age; name a guardian of 18 or older (Civil Code art. 27)")
	default:
		r.Guardian = consent.Guardian{Subject: token, Relation: in.Guardian.Relation}
	}
	values["guardian_name"], values["relation"] = notice.Name(guardian.Claims.Name), notice.Text(in.Guardian.Relation)
	return nil
}

// invalid returns an error of class InvalidInput for a field of the draft.
func invalid(field idv.Field, detail string) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: field, Code: "consent_draft", Detail: detail,
	}
}

// DraftError reports an invalid member of a draft that no [idv.Field] names.
type DraftError struct {
	Member string // such as "uses" or "guardian.relation"
	Cause  error  // an *idv.Error of class InvalidInput
}

// Error returns the text of the cause.
func (e *DraftError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *DraftError) Unwrap() error { return e.Cause }

func invalidMember(member, detail string) error {
	return &DraftError{member, invalid(idv.NoField, detail)}
}
