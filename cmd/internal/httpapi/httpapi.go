// Package httpapi is heyan's REST face: [API] for callers, [Admin] for operators.
//
// It translates and nothing else: a request into an idv.Request, a verification
// or an error into JSON. No rule of money or privacy lives here, for a program that
// embeds the engine must get the same ones.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// maxBody bounds a request's body, in bytes. A subject is a few hundred.
const maxBody = 64 << 10

// Dependencies is what the faces look at.
type Dependencies struct {
	Engine   *engine.Engine
	Plugin   func(provider string) (plugins.State, bool) // how its plugin is, if it has one; nil for none at all
	Store    store.Store                                 // the book
	Consents *consents.Service                           // serves people; nil for none: then there are no paths for it
	Ready    func(context.Context) error                 // whether the store can write; nil for always
	Log      *slog.Logger                                // told why the store failed; nil for nowhere
	Version  string
	Metrics  http.Handler // for /metrics; nil for none
}

// API returns the handler of the public address.
func API(h Dependencies) http.Handler {
	useOurProblems()
	mux := http.NewServeMux()
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	set := settings(h.Version)
	set.Transformers = append(set.Transformers, logging(h.Log))
	api := humago.New(mux, set)
	verifications{h.Engine}.register(api)
	providers{h}.register(api)
	book{h.Store}.register(api)
	if h.Consents != nil {
		consentAPI{h.Consents}.register(api)
		consentAPI{h.Consents}.registerReceipts(api)
		subjects{h.Consents}.register(api)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "not_found", "there is nothing at this path; GET /openapi.json lists what there is"))
	})
	return guarded(mux)
}

func settings(version string) huma.Config {
	c := huma.DefaultConfig("heyan", version)
	c.Info.Description = "Asks identity vendors whether claims belong together, and gives one verdict. " +
		"A match says that the claims agree with a register; it does not prove that the person in front of you is that person."
	c.DocsPath, c.SchemasPath = "", "" // huma's docs page loads a script from another site
	c.CreateHooks = nil                // no $schema members in answers
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": strictFormat(), "json": strictFormat()}
	c.DefaultFormat = "application/json"
	return c
}

// strictFormat refuses doubled members and other letter cases: in a request as in a
// vendor's reply, {"name":"a","Name":"b"} has no meaning that both sides share.
func strictFormat() huma.Format {
	return huma.Format{Marshal: strictjson.Write, Unmarshal: strictjson.Decode}
}

// useOurProblems replaces huma's errors, which repeat the rejected value, by ours,
// which do not, and lets it tell letter cases apart. huma keeps both settings in
// variables of its package.
var useOurProblems = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError { return fromHuma(status, errs) }
})

// guarded adds what every answer needs: no caching of people's data, and one
// failed request, not a dead process, when a handler panics.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		defer func() {
			// The value is dropped: it may hold a claim.
			if p := recover(); p != nil {
				writeProblem(w, newProblem(http.StatusInternalServerError, "internal", "a fault of heyan's own; nothing is known of the request's effect"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// detached lets a verification end that its caller no longer waits for. The vendor
// charges for it either way; so it is recorded, and the same Idempotency-Key gets
// its result.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
