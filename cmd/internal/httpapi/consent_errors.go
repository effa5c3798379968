package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// consentProblem translates an error of the consent service.
func consentProblem(err error) *Problem {
	var fault consent.Fault
	var known *idv.Error
	var wait *consents.WaitError
	switch {
	case errors.Is(err, consent.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "no consent has this id; POST /v1/subjects:find lists the consents of a person")
	case errors.Is(err, consent.ErrTwice):
		return newProblem(http.StatusConflict, "exists", "a consent with this id already exists")
	case errors.Is(err, consent.ErrErased):
		return newProblem(http.StatusGone, "erased", "the person of this consent was erased, and the text with the person's keys")
	case errors.Is(err, consents.ErrText):
		return newProblem(http.StatusInternalServerError, "notice_lost", consents.ErrText.Error())
	case errors.As(err, &wait):
		p := faultProblem(wait.Fault)
		p.Detail += " Wait " + wait.Text().EN + "."
		p.retryAfter = strconv.FormatInt(int64(wait.Wait/time.Second), 10)
		return p
	case errors.As(err, &fault):
		return faultProblem(fault)
	case errors.As(err, &known):
		return engineProblem(err)
	}
	return storeProblem(err)
}

// faultProblem translates a change that does not fit the consent's state, or a person who
// cannot consent without a guardian.
func faultProblem(f consent.Fault) *Problem {
	p := newProblem(http.StatusConflict, "consent_state", f.Help().EN)
	if f == consent.NeedsGuardian {
		p = newProblem(http.StatusForbidden, idv.Denied.String(), f.Help().EN)
		p.Errors = []Fault{{Location: "body.guardian", Rule: consent.RulePrefix + string(f), Message: f.Help().EN}}
	}
	p.Rules = []policy.Reason{api.FaultReason(f)}
	return p
}

// draftProblem translates an error of a draft.
func (c consentAPI) draftProblem(err error, d *consents.Draft) *Problem {
	var blanks strictyaml.Faults
	if errors.As(err, &blanks) {
		return c.blanksProblem(blanks)
	}
	p := consentProblem(err)
	var invalid *consents.DraftError
	if errors.As(err, &invalid) {
		e := idv.AsError(err)
		p.Errors = []Fault{{Location: "body." + invalid.Member, Rule: e.Code, Message: e.Detail}}
	}
	if d.Guardian == nil || idv.AsError(err).Failure != idv.InvalidInput {
		return p
	}
	// The service names the invalid claim but not whose it is. It checks the person first,
	// so a valid person means that the guardian's claim is invalid.
	if _, own := identity.Normalize(d.Subject, idv.CheckIDName, time.Now()); own == nil {
		for i := range p.Errors {
			p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.subject.", "body.guardian.subject.", 1)
		}
	}
	return p
}

// blanksProblem translates values that do not fit the blanks of a notice.
func (c consentAPI) blanksProblem(blanks strictyaml.Faults) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, idv.InvalidInput.String(), "the blanks of the notice cannot be filled with these values; correct what errors lists")
	for _, b := range blanks {
		p.Errors = append(p.Errors, Fault{Location: c.blankLocation(b.Path), Rule: "notice", Message: b.Text})
	}
	return p
}

// blankLocation returns the member that fills a blank. It does not repeat the name of a
// blank that no notice has, since the caller chose it.
func (c consentAPI) blankLocation(blank string) string {
	members := map[string]string{
		"person_name": "body.subject.name", "person_number": "body.subject.id_number", "guardian_name": "body.guardian.subject.name",
		"relation": "body.guardian.relation", "business": "body.business", "purpose": "body.purpose", "": "body.notice",
	}
	if member, ok := members[blank]; ok {
		return member
	}
	for _, t := range c.service.Notices.All() {
		if slices.ContainsFunc(t.Blanks(), func(b notice.Blank) bool { return b.Name == blank }) {
			return "body.values." + blank
		}
	}
	return "body.values"
}
