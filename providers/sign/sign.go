// Package sign proves to a vendor who is asking. A [Scheme] turns a call into
// the headers that carry a key or a signature; [Choose] picks the first scheme
// of a descriptor for which the settings are there.
//
// The string that Aliyun's gateway signs is built in one place ([StringToSign]),
// which the signer and the sandbox's gateway share: two copies would one day
// differ, and every call would be refused.
//
// Nothing here keeps state; everything is safe for concurrent use.
package sign

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Header is one header of a signed request. Its value can be a secret, so it
// stays masked until the moment it is put on the wire.
type Header struct {
	Name  string
	Value idv.Sensitive
}

// Scheme makes the headers that prove who calls.
//
// Sign is given the call with its whole path, base URL's path included, since
// that is what the gateway sees; the time of the call; and a nonce that was never
// used before. An error is an *idv.Error that says nothing was sent and holds no
// value. The headers are meant for this one call and must not be stored.
type Scheme interface {
	Name() string
	Sign(c providers.Call, at time.Time, nonce string) ([]Header, error)
}

// FormType is the content type of a form. The charset is part of what is signed.
const FormType = "application/x-www-form-urlencoded; charset=UTF-8"

// ContentType returns the Content-Type that the call goes out with, "" if it has
// no body. Signer and sender both ask here, for the header is signed.
func ContentType(c providers.Call) string {
	switch {
	case len(c.Form) > 0:
		return FormType
	case !c.Body.IsZero():
		return c.ContentType
	}
	return ""
}

// Accept returns the Accept header that the call goes out with. It is never
// left out: a client that added one after signing would break the signature.
func Accept(c providers.Call) string {
	if c.Accept == "" {
		return "application/json"
	}
	return c.Accept
}

// None returns the scheme "none", which adds no header: for a vendor that knows
// its callers by their address, and for tests.
func None() Scheme { return none{} }

type none struct{}

// Name returns "none".
func (none) Name() string { return nameNone }

// Sign returns no header.
func (none) Sign(providers.Call, time.Time, string) ([]Header, error) { return nil, nil }
