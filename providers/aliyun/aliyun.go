// Package aliyun has the products of Aliyun's OpenAPI that compare a person's claims with a
// register: information verification (cloudauth), its international edition, and the number
// service dytnsapi. All are called alike and signed with ACS3; products.go lists what
// differs, wire.go has the shapes of their replies, codes.go their code tables.
//
// The sellers of Aliyun's market are other vendors behind another gateway, with packages of
// their own.
package aliyun

import (
	"embed"
	"net/http"
	"path"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Factories returns the factories of all products, sorted by name.
func Factories() []providers.Factory {
	var list []providers.Factory
	for _, p := range products() {
		list = append(list, providers.Factory{
			Descriptor: p.descriptor(),
			New:        func(s providers.Settings) (providers.Codec, error) { return newCodec(p, s), nil },
			NotEchoed:  p.check.Claims(),
			Fixtures:   providers.Folders(testdata, "testdata/"+path.Base(p.name), "testdata/openapi"),
		})
	}
	return list
}

// testdata has recorded replies of each product, and of the layer that all share, about a
// fictitious person.
//
//go:embed testdata
var testdata embed.FS

type codec struct {
	product    product
	descriptor idv.Descriptor
	settings   providers.Settings
}

func newCodec(p product, s providers.Settings) codec { return codec{p, p.descriptor(), s} }

// Describe returns the descriptor.
func (c codec) Describe() idv.Descriptor { return c.descriptor }

// formType is the media type of a form. It has no charset, since the signature covers it as
// the vendor's own clients send it.
const formType = "application/x-www-form-urlencoded"

// Encode returns a POST whose parameters are in the query or in a form, as the product's
// API has them. It sends the claims unchanged, since the engine has normalized them.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	if err := providers.CheckQuery(c.descriptor, q); err != nil {
		return providers.Call{}, err
	}
	var params []providers.Param
	for _, p := range c.product.params {
		value := p.value(q.Subject, c.settings)
		if value.IsZero() {
			return providers.Call{}, &idv.Error{
				Failure: idv.BadCredentials, Origin: idv.OriginEngine, Code: p.setting, Detail: "the setting is missing; take it from the vendor's console",
			}
		}
		params = append(params, providers.Param{Name: p.name, Value: value})
	}
	call := providers.Call{Method: http.MethodPost, Path: "/", Header: []providers.Param{
		{Name: "x-acs-action", Value: idv.NewSensitive(c.product.action)},
		{Name: "x-acs-version", Value: idv.NewSensitive(c.product.api.version)},
	}}
	if c.product.query {
		call.Query = params
	} else {
		call.Form, call.ContentType = params, formType
	}
	return call, nil
}

// Decode reads the code of a body, whatever its HTTP status, since the vendor's own pages
// give different ones. But only a reply with status 200 has a verdict, and one with another
// status and no code says no more than its status.
func (c codec) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := providers.CheckStatus(r, c.descriptor.Replies); err != nil {
		return idv.Answer{}, err
	}
	answer, err := c.read(r.Body)
	if r.Status != http.StatusOK && (err == nil || idv.FailureOf(err) == idv.Garbled) {
		return idv.Answer{}, providers.StatusFailure(r.Status)
	}
	return answer, err
}

func (c codec) read(body []byte) (idv.Answer, error) {
	re, err := c.product.read(body)
	if err != nil {
		return idv.Answer{}, providers.Garbled("the body is not strict JSON with members of the documented types")
	}
	codes := []string{re.code}
	if re.code == c.product.api.success {
		codes = append(codes, re.result...)
	}
	table := providers.Table(c.descriptor.Codes)
	answer, err := table.Decode(providers.Reading{Codes: codes, Ref: re.ref, Fields: c.product.fields[strings.Join(codes, "/")]})
	if err == nil {
		return answer, nil
	}
	e := idv.AsError(err)
	switch {
	case e.Failure == idv.InvalidInput && e.Field == idv.NoField:
		e.Field = c.product.field(re.message)
	case e.Failure == idv.FailureUnknown && contradict(table, codes):
		e = providers.Garbled("the parts of the code contradict each other")
		e.Ref = re.ref
	}
	return idv.Answer{}, e
}

// contradict reports whether the table has the outer and the inner part of a code, but with
// other partners: a match whose reason is one of a mismatch.
func contradict(table providers.Table, codes []string) bool {
	if len(codes) < 3 {
		return false
	}
	last := len(codes) - 1
	outer, inner := strings.Join(codes[:last], "/")+"/", "/"+codes[last]
	var hasOuter, hasInner bool
	for _, row := range table {
		hasOuter = hasOuter || strings.HasPrefix(row.Code, outer)
		hasInner = hasInner || strings.HasSuffix(row.Code, inner)
	}
	return hasOuter && hasInner
}
