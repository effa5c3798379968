package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// engineProblem translates an error of the engine.
func engineProblem(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "no verification has this id")
	case errors.Is(err, store.ErrInProgress):
		p := newProblem(http.StatusConflict, "idempotency_in_progress", err.Error()+"; repeat the request with the same key to get its result")
		p.retryAfter = "1"
		return p
	case errors.Is(err, store.ErrKeyReused):
		return newProblem(http.StatusUnprocessableEntity, "idempotency_key_reused", err.Error()+"; use a new key for a different request")
	case errors.Is(err, engine.ErrClosed):
		p := newProblem(http.StatusServiceUnavailable, "shutting_down", "this node is shutting down; repeat the request, or send it to another node")
		p.retryAfter = "1"
		return p
	case errors.Is(err, engine.ErrNoProvider):
		return newProblem(http.StatusNotFound, "not_found", "no provider has this name; GET /v1/providers lists them")
	}
	var known *idv.Error
	if !errors.As(err, &known) {
		return storeFailure(err)
	}
	if known.Failure == idv.Internal && known.Delivery == idv.NotSent {
		// The intent could not be stored, so no call was made and a retry is safe.
		p := newProblem(http.StatusServiceUnavailable, "store_unwritable", known.Detail)
		p.retryAfter = "5"
		return p
	}
	return failureProblem(err)
}

// failureProblem translates the failure of a request for which no provider was called.
func failureProblem(err error) *Problem {
	e := idv.AsError(err)
	status := http.StatusInternalServerError
	switch e.Failure {
	case idv.InvalidInput, idv.Unsupported:
		status = http.StatusUnprocessableEntity
	case idv.Denied:
		status = http.StatusForbidden
	case idv.SubjectLimited, idv.Throttled:
		return limitProblem(e)
	}
	p := newProblem(status, e.Failure.String(), e.Detail)
	if e.Failure == idv.Denied {
		p.Rules = api.Reasons(err)
	}
	if e.Field != idv.NoField {
		p.Errors = []Fault{{Location: locationOf(e.Field), Rule: e.Code, Message: e.Detail}}
	}
	return p
}

// limitProblem translates a reached limit. It names neither the limit nor the rule, so
// that callers who guess do not learn what was detected.
func limitProblem(e *idv.Error) *Problem {
	p := newProblem(http.StatusTooManyRequests, e.Failure.String(), e.Detail)
	seconds := max(1, (e.Retry+time.Second-1)/time.Second)
	p.retryAfter = strconv.FormatInt(int64(seconds), 10)
	return p
}

// bodyProblem translates the error of an invalid body.
func bodyProblem(err error) error {
	var f *api.FieldError
	if errors.As(err, &f) {
		return fieldProblem("body."+f.Field, f.Message)
	}
	return err
}

// storeProblem translates an error of the store.
func storeProblem(err error) *Problem {
	switch {
	case errors.Is(err, ledger.ErrDuplicate):
		return newProblem(http.StatusConflict, "exists", "a package with this id is already booked; use another id if this is a different package")
	case errors.Is(err, store.ErrPage):
		return fieldProblem("query.after", "must be the next member of the previous page of this list")
	}
	return storeFailure(err)
}

// storeFailure returns 503 for an unavailable store and 500 for any other failure. The
// cause is logged only.
func storeFailure(err error) *Problem {
	if !errors.Is(err, store.ErrUnavailable) {
		p := newProblem(http.StatusInternalServerError, idv.Internal.String(), "the store failed; see heyan's log at this time")
		p.cause = err
		return p
	}
	p := newProblem(http.StatusServiceUnavailable, "store_unwritable", "the store is unavailable or cannot write; repeat the request later")
	p.retryAfter, p.cause = "5", err
	return p
}

// logStoreFailures logs the causes of store failures. For a failure other than an
// unavailable store only the kind is logged, since the text may contain stored data.
func logStoreFailures(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		p, ok := v.(*Problem)
		if !ok || p.cause == nil {
			return v, nil
		}
		operation := slog.String("operation", ctx.Operation().OperationID)
		if errors.Is(p.cause, store.ErrUnavailable) {
			log.Error("store unavailable", operation, slog.String("error", p.cause.Error()))
		} else {
			log.Error("store failed", operation, slog.String("kind", store.Kind(p.cause)))
		}
		return v, nil
	}
}

// subjectProblem translates an error about a person who is identified by a number alone.
func subjectProblem(err error) *Problem {
	p := consentProblem(err)
	for i := range p.Errors {
		p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.subject.", "body.", 1)
	}
	return p
}
