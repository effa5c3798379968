package httpapi

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// storeFailed is a request that the store failed.
func storeFailed(err error) *Problem {
	if !errors.Is(err, store.ErrUnavailable) {
		p := newProblem(http.StatusInternalServerError, idv.Internal.String(), "the store failed; the log says why")
		p.cause = err
		return p
	}
	p := newProblem(http.StatusServiceUnavailable, "store_unwritable", "the store cannot be reached or cannot write now; ask again")
	p.retryAfter, p.cause = "5", err
	return p
}

// logging writes down why the store failed, which the caller is not told. Of a failure
// that is no lost connection only the kind is written: its text may hold what was read.
func logging(log *slog.Logger) huma.Transformer {
	return func(ctx huma.Context, _ string, v any) (any, error) {
		p, ok := v.(*Problem)
		if !ok || p.cause == nil {
			return v, nil
		}
		operation := slog.String("operation", ctx.Operation().OperationID)
		if errors.Is(p.cause, store.ErrUnavailable) {
			log.Error("the store cannot be used now", operation, slog.String("error", p.cause.Error()))
		} else {
			log.Error("the store failed", operation, slog.String("kind", store.Kind(p.cause)))
		}
		return v, nil
	}
}
