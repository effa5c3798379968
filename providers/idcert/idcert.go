// Package idcert is the seed's vendor: name and resident ID number against police
// data, sold on the Aliyun market as product cmapi022049. It is the model for
// other vendor rooms: this file says who the vendor is and asks, wire.go knows the
// shape of its replies, codes.go what its codes mean. What it shares with other
// vendors (the gateway, strict JSON, the contract's test) is not here.
package idcert

import (
	"net/http"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Factory returns the vendor for the list in providers/catalogue.
func Factory() providers.Factory {
	return providers.Factory{Descriptor: descriptor(), New: New}
}

// New makes the codec. The address and the keys are the host's affair, so the
// codec itself has no settings to read and New never fails.
func New(providers.Settings) (providers.Codec, error) {
	d := descriptor()
	return codec{d, d.Codes}, nil
}

type codec struct {
	card  idv.Descriptor
	codes providers.Table
}

// Describe returns the vendor's visiting card.
func (c codec) Describe() idv.Descriptor { return c.card }

// Encode asks GET /idcard?idCard=…&name=…. The claims go out as they are: the
// engine has brought them into their one form.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if !c.card.Supports(q.Check, q.Document) {
		return providers.Call{}, &idv.Error{Failure: idv.Unsupported, Origin: idv.OriginEngine}
	}
	for _, claim := range q.Check.Claims().List() {
		if q.Subject.Claim(claim).IsZero() {
			return providers.Call{}, &idv.Error{
				Failure: idv.InvalidInput, Origin: idv.OriginEngine, Code: "empty", Field: idv.FieldOf(claim),
			}
		}
	}
	return providers.Call{
		Method: http.MethodGet,
		Path:   "/idcard",
		Query:  []providers.Param{{Name: "idCard", Value: q.Subject.IDNumber}, {Name: "name", Value: q.Subject.Name}},
	}, nil
}

// Decode asks the gateway first, then the body, then whether the answer is about
// the person asked for.
func (c codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := gateway.Check(r); err != nil {
		return idv.Answer{}, err
	}
	var body reply
	if strictjson.Decode(r.Body, &body) != nil {
		return idv.Answer{}, garbled("not one strict JSON object of strings", gateway.Ref(r))
	}
	ref := body.TraceID
	if ref == "" {
		ref = gateway.Ref(r)
	}
	if body.Status == "" {
		return idv.Answer{}, garbled("no status", ref)
	}
	answer, err := c.codes.Decode(providers.LayerVendor, body.Status, ref)
	if err != nil {
		return idv.Answer{}, err
	}
	if !body.isAbout(q.Subject) {
		return idv.Answer{}, garbled("the answer does not show that it is about the person asked for", ref)
	}
	return answer, nil
}

func garbled(detail, ref string) *idv.Error {
	e := providers.Garbled(detail)
	e.Ref = ref
	return e
}
