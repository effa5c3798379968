package httpapi

import (
	"net/http"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/policy/access"
)

// share lets only as many requests pass at once as there are places.
func (d Dependencies) share(next http.Handler) http.Handler {
	if d.Shares == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant := auth.From(r.Context()).Tenant
		if !d.Shares.Take(r.Context(), tenant) {
			auth.CountRefusal(r.Context(), access.Overloaded)
			writeProblem(w, overloadedProblem())
			return
		}
		defer d.Shares.Give(tenant)
		next.ServeHTTP(w, r)
	})
}

func overloadedProblem() *Problem {
	p := newProblem(http.StatusServiceUnavailable, overloaded.name,
		"too many requests are processed at once, and your tenant has its share; nothing was done, so repeat the request after Retry-After seconds")
	p.retryAfter = "1"
	return p
}
