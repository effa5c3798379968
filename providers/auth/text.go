package auth

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
	"github.com/heyan-id/heyan/providers/strictjson"
	"github.com/heyan-id/heyan/providers/transform"
)

// This file builds the text that a recipe signs. The text holds claims and secrets in
// clear: it goes to the hash and nowhere else.

// param is a parameter of a call as the signature sees it.
type param struct {
	name, value string
	nested      bool // a JSON value that is neither a string, a number nor a boolean
	named       bool // a header that the recipe did not add: signed only where it is named
}

// text returns the signed text of a call. headers are those that the recipe added.
func (r recipe) text(c providers.Call, headers []providers.Param, s providers.Stamp) (string, error) {
	params := params(c, headers)
	var parts []string
	var err error
	if len(r.Sign.Parts) > 0 {
		parts, err = r.listed(c, params, s)
	} else {
		parts, err = r.Sign.sorted(params)
	}
	if err != nil {
		return "", err
	}
	prefix, err := r.concat(r.Sign.Prefix, c, params, s)
	if err != nil {
		return "", err
	}
	suffix, err := r.concat(r.Sign.Suffix, c, params, s)
	if err != nil {
		return "", err
	}
	return changed(prefix+strings.Join(parts, r.Sign.Pair)+suffix, r.Sign.Then)
}

// params returns the parameters of a call in the order headers, query, form, JSON, and then
// the headers that the recipe did not add.
func params(c providers.Call, headers []providers.Param) []param {
	var out []param
	for _, p := range slices.Concat(headers, c.Query, c.Form) {
		out = append(out, param{name: p.Name, value: p.Value.Reveal()})
	}
	members, _ := object(c.Body)
	for name, raw := range members {
		value, ok := scalar(raw)
		out = append(out, param{name: name, value: value, nested: !ok})
	}
	for _, p := range c.Header[:len(c.Header)-len(headers)] {
		out = append(out, param{name: p.Name, value: p.Value.Reveal(), named: true})
	}
	return out
}

// scalar returns the text of a JSON string, number or boolean.
func scalar(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err == nil
	case '{', '[', 'n':
		return "", false
	}
	return string(raw), true
}

// sorted returns the included parameters, sorted by name.
func (s Signature) sorted(params []param) ([]string, error) {
	slices.SortStableFunc(params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	var parts []string
	for _, p := range params {
		included := len(s.Include) == 0 && !p.named || slices.Contains(s.Include, p.name)
		if !included || slices.Contains(s.Exclude, p.name) {
			continue
		}
		if p.nested {
			return nil, nested(p.name)
		}
		if p.value != "" || !s.OmitEmpty {
			parts = append(parts, s.pair(p))
		}
	}
	return parts, nil
}

// listed returns the parts that the recipe lists.
func (r recipe) listed(c providers.Call, params []param, s providers.Stamp) ([]string, error) {
	var parts []string
	for _, from := range r.Sign.Parts {
		value, err := r.value(from, c, params, s)
		switch {
		case err != nil:
			return nil, err
		case from.Param == "":
			parts = append(parts, value)
		case value != "" || !r.Sign.OmitEmpty:
			parts = append(parts, r.Sign.pair(param{name: from.Param, value: value}))
		}
	}
	return parts, nil
}

func (s Signature) pair(p param) string {
	value := p.value
	if s.Escape {
		value = providers.Escape(value)
	}
	if s.Names {
		return p.name + s.KeyValue + value
	}
	return value
}

func (r recipe) concat(list []Source, c providers.Call, params []param, s providers.Stamp) (string, error) {
	var b strings.Builder
	for _, from := range list {
		value, err := r.value(from, c, params, s)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// value returns the value of a source.
func (r recipe) value(from Source, c providers.Call, params []param, s providers.Stamp) (string, error) {
	text, err := r.source(from, c, params, s)
	if err != nil {
		return "", err
	}
	return changed(text, from.Then)
}

// changed returns a text after all steps.
func changed(text string, steps []transform.Step) (string, error) {
	text, err := transform.Apply(text, steps)
	if err != nil {
		return "", secret.AdapterFault("then", "a value has not the form that its transformation needs")
	}
	return text, nil
}

func (r recipe) source(from Source, c providers.Call, params []param, s providers.Stamp) (string, error) {
	switch {
	case from.Aspect != "":
		return aspect(from.Aspect, c), nil
	case len(from.Join) > 0:
		list := make([]string, len(from.Join))
		for i, one := range from.Join {
			var err error
			if list[i], err = r.value(one, c, params, s); err != nil {
				return "", err
			}
		}
		return strings.Join(list, from.Separator), nil
	case from.Param == "":
		return r.plain(from, s), nil
	}
	if strings.HasPrefix(from.Param, "/") {
		return r.Sign.member(c, from.Param)
	}
	i := slices.IndexFunc(params, func(p param) bool { return p.name == from.Param })
	switch {
	case i < 0 && r.Sign.OmitEmpty:
		return "", nil
	case i < 0:
		return "", secret.AdapterFault(from.Param, "the adapter's call lacks a parameter that the signature covers")
	case params[i].nested:
		return "", nested(from.Param)
	}
	return params[i].value, nil
}

// member returns a value of the JSON body: the text of a string, anything else as it is
// sent.
func (s Signature) member(c providers.Call, pointer string) (string, error) {
	place, err := strictjson.NewSelector([]string{pointer}, nil)
	if err != nil {
		return "", secret.AdapterFault(pointer, "the name is no JSON pointer")
	}
	found, err := place.Select([]byte(c.Body.Reveal()))
	switch {
	case err == nil && found[0] != nil:
		if text, ok := found[0].Text(); ok {
			return text, nil
		}
		return string(found[0]), nil
	case s.OmitEmpty:
		return "", nil
	}
	return "", secret.AdapterFault(pointer, "the adapter's call lacks a parameter that the signature covers")
}

// aspect returns a part of the call as it is sent.
func aspect(a Aspect, c providers.Call) string {
	switch a {
	case AspectMethod:
		return c.Method
	case AspectPath:
		return c.Path
	case AspectQuery:
		return c.RawQuery().Reveal()
	}
	return c.Payload().Reveal()
}

func nested(name string) error {
	return secret.AdapterFault(name, "the signature covers a JSON member that is neither a string, a number nor a boolean")
}
