// Package idcert is the adapter of idcert, product cmapi022049 of the Aliyun market,
// which compares a name and a resident ID number with police data. It is the model
// for other vendors: this file holds the codec, descriptor.go the descriptor, wire.go
// the shape of replies, codes.go the code table. What vendors share is in packages
// providers/gateway, strictjson and providertest.
package idcert

import (
	"embed"
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Factory returns the factory for providers/catalogue.
func Factory() providers.Factory {
	return providers.Factory{Descriptor: descriptor(), New: New, Fixtures: providers.Folders(testdata, "testdata")}
}

// New returns the codec. The host uses all settings itself (address and keys), so New
// reads none and never fails.
func New(providers.Settings) (providers.Codec, error) {
	d := descriptor()
	return codec{d, d.Codes}, nil
}

type codec struct {
	descriptor idv.Descriptor
	codes      providers.Table
}

// Describe returns the descriptor.
func (c codec) Describe() idv.Descriptor { return c.descriptor }

// Encode returns GET /idcard?idCard=…&name=…. It sends the claims unchanged, since the
// engine has normalized them.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodGet,
		Path:   "/idcard",
		Query:  []providers.Param{{Name: "idCard", Value: q.Subject.IDNumber}, {Name: "name", Value: q.Subject.Name}},
	}, nil
}

// Decode checks for a gateway error first, then decodes the body, then checks that
// the answer is about the subject.
func (c codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := gateway.Check(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	var body reply
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, garbled("the body is not a strict JSON object of strings", gateway.Ref(r))
	}
	ref := string(body.TraceID)
	if ref == "" {
		ref = gateway.Ref(r)
	}
	answer, err := c.codes.Decode(providers.Reading{Codes: []string{body.Status}, Ref: ref})
	if err != nil {
		return idv.Answer{}, err
	}
	if body.IDCard == "" && body.Name == "" {
		return idv.Answer{}, wrongEcho("the reply echoes nothing, so it may be about another person", ref)
	}
	if !body.isAbout(q.Subject) {
		return idv.Answer{}, wrongEcho("the echo does not fit the subject", ref)
	}
	return answer, nil
}

func garbled(detail, ref string) *idv.Error {
	e := providers.Garbled(detail)
	e.Ref = ref
	return e
}

func wrongEcho(detail, ref string) *idv.Error {
	e := providers.WrongEcho(detail)
	e.Ref = ref
	return e
}

// testdata has recorded replies for each row of the code table and some of the gateway, and
// replies that differ from the guide, about a fictitious person.
//
//go:embed testdata/*.json
var testdata embed.FS
