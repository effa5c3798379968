package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// word is a value of an enumeration: its String is its name in JSON, and Valid reports
// whether there is one.
type word interface {
	~uint8
	String() string
	Valid() bool
}

// enumOf stands for an enumeration in the schemas of the OpenAPI document, with the words
// of the package that defines it.
type enumOf[T word] struct{}

// Schema lists the words of the enumeration.
func (enumOf[T]) Schema(huma.Registry) *huma.Schema {
	var words []any
	for v := T(0); v.Valid(); v++ {
		words = append(words, v.String())
	}
	return enum(words)
}

func enum(words []any) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: words} }

func enumList[T any](list []T, text func(T) string) *huma.Schema {
	var words []any
	for _, v := range list {
		words = append(words, text(v))
	}
	return enum(words)
}

// The enumerations whose values are lists.
type (
	checks    struct{}
	documents struct{}
	states    struct{}
	actions   struct{}
	channels  struct{}
)

// Schema lists the checks.
func (checks) Schema(huma.Registry) *huma.Schema { return enumList(idv.Checks(), idv.Check.String) }

// Schema lists the documents.
func (documents) Schema(huma.Registry) *huma.Schema {
	return enumList(idv.Documents(), func(d idv.Document) string { return string(d) })
}

// Schema lists the states.
func (states) Schema(huma.Registry) *huma.Schema {
	return enumList(consent.States(), func(s consent.State) string { return string(s) })
}

// Schema lists the actions.
func (actions) Schema(huma.Registry) *huma.Schema {
	return enumList(consent.Actions(), func(a consent.Action) string { return string(a) })
}

// Schema lists the channels.
func (channels) Schema(huma.Registry) *huma.Schema {
	return enumList(consents.Channels(), func(c string) string { return c })
}

// registerEnums gives every member of these types the words of its type, so that no struct
// tag repeats them.
func registerEnums(r huma.Registry) {
	alias[idv.Check, checks](r)
	alias[idv.Document, documents](r)
	alias[idv.Claim, enumOf[idv.Claim]](r)
	alias[idv.Verdict, enumOf[idv.Verdict]](r)
	alias[idv.Comparison, enumOf[idv.Comparison]](r)
	alias[idv.Charge, enumOf[idv.Charge]](r)
	alias[idv.Delivery, enumOf[idv.Delivery]](r)
	alias[idv.Origin, enumOf[idv.Origin]](r)
	alias[idv.Fidelity, enumOf[idv.Fidelity]](r)
	alias[idv.Failure, enumOf[idv.Failure]](r)
	alias[consent.State, states](r)
	alias[consent.Action, actions](r)
	alias[api.Channel, channels](r)
}

func alias[T, Schema any](r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[Schema]())
}
