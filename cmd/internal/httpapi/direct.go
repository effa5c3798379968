package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// The requests that direct takes have a body and texts of at most these lengths in bytes. No
// limit of the OpenAPI document is shorter.
const (
	maxDirectBody = 4 << 10
	maxDirectText = 100
)

// direct serves a verification without huma, which decodes a body twice, by reflection. It
// takes only requests that huma accepts too. Any other is passed on to huma, which says what is
// wrong with it, so each error is written in one place.
func (v verifications) direct(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	in, ok := readDirect(ctx, r)
	if !ok {
		next(ctx)
		return
	}
	out, err := v.create(r.Context(), in)
	if err != nil {
		p, ok := errors.AsType[*Problem](err)
		if !ok {
			p = formProblem(http.StatusInternalServerError, nil)
		}
		logCause(v.Log, ctx.Operation().OperationID, p)
		writeProblem(w, p)
		return
	}
	h := w.Header()
	if out.Policy != "" {
		h.Set("RateLimit-Policy", out.Policy)
		h.Set("RateLimit", out.Limit)
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = strictjson.Write(w, &out.Body) // an error means that the client disconnected
}

// readDirect reads a request. If it reports false, the request is as it was.
func readDirect(ctx huma.Context, r *http.Request) (*verifyInput, bool) {
	if r.ContentLength < 1 || r.ContentLength > maxDirectBody || r.URL.RawQuery != "" || !acceptsJSON(r.Header["Accept"]) {
		return nil, false
	}
	_ = ctx.SetReadDeadline(time.Now().Add(ctx.Operation().BodyReadTimeout)) // a request of another protocol has none
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	in := &verifyInput{IdempotencyKey: r.Header.Get("Idempotency-Key")}
	if err == nil && decodeDirect(body, &in.Body) && textsFit(in) {
		return in, true
	}
	r.Body = again(body[:n], r.Body, err)
	return nil, false
}

// acceptsJSON reports whether the values of the header Accept are the usual ones of a client that
// accepts JSON.
func acceptsJSON(accept []string) bool {
	return len(accept) == 0 || len(accept) == 1 && (accept[0] == "*/*" || accept[0] == "application/json")
}

// decodeDirect decodes a body, and reports false for one that the OpenAPI document may not allow.
// Null and an empty text decode to the same value as a member that is missing.
func decodeDirect(body []byte, into *api.VerifyRequest) bool {
	if bytes.Contains(body, []byte("null")) || bytes.Contains(body, []byte(`""`)) {
		return false
	}
	if json.Unmarshal(body, into, json.RejectUnknownMembers(true)) != nil {
		return false
	}
	document := into.Subject.Document
	return into.Check != idv.CheckNone && into.Subject != api.Subject{} && (document == "" || slices.Contains(idv.Documents(), document))
}

// textsFit brings the identifiers of a request into canonical form, and reports whether its
// texts are short and can be kept.
func textsFit(in *verifyInput) bool {
	for _, text := range []*string{&in.Body.App, &in.Body.Purpose, &in.Body.ConsentID} {
		form, fault := identity.Identifier(*text)
		if len(*text) > maxDirectText || fault != idv.TextFits {
			return false
		}
		*text = form
	}
	return len(in.IdempotencyKey) <= maxDirectText && idv.CheckText(in.IdempotencyKey, idv.MaxNote) == idv.TextFits
}

// again returns a body of which a part has been read, as if nothing had been. err is that of
// reading, if any.
func again(read []byte, body io.ReadCloser, err error) io.ReadCloser {
	rest := io.Reader(body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		rest = failedReader{err}
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), body}
}

// failedReader has failed with an error.
type failedReader struct{ err error }

// Read returns the error.
func (r failedReader) Read([]byte) (int, error) { return 0, r.err }
