// Package baidu has the product idmatch of Baidu AI (face/v3/person/idmatch), which compares
// a name and a resident ID number. codes.go has the code table, descriptor.go the
// descriptor, wire.go the shapes of call and reply.
//
// A mismatch is an error code of this vendor, and one that does not tell a mismatch from a
// missing record. Calls carry an access token, which the scheme baidu_token fetches and,
// after the codes for an invalid one, renews.
package baidu

import (
	"embed"
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
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

// Encode returns a POST with the claims as JSON. It sends them unchanged, since the engine
// has normalized them.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	body, err := providers.JSON(request{q.Subject.IDNumber, q.Subject.Name})
	if err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: "/rest/2.0/face/v3/person/idmatch", ContentType: "application/json", Body: body,
	}, nil
}

// Decode reads the error code, which is the result.
func (c codec) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	var body reply
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, providers.Garbled("the body is not strict JSON with members of the documented types")
	}
	return providers.Table(c.descriptor.Codes).Decode(providers.Reading{Codes: []string{string(body.ErrorCode)}, Ref: string(body.LogID)})
}
