package httpapi

import (
	"errors"
	"net/http"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Problem is an RFC 9457 problem. It never repeats a value of the request.
type Problem struct {
	Type   string  `json:"type" doc:"urn:heyan:problem: and the name; programs act on it" example:"urn:heyan:problem:invalid_input"`
	Title  string  `json:"title" doc:"The same for every problem of a type"`
	Status int     `json:"status" doc:"The HTTP status"`
	Detail string  `json:"detail,omitempty" doc:"What happened and what to do"`
	Errors []Fault `json:"errors,omitempty" doc:"What is wrong with the request, each with its place"`

	Rules []policy.Reason `json:"rules,omitempty" doc:"The rules of policy that deny it, each with a sentence in Chinese and English"`

	retryAfter string
	cause      error // why the store failed, for the log alone
}

// Fault is one thing that is wrong with a request.
type Fault struct {
	Location string `json:"location" doc:"Where, as body.subject.id_number"`
	Rule     string `json:"rule,omitempty" doc:"The local rule that it breaks, as check_digit"`
	Message  string `json:"message" doc:"What is wrong, without the value"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns the headers that belong to the problem, for huma.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter == "" {
		return nil
	}
	return http.Header{"Retry-After": {p.retryAfter}}
}

func newProblem(status int, name, detail string) *Problem {
	return &Problem{Type: "urn:heyan:problem:" + name, Title: http.StatusText(status), Status: status, Detail: detail}
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = strictjson.Write(w, p) // the caller has gone if this fails
}

// problemOf translates an error of the engine.
func problemOf(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", err.Error())
	case errors.Is(err, store.ErrInProgress):
		p := newProblem(http.StatusConflict, "idempotency_in_progress", err.Error()+"; ask again with the same key to get its result")
		p.retryAfter = "1"
		return p
	case errors.Is(err, store.ErrKeyReused):
		return newProblem(http.StatusUnprocessableEntity, "idempotency_key_reused", err.Error()+"; use a new key for a new question")
	case errors.Is(err, engine.ErrClosed):
		p := newProblem(http.StatusServiceUnavailable, "shutting_down", "this node is shutting down; ask another, or ask again")
		p.retryAfter = "1"
		return p
	case errors.Is(err, engine.ErrNoProvider):
		return newProblem(http.StatusNotFound, "not_found", "no provider has this name; GET /v1/providers lists them")
	}
	var known *idv.Error
	if !errors.As(err, &known) {
		return storeFailed(err)
	}
	e := idv.AsError(err)
	if e.Failure == idv.Internal && e.Delivery == idv.NotSent {
		// No intent could be written, so nobody was asked; it may be asked again.
		p := newProblem(http.StatusServiceUnavailable, "store_unwritable", e.Detail)
		p.retryAfter = "5"
		return p
	}
	return ofFailure(err)
}

// ofFailure translates a request that was not put to anybody.
func ofFailure(err error) *Problem {
	e := idv.AsError(err)
	status := http.StatusInternalServerError
	switch e.Failure {
	case idv.InvalidInput, idv.Unsupported:
		status = http.StatusUnprocessableEntity
	case idv.Denied:
		status = http.StatusForbidden
	case idv.SubjectLimited, idv.Throttled:
		return limited(e)
	}
	p := newProblem(status, e.Failure.String(), e.Detail)
	if e.Failure == idv.Denied {
		p.Rules = api.Reasons(err)
	}
	if e.Field != idv.NoField {
		p.Errors = []Fault{{Location: location(e.Field), Rule: e.Code, Message: e.Detail}}
	}
	return p
}
