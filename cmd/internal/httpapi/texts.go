package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// register registers an operation. Before its handler runs, every text of the query, the
// headers and the body is checked as the stores check it, so that no operation can forget
// one, and the identifiers that people paste get their canonical form. A text of the path is
// only looked up: an id that cannot exist is not found, as any unknown id.
//
// The operation is for principals with the scope, which is checked before anything of the
// request is read.
//
// The OpenAPI document lists the problems of kinds and those that any operation has.
func register[In, Out any](h huma.API, scope access.Scope, o huma.Operation, do func(context.Context, *In) (*Out, error), kinds ...kind) {
	if o.Responses == nil {
		o.Responses = map[string]*huma.Response{} // shared with huma's copy of o
	}
	o.Metadata = map[string]any{} // too
	if body := exampleOf(o.OperationID); body != nil {
		o.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Example: body}}}
	}
	o.Security = security(scope)
	o.Middlewares = append(huma.Middlewares{requireScope(scope)}, o.Middlewares...)
	if hasText(reflect.TypeFor[In]()) {
		kinds = append(kinds, invalidInput)
	}
	defer func() { document(&o, append(common(&o), kinds...)) }()
	texts := textsOf{}
	texts.add(reflect.TypeFor[In]())
	huma.Register(h, o, func(ctx context.Context, in *In) (*Out, error) {
		if fault := texts.illegible(reflect.ValueOf(in), ""); fault != nil {
			p := newProblem(http.StatusUnprocessableEntity, idv.InvalidInput.String(), "a text of the request cannot be kept; correct what errors lists")
			p.Errors = []Fault{*fault}
			return nil, p
		}
		return do(ctx, in)
	})
}

// hasText reports whether a request has a text that illegibleText checks: a query parameter, a
// header or a member of the body. An id in the path finds nothing instead.
func hasText(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String:
		return true
	case reflect.Pointer, reflect.Slice:
		return hasText(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.IsExported() && f.Tag.Get("path") == "" && hasText(f.Type) {
				return true
			}
		}
	}
	return false
}

// textsOf has the exported fields of each struct in the input of an operation.
type textsOf map[reflect.Type][]textField

// textField is a field of a struct.
type textField struct {
	index      int
	in         string // query, header or path; "" for a member of the body
	name       string // "" for the body itself
	identifier bool
}

// add adds the structs of a type. It panics if the type holds an interface, of which the texts
// would not be found.
func (t textsOf) add(of reflect.Type) {
	switch of.Kind() {
	case reflect.Interface:
		panic("httpapi: the input of an operation holds an interface")
	case reflect.Pointer, reflect.Slice:
		t.add(of.Elem())
	case reflect.Map:
		t.add(of.Key())
		t.add(of.Elem())
	case reflect.Struct:
		if _, known := t[of]; known {
			return
		}
		t[of] = nil // for a type that holds itself
		for i := range of.NumField() {
			if field := of.Field(i); field.IsExported() {
				t[of] = append(t[of], textFieldOf(field))
				t.add(field.Type)
			}
		}
	}
}

func textFieldOf(field reflect.StructField) textField {
	f := textField{index: field.Index[0]}
	for _, in := range []string{"query", "header", "path"} {
		if name := field.Tag.Get(in); name != "" && f.in == "" {
			f.in, f.name = in, name
		}
	}
	if f.in == "" {
		f.name, _, _ = strings.Cut(field.Tag.Get("json"), ",")
	}
	f.identifier = field.Type.Kind() == reflect.String && slices.Contains(identifiers(), f.name)
	return f
}

// location returns the location of a field in what has the location parent.
func (f *textField) location(parent string) string {
	switch {
	case f.in != "":
		return f.in + "." + f.name
	case parent == "":
		return "body"
	}
	return parent + "." + f.name
}

// illegible returns the first text of a request that cannot be kept, nil if there is
// none. It leaves out values of idv.Sensitive: package identity checks claims, and what is
// only hashed is not kept.
func (t textsOf) illegible(v reflect.Value, location string) *Fault {
	switch v.Kind() {
	case reflect.Pointer:
		return t.illegible(v.Elem(), location) // of nil, a value of no kind
	case reflect.String:
		if f := idv.CheckText(v.String(), idv.MaxNote); f != idv.TextFits {
			return &Fault{Location: location, Rule: f.Rule(), Message: f.Help()}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if f := t.illegible(v.Index(i), location+"["+strconv.Itoa(i)+"]"); f != nil {
				return f
			}
		}
	case reflect.Map: // the caller chooses the names, so the location has none
		for _, key := range v.MapKeys() {
			if f := t.illegible(key, location); f != nil {
				return f
			}
			if f := t.illegible(v.MapIndex(key), location); f != nil {
				return f
			}
		}
	case reflect.Struct:
		return t.illegibleField(v, location)
	}
	return nil
}

func (t textsOf) illegibleField(v reflect.Value, location string) *Fault {
	fields := t[v.Type()]
	for i := range fields {
		f, value := &fields[i], v.Field(fields[i].index)
		if f.identifier && value.CanSet() {
			form, fault := identity.Identifier(value.String())
			if fault == idv.TextFits {
				value.SetString(form)
			} else if f.in != "path" {
				return &Fault{Location: f.location(location), Rule: fault.Rule(), Message: fault.Help()}
			}
		}
		if f.in == "path" {
			continue
		}
		if found := t.illegible(value, f.location(location)); found != nil {
			return found
		}
	}
	return nil
}

// identifiers are the names of members, parameters and parts of a path that hold identifiers.
func identifiers() []string { return []string{"app", "consent_id", "id", "provider", "purpose"} }
