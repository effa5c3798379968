package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
)

// kind is a problem that an operation may return, for the OpenAPI document.
type kind struct {
	status int
	name   string
	means  string
}

// The kinds that the operations name. What every operation may return is in common.
var (
	invalidInput    = kind{http.StatusUnprocessableEntity, idv.InvalidInput.String(), "A part of the request breaks a local rule; errors names it."}
	denied          = kind{http.StatusForbidden, idv.Denied.String(), "A policy rule or the consent does not allow it; rules names the rules."}
	limited         = kind{http.StatusTooManyRequests, idv.SubjectLimited.String(), "A limit of this person is reached, or enumeration is suspected; wait for Retry-After seconds."}
	throttled       = kind{http.StatusTooManyRequests, idv.Throttled.String(), "A limit of the app or tenant is reached; wait for Retry-After seconds."}
	unsupported     = kind{http.StatusUnprocessableEntity, idv.Unsupported.String(), "No route has this check."}
	inProgress      = kind{http.StatusConflict, string(engine.ClassInProgress), "The first request with this Idempotency-Key is still running; repeat it with the same key."}
	keyReused       = kind{http.StatusUnprocessableEntity, string(engine.ClassKeyReused), "The Idempotency-Key belongs to another request; use a new one."}
	shuttingDown    = kind{http.StatusServiceUnavailable, string(engine.ClassClosing), "This node stops; repeat the request after Retry-After seconds."}
	storeDown       = kind{http.StatusServiceUnavailable, string(engine.ClassStore), "The store is unavailable or cannot write; repeat the request after Retry-After seconds."}
	restored        = kind{http.StatusServiceUnavailable, string(engine.ClassRestored), "The store was restored from a backup, and no paid call is made before an operator accepts the gap."}
	unconfirmed     = kind{http.StatusServiceUnavailable, string(engine.ClassUnconfirmed), "The verification is complete and may have been charged, but the store has not confirmed it; get it by verification after Retry-After seconds."}
	notFound        = kind{http.StatusNotFound, string(engine.ClassNotFound), "Nothing has this id or name."}
	exists          = kind{http.StatusConflict, "exists", "The id is in use; nothing was changed."}
	tooMany         = kind{http.StatusConflict, "too_many_keys", "Two live keys have the name; revoke one of them first."}
	lotState        = kind{http.StatusConflict, "lot_state", "The package is canceled already, or no unit of it is left to take back."}
	consentState    = kind{http.StatusConflict, "consent_state", "The consent's state does not allow this; rules says why."}
	erased          = kind{http.StatusGone, "erased", "The person was erased, and the text with the person's keys."}
	unauthenticated = kind{http.StatusUnauthorized, "unauthenticated", "No valid API key, token or client certificate; unknown, expired, revoked and malformed ones are not told apart."}
	forbidden       = kind{http.StatusForbidden, "forbidden", "The API key lacks the scope of the operation, or does not have the app."}
	notAcceptable   = kind{http.StatusNotAcceptable, "not_acceptable", "The header Accept names no form of the list."}
	rateLimited     = kind{http.StatusTooManyRequests, "rate_limited", "Too many requests of the client's address were not authenticated; wait for Retry-After seconds."}
	overloaded      = kind{http.StatusServiceUnavailable, "overloaded", "Too many requests are processed at once, and the tenant has its share; nothing was done. Repeat the request after Retry-After seconds."}
	noticeLost      = kind{http.StatusInternalServerError, "notice_lost", "policy.consent.notices lacks the template of the text; restore the file."}
)

// common lists what any operation may return: the checks before its handler, and a panic.
func common(o *huma.Operation) []kind {
	list := []kind{
		{http.StatusBadRequest, "bad_request", "A header or a query parameter is given more than once, or the body is not complete JSON."},
		{http.StatusBadRequest, "personal_data_in_url", "The URL holds what looks like a claim of a person; send claims in the body of a POST request."},
		{http.StatusUnprocessableEntity, "bad_request", "The request does not follow the schema; errors names the parts."},
		{http.StatusMisdirectedRequest, "unknown_host", "The Host header is neither an IP address, localhost nor a name under hosts in the configuration."},
		{http.StatusUnsupportedMediaType, "unsupported_media_type", "The body is not application/json in UTF-8."},
		unauthenticated, forbidden, rateLimited, overloaded, storeDown,
		{http.StatusInternalServerError, idv.Internal.String(), "heyan or its store failed; see its log at this time."},
	}
	if o.Method == http.MethodPost {
		list = append(list, kind{http.StatusForbidden, "cross_origin", "A browser sent the request for a page of another origin."})
	}
	if o.MaxBodyBytes > 0 {
		list = append(list,
			kind{http.StatusRequestEntityTooLarge, "too_large", "The body exceeds 64 KiB."},
			kind{http.StatusRequestTimeout, "timeout", "The body did not arrive in time."})
	}
	return list
}

// metaKinds is the key of the kinds in the metadata of an operation.
const metaKinds = "kinds"

// kindsOf returns the kinds that document has added.
func kindsOf(o *huma.Operation) []kind {
	list, _ := o.Metadata[metaKinds].([]kind)
	return list
}

// document adds the kinds to the responses of an operation whose responses huma has
// defined: for each status a description of its problems, and their types as an enum.
func document(o *huma.Operation, kinds []kind) {
	delete(o.Responses, "default")
	var distinct []kind
	texts, types := map[int][]string{}, map[int][]any{}
	for _, k := range kinds {
		if slices.Contains(types[k.status], any(problemType(k.name))) {
			continue // common has it too
		}
		distinct = append(distinct, k)
		texts[k.status] = append(texts[k.status], k.name+": "+k.means)
		types[k.status] = append(types[k.status], problemType(k.name))
	}
	o.Metadata[metaKinds] = distinct
	for _, status := range slices.Sorted(maps.Keys(texts)) {
		o.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: strings.Join(texts[status], " "),
			Content: map[string]*huma.MediaType{new(Problem).ContentType(""): {Schema: &huma.Schema{AllOf: []*huma.Schema{
				{Ref: "#/components/schemas/Problem"},
				{Properties: map[string]*huma.Schema{"type": {Enum: types[status]}}},
			}}}},
		}
	}
}
