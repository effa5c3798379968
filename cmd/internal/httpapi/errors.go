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
func engineProblem(err error) *Problem {
	known := engine.ProblemOf(err)
	if known.Class == engine.ClassUnknown {
		return storeFailure(err)
	}
	if errors.Is(err, engine.ErrNoProvider) {
		known.Detail = "no provider has this name; GET /v1/providers lists them"
	}
	p := newProblem(statusOf(&known), string(known.Class), known.Detail)
	p.Verification = known.Verification
	if known.RetryAfter > 0 || p.Status == http.StatusTooManyRequests {
		seconds := max(1, (known.RetryAfter+time.Second-1)/time.Second)
		p.retryAfter = strconv.FormatInt(int64(seconds), 10)
	}
	if known.Class == engine.ClassRestored {
		p.retryAfter = "60" // it takes an operator
	}
	if p.Status == http.StatusTooManyRequests {
		return p // names neither the limit nor the rule, so that a caller who guesses does not learn what was detected
	}
	if known.Failure == idv.Denied {
		p.Rules = known.Reasons
	}
	if known.Field != idv.NoField {
		p.Errors = []Fault{{Location: locationOf(known.Field), Message: known.Detail}}
		if len(known.Rules) > 0 {
			p.Errors[0].Rule = known.Rules[0]
		}
	}
	return p
}

// statusOf returns the HTTP status of a problem of the engine.
func statusOf(p *engine.Problem) int {
	switch p.Class {
	case engine.ClassNotFound:
		return http.StatusNotFound
	case engine.ClassInProgress:
		return http.StatusConflict
	case engine.ClassKeyReused:
		return http.StatusUnprocessableEntity
	case engine.ClassClosing, engine.ClassStore, engine.ClassUnconfirmed, engine.ClassRestored:
		return http.StatusServiceUnavailable
	}
	switch p.Failure {
	case idv.InvalidInput, idv.Unsupported:
		return http.StatusUnprocessableEntity
	case idv.Denied:
		return http.StatusForbidden
	case idv.SubjectLimited, idv.Throttled:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
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
	var taken *ledger.LotError
	var currency *ledger.CurrencyError
	switch {
	case errors.As(err, &taken):
		return newProblem(http.StatusConflict, "exists", takenText(&taken.Lot))
	case errors.As(err, &currency):
		return fieldProblem("body.currency", currency.Error())
	case errors.Is(err, store.ErrPage):
		return fieldProblem("query.after", "must be the next member of the previous page of this list")
	}
	return storeFailure(err)
}

// takenText says which package has an id.
func takenText(l *ledger.Lot) string {
	text := "a package with this id is already booked"
	if !l.Booked.IsZero() {
		text += ", at " + l.Booked.Format(time.RFC3339)
	}
	if !l.Canceled.IsZero() {
		text += ", and was canceled at " + l.Canceled.Format(time.RFC3339)
	}
	return text + "; use another id if this is a different package"
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

// logStoreFailures logs the causes of store failures.
func logStoreFailures(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		if p, ok := v.(*Problem); ok {
			logCause(log, ctx.Operation().OperationID, p)
		}
		return v, nil
	}
}

// logCause logs the cause of a store failure. For a failure other than an unavailable store
// only the kind is logged, since the text may contain stored data.
func logCause(log *slog.Logger, operation string, p *Problem) {
	switch {
	case p.cause == nil:
	case errors.Is(p.cause, store.ErrUnavailable):
		log.Error("store unavailable", slog.String("operation", operation), slog.String("error", p.cause.Error()))
	default:
		log.Error("store failed", slog.String("operation", operation), slog.String("kind", store.Kind(p.cause)))
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
