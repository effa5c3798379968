// Package providers defines the contract between heyan and its adapters. A [Codec]
// encodes a query into a [Call] and decodes a [Reply] into an answer. A [Table] maps
// each vendor code to its meaning. [NewProvider] joins a codec with a [Transport].
//
// A codec is a pure adapter; the host performs the HTTP call. A codec has no clock,
// no network, no secrets and no state, so even one from elsewhere can neither leak
// claims nor cause a second charge. Read Codec first, then package providers/idcert,
// the model for other vendors.
package providers

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Codec encodes queries for one product of a vendor and decodes its replies. All
// three methods are pure functions and safe for concurrent use.
//
// Encode returns an *idv.Error with idv.Unsupported or idv.InvalidInput for a query
// that the product does not support. Its call sets no header of the transport (such as
// Host, Accept or Content-Length) and none that authenticates. Decode returns a nil error if and only if the
// source answered: a field that is missing, duplicate or of another type, and a code
// that the table does not list, are failures and never a verdict. No error holds a
// claim or a part of the body.
type Codec interface {
	Describe() idv.Descriptor
	Encode(q idv.Query) (Call, error)
	Decode(q idv.Query, r Reply) (idv.Answer, error)
}

// Call is an HTTP request before it is authenticated. Header, Query, Form and Body may
// hold claims. Path must not, since it is constant and may be logged.
//
// Values are bytes in the encoding that the vendor expects, usually UTF-8. The host
// percent-encodes the bytes of a query or a form as they are.
type Call struct {
	Method      string  // GET or POST
	Path        string  // begins with "/"; appended to the configured base URL
	Header      []Param // beside those that the host sets; see [Codec]
	Query       []Param // encoded by the host
	Form        []Param // a form body, encoded by the host; Body must be empty
	Body        idv.Sensitive
	ContentType string // of Body; of a form, FormType if empty
	Accept      string // "application/json" if empty

	// Replies says which headers of the reply the codec may see. NewProvider sets it from
	// the descriptor.
	Replies idv.Replies

	Credential Credential // set by an authenticator with tokens; a codec's is ignored
}

// Stamp is what a signature covers besides the call. Each call gets a new one.
type Stamp struct {
	Host  string    // the vendor's, with a port if it is not the default one
	At    time.Time // now
	Nonce string    // never used before: a random UUID
}

// FormType is the default content type of a form. A signature covers its charset too.
const FormType = "application/x-www-form-urlencoded; charset=UTF-8"

// ContentTypeHeader returns the Content-Type header that the call is sent with, ""
// without a body. Authenticator and transport both use it, since a signature covers
// the header.
func (c Call) ContentTypeHeader() string {
	switch {
	case len(c.Form) > 0:
		return cmp.Or(c.ContentType, FormType)
	case !c.Body.IsZero():
		return c.ContentType
	}
	return ""
}

// AcceptHeader returns the Accept header that the call is sent with. It is never
// empty: an HTTP client that adds one after signing would break the signature.
func (c Call) AcceptHeader() string {
	return cmp.Or(c.Accept, "application/json")
}

// WithHeader returns the call with headers added. c is not modified.
func (c Call) WithHeader(more ...Param) Call {
	c.Header = slices.Concat(c.Header, more)
	return c
}

// Param is a named value of a query string, a form or a header. It prints masked.
type Param struct {
	Name  string
	Value idv.Sensitive
}

// Reply is a complete HTTP reply within the transport's size limits.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte

	Credential Credential // of the call; codecs do not need it
}

// Transport sends one call, once. Its errors are *idv.Error and hold how far the call
// got. Package providers/exchange implements it.
type Transport interface {
	Do(ctx context.Context, c Call) (Reply, error)
}

// Credential identifies the access token that a call was authenticated with, without
// revealing it. It is zero for a call without one.
type Credential struct {
	Serial uint64 // counts the tokens of one transport from 1
	Fresh  bool   // the token was fetched while the call waited for it
}

// Renewer is a [Transport] whose calls carry access tokens.
//
// Renew is called when the vendor has refused a call because of its token. The transport
// stops using that token and fetches another one for the next call. Renew reports whether
// that helps: false if the refused token was fresh, since the vendor then refuses new
// tokens too. It makes no call itself and is safe for concurrent use.
type Renewer interface {
	Renew(refused Credential) bool
}

// Settings are a codec's configuration, by the names in its descriptor. They hold no
// secrets: the host keeps those and signs the calls.
type Settings map[string]string
