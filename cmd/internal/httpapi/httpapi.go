// Package httpapi implements heyan's REST API: [API] for callers, [Admin] for operators.
//
// It translates requests into calls of the engine, the consent service and the store, and
// results and errors into JSON. It contains no rule of money or privacy, since a program
// that embeds the engine must get the same rules. Package api defines the JSON.
//
// Each resource has one file, whose register method declares its operations. API calls
// register, so a new resource is a file and a line in API.
package httpapi

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/orders"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/drift"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// maxBody is the largest body of a request in bytes. A subject needs a few hundred.
const maxBody = 64 << 10

// Dependencies are what the handlers use. Only Engine, Auth and, for the ledger, Store are
// required.
type Dependencies struct {
	Engine   *engine.Engine
	Auth     auth.Authenticator                          // finds out who calls; nil refuses everybody
	Refusals *auth.Refusals                              // counts what is refused; nil counts nothing
	Keys     auth.Issuer                                 // creates API keys; its zero value removes the paths of keys
	Plugin   func(provider string) (plugins.State, bool) // state of a provider's plugin, false if it has none; nil if no provider has one
	Drift    func(provider string) drift.State           // what is known of a change of its answers; nil if they are not judged
	Store    store.Store                                 // the ledger
	Orders   Orders                                      // carries out orders for providers; made of Store and Engine if nil
	Sealer   audit.Sealer                                // seals what operators do through the API; nil records nothing
	Consents *consents.Service                           // nil removes the paths of consents and subjects
	Away     func() bool                                 // whether gates are not shared with other nodes now; nil if there are none
	Ready    func(context.Context) error                 // nil error if a call could be made durable; nil func if it always can
	Stopping func() bool                                 // no new traffic is wanted, although it is still served; nil never
	Log      *slog.Logger                                // gets the causes of store failures; nil discards them
	Version  string
	Timeout  time.Duration // of a request, whatever the database does; 10 s if 0
	Hosts    []string      // names that a Host header may have beside IP addresses and localhost
	Metrics  http.Handler  // serves /metrics; nil removes the path

	Windows         []route.Window              // the maintenance windows of the configuration
	RefreshCalendar func(context.Context) error // has the engine follow the stored maintenance windows; nil in a test without them

	Shares        *admission.Shares        // the places of requests that are processed at once; nil sets no limit
	Configuration func() api.Configuration // for /readyz; nil leaves it out
	Running       any                      // the JSON of /configuration: the values in use; nil removes the path

	// Observe wraps the handler of an address; route returns the template of a request's route,
	// "unmatched" if it has none. Nil leaves the handler as it is.
	Observe func(route func(*http.Request) string, next http.Handler) http.Handler
}

// observed wraps the handler of an address that serves the routes of a mux.
func (d Dependencies) observed(mux router, next http.Handler) http.Handler {
	if d.Observe == nil {
		return next
	}
	return d.Observe(mux.template, next)
}

// Orders are those of operators for providers; an *orders.Keeper.
type Orders interface {
	Set(ctx context.Context, o store.Order) error
	Standing(provider string) (store.Order, bool)
}

// API returns the handler of the public address. It is safe for concurrent use.
func API(d Dependencies) http.Handler {
	configureHuma()
	mux := router{http.NewServeMux(), "GET /openapi.json lists the paths, and GET /docs shows them"}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Orders == nil {
		d.Orders = orders.New(d.Store, func() orders.Engine { return d.Engine }, d.Log)
	}
	settings := settingsOf(d.Version)
	settings.Transformers = append(settings.Transformers, logStoreFailures(d.Log))
	h := humago.New(mux, settings)
	if d.Keys.Store != nil {
		keys{d}.register(h)
	}
	auditLog{d.Store}.register(h)
	verifications{d, d.Engine}.register(h)
	lists{d}.register(h)
	messages{d}.register(h)
	providers{d}.register(h)
	calendar{d}.register(h)
	ledgerAPI{d, d.Store, d.Engine}.register(h)
	if d.Consents != nil {
		consentAPI{d.Consents}.register(h)
		consentAPI{d.Consents}.registerReceipts(h)
		subjects{d, d.Consents}.register(h)
		evidence{d}.register(h)
	}
	serveReference(mux, h.OpenAPI())
	return d.observed(mux, protect(d.admit(withTimeout(cmp.Or(d.Timeout, defaultTimeout), d.authenticate(d.share(mux))))))
}

// callerDeadline is the key of the deadline that the caller has set.
type callerDeadline struct{}

// defaultTimeout is the time of a request if the dependencies set none.
const defaultTimeout = 10 * time.Second

// withTimeout gives each request a deadline. A verification has its own, which the engine
// sets, since a paid call is recorded after it; there only an earlier one of the caller counts.
func withTimeout(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if end, ok := ctx.Deadline(); ok {
			ctx = context.WithValue(ctx, callerDeadline{}, end)
		}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func settingsOf(version string) huma.Config {
	c := huma.DefaultConfig("heyan", version)
	c.Info.Description = "Verifies identity claims with paid vendors and returns one verdict with its evidence, attempts and cost. " +
		"A match says that the claims agree with a register; it does not prove that the person in front of you is that person."
	c.DocsPath, c.SchemasPath = "", "" // huma's docs page loads a script from another site
	c.Components.SecuritySchemes = securitySchemes()
	c.CreateHooks = nil // no $schema members in responses
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": strictFormat(), "json": strictFormat()}
	c.DefaultFormat = "application/json"
	registerEnums(c.Components.Schemas)
	return c
}

// strictFormat rejects duplicate members and members in another letter case, in requests
// as in vendors' replies: two readers may understand {"name":"a","Name":"b"} differently.
func strictFormat() huma.Format {
	return huma.Format{Marshal: strictjson.Write, Unmarshal: strictjson.Decode}
}

// configureHuma replaces huma's errors, which repeat the rejected value, and makes member
// names case-sensitive. huma keeps both settings in package variables.
var configureHuma = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError { return formProblem(status, errs) }
})

// protect forbids caching, since responses contain personal data, and answers 500 if a
// handler panics.
func protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		defer func() {
			// The panic's value is discarded, since it may contain a claim.
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler: // a response was begun and cannot be completed
				panic(http.ErrAbortHandler)
			default:
				writeProblem(w, newProblem(http.StatusInternalServerError, "internal",
					"internal error; the request may have had an effect, so repeat it with the same Idempotency-Key or read the resource first"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// detached returns a context that the caller's disconnect does not cancel, with the
// deadline of the request.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	ctx = context.WithoutCancel(ctx)
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
}

// undisturbed returns a context that the caller's disconnect does not cancel, with the deadline
// that the caller has set, if any.
func undisturbed(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Value(callerDeadline{}).(time.Time)
	ctx = context.WithoutCancel(ctx)
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end)
}
