// Package huawei has the identity verification service of Huawei Cloud (IVS), which compares
// a name and a resident ID number. codes.go has the code table, descriptor.go the
// descriptor, wire.go the shapes of call and reply.
//
// Calls are signed with SDK-HMAC-SHA256. Errors come with their own HTTP statuses, and the
// reference of a call is in a header.
package huawei

import (
	"embed"
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Factory returns the factory of the product.
func Factory() providers.Factory {
	d := descriptor()
	return providers.Factory{
		Descriptor: d,
		New:        func(providers.Settings) (providers.Codec, error) { return codec{d}, nil },
		NotEchoed:  d.Check.Claims(),
		Fixtures:   providers.Folders(testdata, "testdata"),
	}
}

//go:embed testdata/*.json
var testdata embed.FS

type codec struct{ descriptor idv.Descriptor }

// Describe returns the descriptor.
func (c codec) Describe() idv.Descriptor { return c.descriptor }

// Encode returns a POST with one request as JSON, whose uuid is the attempt's id. It sends
// the claims unchanged, since the engine has normalized them.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	body, err := providers.JSON(requestOf(q))
	if err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: "/v2.0/ivs-idcard-extention", //nolint:misspell // the vendor's path
		ContentType: "application/json;charset=utf8", Body: body,
	}, nil
}

// Decode reads the result of a reply with status 200, and the error of one with another
// status. A status without an error in the documented form says no more than itself.
func (c codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	ref := r.Header.Get(headerRef)
	codes, fault := read(r.Body, q.ID)
	switch {
	case r.Status != http.StatusOK && (fault != "" || len(codes) != 1):
		return idv.Answer{}, providers.StatusFailure(r.Status)
	case fault != "":
		e := providers.Garbled(fault)
		e.Ref = ref
		return idv.Answer{}, e
	}
	return providers.Table(c.descriptor.Codes).Decode(providers.Reading{Codes: codes, Ref: ref})
}
