package engine

import (
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// ErrClosed is returned by Verify once Close has begun.
var ErrClosed = errors.New("the engine is closing")

// refusal returns the error of a request that ends before any call.
func refusal(f idv.Failure, o idv.Origin, field idv.Field, detail string) *idv.Error {
	return &idv.Error{Failure: f, Origin: o, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: field, Detail: detail}
}

func noRoute(c idv.Check) error {
	return refusal(idv.Unsupported, idv.OriginEngine, idv.FieldCheck, fmt.Sprintf("no route is configured for the check %s", c))
}

func unprintable(f idv.Field) error {
	e := refusal(idv.InvalidInput, idv.OriginCaller, f, "it holds a control character or invalid UTF-8; enter it again")
	e.Code = string(identity.ReasonCharset)
	return e
}

// storeFailed is the error of a store that could not read or write what the request
// needs. The request can be repeated.
func storeFailed(detail string) error {
	return refusal(idv.Internal, idv.OriginEngine, idv.NoField, detail)
}

// notStored is the one error that is returned with a verification: it was answered,
// and may have been charged, but a later look-up will not find it.
func notStored(id string) error {
	return &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.Answered, Ref: id,
		Detail: "the verification is complete, but its record could not be written",
	}
}
