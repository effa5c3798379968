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
	o.Middlewares = append(o.Middlewares, requireScope(scope))
	if hasText(reflect.TypeFor[In]()) {
		kinds = append(kinds, invalidInput)
	}
	defer func() { document(&o, append(common(&o), kinds...)) }()
	huma.Register(h, o, func(ctx context.Context, in *In) (*Out, error) {
		if fault := illegibleText(reflect.ValueOf(in), ""); fault != nil {
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

// illegibleText returns the first text of a request that cannot be kept, nil if there is
// none. It leaves out values of idv.Sensitive: package identity checks claims, and what is
// only hashed is not kept.
func illegibleText(v reflect.Value, location string) *Fault {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return illegibleText(v.Elem(), location) // of nil, a value of no kind
	case reflect.String:
		if f := idv.CheckText(v.String(), idv.MaxNote); f != idv.TextFits {
			return &Fault{Location: location, Rule: f.Rule(), Message: f.Help()}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if f := illegibleText(v.Index(i), location+"["+strconv.Itoa(i)+"]"); f != nil {
				return f
			}
		}
	case reflect.Map: // the caller chooses the names, so the location has none
		for _, key := range v.MapKeys() {
			if f := illegibleText(key, location); f != nil {
				return f
			}
			if f := illegibleText(v.MapIndex(key), location); f != nil {
				return f
			}
		}
	case reflect.Struct:
		return illegibleField(v, location)
	}
	return nil
}

func illegibleField(v reflect.Value, location string) *Fault {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		at := locationIn(location, field)
		if name := at[strings.LastIndex(at, ".")+1:]; slices.Contains(identifiers(), name) && field.Type.Kind() == reflect.String && v.Field(i).CanSet() {
			form, fault := identity.Identifier(v.Field(i).String())
			if fault == idv.TextFits {
				v.Field(i).SetString(form)
			} else if field.Tag.Get("path") == "" {
				return &Fault{Location: at, Rule: fault.Rule(), Message: fault.Help()}
			}
		}
		if field.Tag.Get("path") != "" {
			continue
		}
		if f := illegibleText(v.Field(i), at); f != nil {
			return f
		}
	}
	return nil
}

// identifiers are the names of members, parameters and parts of a path that hold identifiers.
func identifiers() []string { return []string{"app", "consent_id", "id", "provider", "purpose"} }

// locationIn returns the location of a field in what has the location parent.
func locationIn(parent string, field reflect.StructField) string {
	for _, part := range []string{"query", "header", "path"} {
		if name := field.Tag.Get(part); name != "" {
			return part + "." + name
		}
	}
	if parent == "" {
		return "body"
	}
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return parent + "." + name
}
