// Package esign is the adapter of e签宝 (esign.cn) for its comparison of a name and a
// resident ID number. Its code says at once whether the call worked and whether the person
// matches: a mismatch is an error code.
package esign

import (
	"embed"
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Factory returns the factory for providers/catalogue.
func Factory() providers.Factory {
	return providers.Factory{
		Descriptor: descriptor(), New: New, NotEchoed: idv.CheckIDName.Claims(), Fixtures: providers.Folders(testdata, "testdata"),
	}
}

// New returns the codec. The host uses all settings itself (address and keys), so New
// reads none and never fails.
func New(providers.Settings) (providers.Codec, error) { return codec{descriptor()}, nil }

type codec struct{ descriptor idv.Descriptor }

// Describe returns the descriptor.
func (c codec) Describe() idv.Descriptor { return c.descriptor }

// Encode returns a POST with a JSON body. The signature covers Accept and the media type,
// so they are those of the vendor's own clients.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	body, err := providers.JSON(request{q.Subject.IDNumber, q.Subject.Name})
	if err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: "/v2/identity/verify/individual/base", Accept: "*/*",
		Body: body, ContentType: "application/json; charset=UTF-8",
	}, nil
}

// Decode reads the code. A match needs the id of the verification too: without it, the code
// only says that the call worked.
func (c codec) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	var body reply
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, providers.Garbled("the body is not strict JSON with members of the documented types")
	}
	answer, err := providers.Table(c.descriptor.Codes).Decode(providers.Reading{Codes: []string{string(body.Code)}, Ref: body.Data.VerifyID})
	if err == nil && answer.Verdict == idv.Match && answer.VendorRef == "" {
		return idv.Answer{}, providers.Garbled("a match without the id of the verification")
	}
	return answer, err
}

//go:embed testdata/*.json
var testdata embed.FS
