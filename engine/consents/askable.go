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

// hear lets the guard hear of a number, also of one that the local check refused. The
// error is that refusal, the guard's denial in its place, or the store's.
func (d *Service) hear(ctx context.Context, in *Draft, person idv.Subject, now time.Time, refusal error) error {
	if d.Abuse == nil {
		return refusal
	}
	a, tell := abuse.Attempt{Tenant: in.Tenant, App: in.App, Subject: person, Now: now}, d.Abuse.RecordProbe
	if refusal != nil {
		a.Subject, tell = in.Subject, d.Abuse.RecordInvalid
	}
	out, err := tell(ctx, d.Store, a)
	if err != nil {
		return err
	}
	return cmp.Or(out.Err(), refusal)
}

// askable keeps the rule that nobody reads a notice for a question that could not be
// asked on it: for another purpose or app, on another basis, about a child, or agreed
// to by somebody else.
func (d *Service) askable(in *Draft, birth identity.Date, now time.Time) error {
	if in.Purpose == "" {
		return invalid(idv.FieldPurpose, "say what the person is asked for; a consent without a purpose is none")
	}
	purpose, err := d.Purposes.Find(in.Purpose, in.App)
	young := child(birth, in.OfAge, now)
	switch {
	case err != nil:
		return err
	case !purpose.NeedsConsent():
		return invalid(idv.FieldPurpose, "this purpose rests on another basis in law, so the person has nothing to decide; ask the question without a consent")
	case young && purpose.Minors == policy.MinorsDeny:
		return policy.DenyMinor()
	case young && in.Guardian == nil:
		return consent.NeedsGuardian
	case in.Guardian != nil && !birth.IsZero() && !identity.Under(birth, identity.DateOf(now), identity.AgeAdult, identity.Statutory):
		return invalidMember("guardian", "guardian is given for a person of 18 or older, who decides alone; leave it out")
	}
	return nil
}

// child reports whether a guardian has to agree. What the number says counts; the
// declaration to be of age does where it says nothing.
func child(birth identity.Date, ofAge bool, now time.Time) bool {
	if birth.IsZero() {
		return !ofAge
	}
	return identity.Under(birth, identity.DateOf(now), identity.AgeOwnConsent, identity.Statutory)
}

// guardian takes in who agrees for a child.
func (d *Service) guardian(in *Draft, r *consent.Record, values notice.Values, now time.Time) error {
	if in.Guardian == nil {
		return nil
	}
	who, err := identity.Normalize(in.Guardian.Subject, idv.CheckIDName, now)
	if err != nil {
		return err
	}
	switch token := d.Keyring.Token(in.Tenant, who.Claims.IDNumber); {
	case in.Guardian.Relation == "":
		return invalidMember("guardian.relation", "guardian.relation is missing: say what the guardian is to the child, as mother")
	case token == r.Subject:
		return invalidMember("guardian", "guardian is the child itself; name the person who agrees for it")
	case identity.Under(who.Number.Birth, identity.DateOf(now), identity.AgeAdult, identity.Statutory):
		return invalidMember("guardian", "guardian is under 18, or the number tells no age; a guardian is of age (Civil Code art. 27)")
	default:
		r.Guardian = consent.Guardian{Subject: token, Relation: in.Guardian.Relation}
	}
	values["guardian_name"], values["relation"] = notice.Name(who.Claims.Name), notice.Text(in.Guardian.Relation)
	return nil
}

func invalid(field idv.Field, detail string) error {
	return &idv.Error{
		Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: field, Code: "consent_draft", Detail: detail,
	}
}

// DraftError is a draft of which something is wrong that no [idv.Field] names.
type DraftError struct {
	Member string // of the draft, as "uses" or "guardian.relation"
	Cause  error  // an *idv.Error of class InvalidInput
}

// Error returns the cause's words.
func (e *DraftError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *DraftError) Unwrap() error { return e.Cause }

func invalidMember(member, detail string) error {
	return &DraftError{member, invalid(idv.NoField, detail)}
}
