package httpapi

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// admit refuses what a web page in a browser on this machine could send, before any
// handler runs. The rules hold with and without API keys.
func (d Dependencies) admit(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "cross_origin",
			"a browser sent this request for a page of another origin; call heyan from a server, or from a page of the same origin"))
	}))
	next = refuseClaims(requireSingle(origins.Handler(requireJSON(next))))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page whose name was rebound to this address is of the same origin for the
		// browser. Only the name in Host gives it away.
		if !admission.KnowsHost(d.Hosts, r.Host) {
			writeProblem(w, newProblem(http.StatusMisdirectedRequest, "unknown_host",
				"the Host header is neither an IP address, localhost nor a name under hosts in the configuration; add the name there if heyan is reached by it"))
			return
		}
		r.Body = markedBody{r.Body}
		next.ServeHTTP(w, r)
	})
}

// single lists the headers of which a request has one at most. A proxy and heyan could
// otherwise act on different ones.
func single() [5]string {
	return [...]string{"Authorization", "Content-Type", "Idempotency-Key", "Origin", "Sec-Fetch-Site"}
}

// requireSingle refuses a doubled header or query parameter, of which only one would
// count, and a blank Idempotency-Key, which would count as none.
func requireSingle(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range single() {
			if len(r.Header[name]) > 1 {
				writeProblem(w, doubled("header."+name))
				return
			}
		}
		if hasDoubled(r.URL) {
			writeProblem(w, doubled("query"))
			return
		}
		if key := r.Header["Idempotency-Key"]; len(key) == 1 && (key[0] == "" || idv.IsBlank(key[0])) {
			writeProblem(w, blankKey())
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hasDoubled reports whether a query parameter is given more than once.
func hasDoubled(u *url.URL) bool {
	if u.RawQuery == "" {
		return false
	}
	for _, values := range u.Query() {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

func doubled(location string) *Problem {
	p := newProblem(http.StatusBadRequest, "bad_request", "a header or a query parameter is given more than once; send it once")
	p.Errors = []Fault{{Location: location, Message: "is given more than once"}}
	return p
}

func blankKey() *Problem {
	const detail = "the Idempotency-Key is blank; send a new key for each request, for example a UUID, or leave the header out"
	p := newProblem(http.StatusUnprocessableEntity, idv.InvalidInput.String(), detail)
	p.Errors = []Fault{{Location: locationOf(idv.FieldIdempotencyKey), Rule: string(identity.ReasonEmpty), Message: detail}}
	return p
}

// requireJSON refuses a body of another media type than application/json in UTF-8. A page
// may send text/plain or no type at all to another origin without asking first, and huma
// reads both as JSON.
func requireJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind := r.Header.Get("Content-Type"); r.ContentLength != 0 && kind != "application/json" {
			if !isJSON(kind) {
				writeProblem(w, wrongMediaType())
				return
			}
			r.Header.Set("Content-Type", "application/json") // huma distinguishes letter case
		}
		next.ServeHTTP(w, r)
	})
}

func isJSON(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	charset, given := parameters["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

func wrongMediaType() *Problem {
	return newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type",
		"the body must be JSON in UTF-8; send the header Content-Type: application/json")
}
