package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

// The names of the security schemes in the OpenAPI document. Any one of them is enough.
const (
	keyScheme         = "api_key"
	tokenScheme       = "jwt"
	certificateScheme = "mtls"
)

// securitySchemes describes how callers authenticate.
func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		keyScheme: {
			Type: "http", Scheme: "bearer", BearerFormat: access.Form,
			Description: "An API key, as heyan key create prints it: Authorization: Bearer heyan_… Each operation names the scope that the key needs.",
		},
		tokenScheme: {
			Type: "http", Scheme: "bearer", BearerFormat: "JWT",
			Description: "A JSON Web Token of an issuer of auth.jwt in the configuration: Authorization: Bearer TOKEN.",
		},
		certificateScheme: {
			Type:        "mutualTLS",
			Description: "A client certificate of auth.mtls in the configuration, without a header Authorization.",
		},
	}
}

// security returns the security of an operation that needs a scope.
func security(scope access.Scope) (list []map[string][]string) {
	for _, name := range []string{keyScheme, tokenScheme, certificateScheme} {
		list = append(list, map[string][]string{name: {string(scope)}})
	}
	return list
}

// openPaths need no principal: the document holds nothing of the installation.
func openPaths() []string {
	return []string{"/openapi.json", "/openapi.yaml", "/openapi-3.0.json", "/openapi-3.0.yaml", referencePath}
}

// authenticate puts the principal into the context of each request, or answers 401. It also
// answers for unknown paths, so that they cannot be explored without a key.
func (d Dependencies) authenticate(next http.Handler) http.Handler {
	open := map[string]bool{}
	for _, path := range openPaths() {
		open[path] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if open[r.URL.Path] {
			next.ServeHTTP(w, r)
			return
		}
		principal, problem := d.principal(r)
		if problem != nil {
			writeProblem(w, problem)
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithRefusals(auth.With(r.Context(), principal), d.Refusals)))
	})
}

// principal returns who sends a request, or the problem.
func (d Dependencies) principal(r *http.Request) (access.Principal, *Problem) {
	if d.Auth == nil { // a forgotten field refuses all
		return access.Principal{}, unauthenticatedProblem()
	}
	principal, err := d.Auth.Authenticate(r)
	switch {
	case err == nil:
		return principal, nil
	case errors.Is(err, auth.ErrUnauthenticated):
		return access.Principal{}, unauthenticatedProblem()
	case errors.Is(err, auth.ErrRateLimited):
		return access.Principal{}, rateLimitedProblem()
	case d.Engine != nil && d.Engine.Closing():
		return access.Principal{}, engineProblem(engine.ErrClosed)
	case errors.Is(err, store.ErrUnavailable):
		d.Log.Error("store unavailable", slog.String("operation", "authenticate"), slog.String("error", err.Error()))
	default:
		d.Log.Error("store failed", slog.String("operation", "authenticate"), slog.String("kind", store.Kind(err)))
	}
	return access.Principal{}, storeFailure(err)
}

// forbidden returns the problem of a request that is not of a principal with a scope, nil
// for one that is.
func (d Dependencies) forbidden(r *http.Request, scope access.Scope) *Problem {
	principal, problem := d.principal(r)
	if problem == nil && !principal.May(scope) {
		auth.CountRefusal(auth.WithRefusals(r.Context(), d.Refusals), access.MissingScope)
		return forbid(scope)
	}
	return problem
}

func unauthenticatedProblem() *Problem {
	p := newProblem(http.StatusUnauthorized, "unauthenticated",
		"the request has no valid API key; send the header Authorization: Bearer KEY with a key of heyan key create, or a token or client certificate that the configuration accepts")
	p.challenge = "Bearer"
	return p
}

func rateLimitedProblem() *Problem {
	p := newProblem(http.StatusTooManyRequests, rateLimited.name,
		"too many requests of this address were not authenticated; send a valid API key, and repeat the request after Retry-After seconds")
	p.retryAfter = "1"
	return p
}

// forbid returns the problem of a principal that lacks a scope.
func forbid(scope access.Scope) *Problem {
	p := newProblem(http.StatusForbidden, "forbidden", "the API key lacks the scope "+string(scope)+"; use a key that has it")
	p.challenge = `Bearer error="insufficient_scope", scope="` + string(scope) + `"`
	return p
}

// requireScope lets only principals with a scope pass.
func requireScope(scope access.Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		principal := auth.From(ctx.Context())
		if !principal.May(scope) {
			auth.CountRefusal(ctx.Context(), access.MissingScope)
			_, w := humago.Unwrap(ctx)
			writeProblem(w, forbid(scope))
			return
		}
		next(ctx)
	}
}

// appOf returns the app of a request that names one at the location. The error is a problem.
func appOf(ctx context.Context, location, named string) (string, error) {
	principal := auth.From(ctx)
	app, err := principal.App(named)
	switch {
	case errors.Is(err, access.ErrForeignApp):
		p := newProblem(http.StatusForbidden, "forbidden", "the API key is not one of this app; leave the app out, or use a key that has it")
		p.Errors = []Fault{{Location: location, Message: err.Error()}}
		return "", p
	case err != nil:
		return "", fieldProblem(location, err.Error())
	}
	return app, nil
}

// wholeTenant refuses a principal of some apps what concerns all apps of its tenant.
func wholeTenant(ctx context.Context) error {
	if len(auth.From(ctx).Apps) > 0 {
		return newProblem(http.StatusForbidden, "forbidden", "the records of a person are those of all apps of the tenant; use an API key without apps")
	}
	return nil
}
