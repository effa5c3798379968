// Package providers is the contract between heyan and the adapters: a [Codec]
// turns a query into a [Call] and a [Reply] into an answer; the host makes the
// call ([Bind]). A [Table] says what each vendor code means.
//
// A codec is a provider without hands. It has no clock, no network, no secrets
// and no state, so a third party's codec can neither leak nor bill twice. Read
// Codec first, then the room providers/idcert, which is the model for others.
package providers

import (
	"context"
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
)

// Codec encodes questions for one vendor and decodes its replies. All three
// methods are pure functions, safe for concurrent use.
//
// Encode returns an *idv.Error with idv.Unsupported or idv.InvalidInput for a
// query that the vendor cannot be asked. Decode returns a nil error if and only
// if the source answered; whatever is missing, doubled, of another type or not in
// the code table is a failure, never a verdict. No error holds a claim or a body.
type Codec interface {
	Describe() idv.Descriptor
	Encode(q idv.Query) (Call, error)
	Decode(q idv.Query, r Reply) (idv.Answer, error)
}

// Call is an HTTP request before it is signed. Claims stand in Query, Form or
// Body, never in Path, which is constant and may be logged.
type Call struct {
	Method      string  // GET or POST
	Path        string  // below the configured base URL, beginning with "/"
	Query       []Param // encoded by the host
	Form        []Param // a form body, encoded by the host; excludes Body
	Body        idv.Sensitive
	ContentType string // of Body; a form's is set by the host
	Accept      string // "application/json" if empty
}

// FormType is the content type of a form. A signature covers its charset too.
const FormType = "application/x-www-form-urlencoded; charset=UTF-8"

// ContentTypeHeader returns the Content-Type header that the call is sent with, ""
// without a body. Authenticator and transport both use it, since a signature covers
// the header.
func (c Call) ContentTypeHeader() string {
	switch {
	case len(c.Form) > 0:
		return FormType
	case !c.Body.IsZero():
		return c.ContentType
	}
	return ""
}

// AcceptHeader returns the Accept header that the call is sent with. It is never
// empty: an HTTP client that adds one after signing would break the signature.
func (c Call) AcceptHeader() string {
	if c.Accept == "" {
		return "application/json"
	}
	return c.Accept
}

// Param is a named value of a query string, a form or a header. It prints masked.
type Param struct {
	Name  string
	Value idv.Sensitive
}

// Reply is what came back, whole and within the host's limits.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Transport makes one call, once. Its errors are *idv.Error and say how far the
// call got. providers/exchange is the one that production uses.
type Transport interface {
	Do(ctx context.Context, c Call) (Reply, error)
}

// Settings are a codec's configuration, by the names in its descriptor. Secrets
// are not among them: the host keeps those and signs.
type Settings map[string]string

// Factory is an adapter that is compiled in.
type Factory struct {
	Descriptor idv.Descriptor
	New        func(Settings) (Codec, error)
}
