package httpapi

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// location names the member that a field of a request stands in.
func location(f idv.Field) string {
	switch f {
	case idv.FieldName, idv.FieldIDNumber, idv.FieldMobile, idv.FieldBankCard:
		return "body.subject." + f.String()
	case idv.FieldIdempotencyKey:
		return "header.Idempotency-Key"
	}
	return "body." + f.String()
}

// ours are the places that may be named: a caller who writes a person's name as a
// member's name must not find it in a log of problems.
var ours = regexp.MustCompile(`^(body|header|path|query)(\.(subject|name|id_number|mobile|bank_card|check|purpose|consent_id|app|id|until|Idempotency-Key|` +
	`provider|units|amount|currency|bought|expires|note|from|to|after|limit|` +
	`guardian|relation|of_age|notice|language|business|recipients|uses|valid|values|channel|presenter|` +
	`text_hash|action|session|address|agent)(\[\d+\])?)*$`)

// fromHuma translates what huma found wrong with a request's form.
func fromHuma(status int, errs []error) *Problem {
	p := newProblem(status, "bad_request", "the request does not have the form that GET /openapi.json describes")
	switch status {
	case http.StatusRequestEntityTooLarge:
		p = newProblem(status, "too_large", "the body is larger than 64 KiB")
	case http.StatusUnsupportedMediaType:
		p = newProblem(status, "unsupported_media_type", "send application/json")
	case http.StatusRequestTimeout:
		p = newProblem(status, "timeout", "the body did not arrive in time")
	case http.StatusInternalServerError:
		p = newProblem(status, "internal", "a fault of heyan's own")
	}
	if status == http.StatusUnsupportedMediaType {
		return p // huma's text repeats what was sent
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue // a decoder's text may repeat the input
		}
		f := Fault{Location: d.ErrorDetail().Location, Message: d.ErrorDetail().Message}
		if strings.HasPrefix(f.Location, "body.values.") {
			f.Location = "body.values" // the names of blanks are the caller's
		}
		if !ours.MatchString(f.Location) {
			f = Fault{Location: "body", Message: "a member that this request does not have"}
		}
		p.Errors = append(p.Errors, f)
	}
	if len(p.Errors) == 0 && (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) {
		p.Errors = []Fault{{Location: "body", Message: "is empty, is no JSON, or has a member twice"}}
	}
	return p
}
