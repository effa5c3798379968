package httpapi

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Problem is the body of an error (RFC 9457). It never repeats a value of the request.
type Problem struct {
	Type   string  `json:"type" doc:"urn:heyan:problem: and the problem's name; programs act on it" example:"urn:heyan:problem:invalid_input"`
	Title  string  `json:"title" doc:"The title of the HTTP status"`
	Status int     `json:"status" doc:"The HTTP status"`
	Detail string  `json:"detail,omitempty" doc:"What is wrong and what to do"`
	Errors []Fault `json:"errors,omitempty" doc:"The invalid parts of the request"`

	Rules []policy.Reason `json:"rules,omitempty" doc:"The policy rules that deny the request, each with a sentence in Chinese and English"`

	Verification string `json:"verification,omitempty" doc:"The id of a verification that is complete but not confirmed by the store; GET /v1/verifications/{id} returns it once it is"`

	retryAfter         string // in seconds, for the header
	limitPolicy, limit string // for the headers RateLimit-Policy and RateLimit

	allow     string // the methods of the path, for the header
	challenge string // for the header WWW-Authenticate
	cause     error  // of a store failure, for the log only
}

// Fault is one invalid part of a request.
type Fault struct {
	Location string `json:"location" doc:"The invalid part, such as body.subject.id_number"`
	Rule     string `json:"rule,omitempty" doc:"The violated local rule, such as check_digit"`
	Message  string `json:"message" doc:"What is wrong, without the value"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns the problem's headers, for huma.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	if p.limit != "" {
		h.Set("RateLimit-Policy", p.limitPolicy)
		h.Set("RateLimit", p.limit)
	}
	if p.challenge != "" {
		h.Set("WWW-Authenticate", p.challenge)
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	return h
}

func newProblem(status int, name, detail string) *Problem {
	return &Problem{Type: problemType(name), Title: http.StatusText(status), Status: status, Detail: detail}
}

func problemType(name string) string { return "urn:heyan:problem:" + name }

func writeProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = strictjson.Write(w, p) // an error means that the client disconnected
}

// badForm is the detail of a request that does not follow the OpenAPI document.
const badForm = "the request does not follow the schema in GET /openapi.json; correct what errors lists"

// fieldProblem returns the problem of one invalid part.
func fieldProblem(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "bad_request", badForm)
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}

// locationOf returns the location of a field of a verification request.
func locationOf(f idv.Field) string {
	switch f {
	case idv.FieldName, idv.FieldIDNumber, idv.FieldMobile, idv.FieldBankCard:
		return "body.subject." + f.String()
	case idv.FieldIdempotencyKey:
		return "header.Idempotency-Key"
	}
	return "body." + f.String()
}

// nameable matches the locations that a problem may name. A caller who sends a person's
// name or number as the name of a member must not get it back, since problems are logged:
// a name of letters and underscores is neither a Chinese name nor a number.
var nameable = regexp.MustCompile(`^(body|header|path|query)(\.(Idempotency-Key|[A-Za-z][A-Za-z_]{0,39})(\[\d+\])?)*$`)

// bodyError is an error of reading the body: the caller sent less than announced, or a
// chunk that is malformed.
type bodyError struct{ error }

// Unwrap returns the reader's error.
func (e bodyError) Unwrap() error { return e.error }

// markedBody is a body whose errors are bodyErrors, since huma reports them as its own.
type markedBody struct{ io.ReadCloser }

// Read reads from the body.
func (b markedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = bodyError{err}
	}
	return n, err
}

// formProblem translates huma's errors about the form of a request.
func formProblem(status int, errs []error) *Problem {
	var broken bodyError
	if errors.As(errors.Join(errs...), &broken) {
		status = http.StatusBadRequest
	}
	switch status {
	case http.StatusUnsupportedMediaType:
		return wrongMediaType() // huma's text repeats the value
	case http.StatusInternalServerError:
		return newProblem(status, "internal", "internal error; see heyan's log at this time")
	}
	p := newProblem(status, "bad_request", badForm)
	switch status {
	case http.StatusRequestEntityTooLarge:
		p = newProblem(status, "too_large", "the body must not exceed 64 KiB")
	case http.StatusRequestTimeout:
		p = newProblem(status, "timeout", "the body did not arrive in time; send it again")
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) { // the text of other errors may repeat the input
			p.Errors = append(p.Errors, formFault(d.ErrorDetail()))
		}
	}
	// huma lists unknown members in the order of a map, which differs from one request to the next.
	slices.SortFunc(p.Errors, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.Location, b.Location), strings.Compare(a.Message, b.Message))
	})
	if len(p.Errors) == 0 && (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) {
		p.Errors = []Fault{{Location: "body", Message: "is empty, incomplete or not JSON, or has a duplicate member"}}
	}
	return p
}

func formFault(d *huma.ErrorDetail) Fault {
	f := Fault{Location: d.Location, Message: d.Message}
	if strings.HasPrefix(f.Location, "body.values.") {
		f.Location = "body.values" // the caller chooses the names below it
	}
	if !nameable.MatchString(f.Location) {
		return Fault{Location: "body", Message: "has an unknown member; names are case-sensitive"}
	}
	return f
}
