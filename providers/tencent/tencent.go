// Package tencent has the products of Tencent Cloud's face ID service (faceid, version
// 2018-03-01) that compare text with a register: name and ID number, with a mobile number,
// and bank cards with two, three and four elements. All are called alike and signed with
// TC3; products.go lists what differs, wire.go has the shapes of call and reply.
//
// The result of an action is a small number that means something else in each action: -4 is
// a mismatch of PhoneVerification and a fault of the register in IdCardVerification. So
// codes.go has a table for each.
package tencent

import (
	"embed"
	"net/http"
	"path"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Factories returns the factories of all products.
func Factories() []providers.Factory {
	var list []providers.Factory
	for _, p := range products() {
		d := p.descriptor()
		list = append(list, providers.Factory{
			Descriptor: d,
			New:        func(providers.Settings) (providers.Codec, error) { return codec{p.action, d}, nil },
			NotEchoed:  p.check.Claims(),
			Fixtures:   providers.Folders(testdata, "testdata/"+path.Base(p.name), "testdata/common"),
		})
	}
	return list
}

//go:embed testdata
var testdata embed.FS

type codec struct {
	action     string
	descriptor idv.Descriptor
}

// Describe returns the descriptor.
func (c codec) Describe() idv.Descriptor { return c.descriptor }

// Encode returns a POST with the claims as JSON. It sends them unchanged, since the engine
// has normalized them.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	body, err := providers.JSON(requestOf(q.Subject.Only(q.Check.Claims())))
	if err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: "/", ContentType: "application/json", Body: body,
		Header: []providers.Param{
			{Name: "X-TC-Action", Value: idv.NewSensitive(c.action)},
			{Name: "X-TC-Version", Value: idv.NewSensitive("2018-03-01")},
		},
	}, nil
}

// Decode reads the error or the result. Both come with status 200.
func (c codec) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	reading, err := read(r.Body)
	if err != nil {
		return idv.Answer{}, providers.Garbled("the body is not strict JSON with members of the documented types")
	}
	return providers.Table(c.descriptor.Codes).Decode(reading)
}
