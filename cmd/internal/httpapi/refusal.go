package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// limited is a request that came too often. It says neither which limit it was nor
// which rule: who guesses shall not learn what gave him away.
func limited(e *idv.Error) *Problem {
	p := newProblem(http.StatusTooManyRequests, e.Failure.String(), e.Detail)
	seconds := max(1, (e.Retry+time.Second-1)/time.Second)
	p.retryAfter = strconv.FormatInt(int64(seconds), 10)
	return p
}

// ofDesk translates an error of the desk.
func ofDesk(err error) *Problem {
	var fault consent.Fault
	var known *idv.Error
	switch {
	case errors.Is(err, consent.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "there is no such consent; POST /v1/subjects:find lists those of a person")
	case errors.Is(err, consent.ErrTwice):
		return newProblem(http.StatusConflict, "exists", "a consent of this id is there already")
	case errors.Is(err, consent.ErrErased):
		return newProblem(http.StatusGone, "erased", "its person was erased, and the text with the keys")
	case errors.Is(err, consents.ErrText):
		return newProblem(http.StatusInternalServerError, "notice_lost", consents.ErrText.Error())
	case errors.As(err, &fault):
		return ofFault(fault)
	case errors.As(err, &known):
		return ofFailure(err)
	}
	return ofStore(err)
}

// ofFault translates an event that does not fit the consent, or a person who cannot
// agree alone.
func ofFault(f consent.Fault) *Problem {
	p := newProblem(http.StatusConflict, "consent_state", f.Help().EN)
	if f == consent.NeedsGuardian {
		p = newProblem(http.StatusForbidden, idv.Denied.String(), f.Help().EN)
		p.Errors = []Fault{{Location: "body.guardian", Rule: consent.RulePrefix + string(f), Message: f.Help().EN}}
	}
	p.Rules = []policy.Reason{api.FaultReason(f)}
	return p
}

// ofDraft translates an error of a draft.
func (c consentAPI) ofDraft(err error, d *consents.Draft) *Problem {
	var blanks notice.Faults
	if errors.As(err, &blanks) {
		return c.ofBlanks(blanks)
	}
	p := ofDesk(err)
	var invalid *consents.DraftError
	if errors.As(err, &invalid) {
		e := idv.AsError(err)
		p.Errors = []Fault{{Location: "body." + invalid.Member, Rule: e.Code, Message: e.Detail}}
	}
	if d.Guardian == nil || idv.AsError(err).Failure != idv.InvalidInput {
		return p
	}
	// The desk tells which claim is wrong and not whose; it looks at the person first.
	if _, own := identity.Normalize(d.Subject, idv.CheckIDName, time.Now()); own == nil {
		for i := range p.Errors {
			p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.subject.", "body.guardian.subject.", 1)
		}
	}
	return p
}

// ofBlanks translates blanks that do not fit.
func (c consentAPI) ofBlanks(blanks notice.Faults) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, idv.InvalidInput.String(), "the blanks of the notice cannot be filled with what the request gives")
	for _, b := range blanks {
		p.Errors = append(p.Errors, Fault{Location: c.place(b.Blank), Rule: "notice", Message: b.Message})
	}
	return p
}

// place returns the member that fills a blank. A blank that no notice has is not
// repeated: anything may be written there.
func (c consentAPI) place(blank string) string {
	ours := map[string]string{
		"person_name": "body.subject.name", "person_number": "body.subject.id_number", "guardian_name": "body.guardian.subject.name",
		"relation": "body.guardian.relation", "business": "body.business", "purpose": "body.purpose", "": "body.notice",
	}
	if place, ok := ours[blank]; ok {
		return place
	}
	for _, t := range c.desk.Notices.All() {
		if slices.ContainsFunc(t.Blanks(), func(b notice.Blank) bool { return b.Name == blank }) {
			return "body.values." + blank
		}
	}
	return "body.values"
}

// ofSubject translates an error about a person who is named by the number alone.
func ofSubject(err error) *Problem {
	p := ofDesk(err)
	for i := range p.Errors {
		p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.subject.", "body.", 1)
	}
	return p
}
