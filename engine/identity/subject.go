package identity

import (
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// CheckBankCard normalizes a bank card number to 12 to 19 digits and checks its form. A
// wrong check digit (ISO/IEC 7812-1, Luhn) rejects numbers of 16 and more digits that
// begin with 62, the range of UnionPay. Others are flagged, because passbooks and cards
// of some banks have no check digit. So are numbers outside that range (ISO/IEC 7812-1),
// which are credit cards of other networks or old cards. The issuing bank is not derived:
// there is no published list of issuers that is complete.
func CheckBankCard(raw idv.Sensitive) Finding {
	t, failure := normalizeNumber(raw.Reveal(), true)
	f := Finding{Changes: t.changes}
	return f.finish(raw, t, failure, bankCardFailure)
}

func bankCardFailure(t numberText) (flags Flags, failure Reason) {
	switch {
	case t.runes < 12 || t.runes > 19:
		return 0, ReasonLength
	case !allDigits(t.text):
		return 0, ReasonCharset
	}
	unionPay := strings.HasPrefix(t.text, "62")
	if !unionPay {
		flags = FlagCardRange
	}
	switch {
	case luhn(t.text):
		return flags, ""
	case t.runes >= 16 && unionPay:
		return 0, ReasonCheckDigit
	}
	return flags | FlagLuhnFailed, ""
}

// luhn reports whether the last digit is the check digit of the digits before it.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// finish tests a normalized number, unless the normalization failed, and sets the result.
func (f Finding) finish(raw idv.Sensitive, t numberText, failure Reason, test func(numberText) (Flags, Reason)) Finding {
	if failure == "" {
		f.keep(raw, t.text)
		var flags Flags
		flags, failure = test(t)
		f.Flags |= flags
	}
	f.conclude(failure, 0)
	return f
}

// Subject is a subject with normalized claims, which may be sent.
type Subject struct {
	Claims   idv.Subject  // only those that the check needs
	Document idv.Document // of the number as it is sent
	Flags    Flags        // of all claims together
	Changes  Changes      // of all claims together
	Script   idv.Script   // of the name
	Number   Number       // birth and sex, for policy
}

// Normalize checks the claims that a check needs and returns them in the form that
// vendors accept. It removes hyphens and brackets (see [Options]), and converts a number
// of 15 digits to 18 digits with FlagLegacy15, because vendors accept no other. A document
// that the subject names is required; with one of another country, names may have any Latin
// letter and the mobile number has the international form.
//
// The error is an *idv.Error with the failure InvalidInput, the field of the claim, the
// [Reason] as code and a constant detail. Nothing was sent and nothing charged.
func Normalize(s idv.Subject, check idv.Check, now time.Time) (Subject, error) {
	opts := Options{Today: DateOf(now), Lenient: true, Want: s.Document}
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

// take checks one claim and stores it normalized.
func (out *Subject) take(claim idv.Claim, value idv.Sensitive, opts Options) Finding {
	switch claim {
	case idv.ClaimName:
		opts.Latin = opts.Want.Declared()
		f := CheckName(value, opts)
		out.Claims.Name = f.Canonical()
		out.Script = scriptOf(out.Claims.Name.Reveal())
		return f
	case idv.ClaimIDNumber:
		return out.takeNumber(value, opts)
	case idv.ClaimMobile:
		f := CheckMobile(value)
		if opts.Want.Declared() {
			f = checkForeignMobile(value)
		}
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
	out.Claims.Document = out.Document
	return n.Finding
}

func invalid(field idv.Field, reason Reason) error {
	help := reason.HelpFor(field)
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
