package trial

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Rehearsal is a call that was not sent, with all headers, and what it would be about another
// person and with other secrets. A value is shown if it is the same in all three. A zero call
// hides all.
type Rehearsal struct {
	Query                           idv.Query
	BaseURL                         string
	Real, OtherPerson, OtherSecrets providers.Call
}

// Request is a call that can be printed.
type Request struct {
	Method     string      `json:"method"`
	URL        string      `json:"url"` // without the query string
	Parameters []Parameter `json:"parameters"`
	Body       string      `json:"body,omitempty"` // a form is among the parameters
}

// Parameter is a header or a parameter of the query string or the form.
type Parameter struct {
	In    string `json:"in"` // header, query or form
	Name  string `json:"name"`
	Value string `json:"value"`
	Use   string `json:"use,omitempty"` // the claim, or what the value is made from
	Shown bool   `json:"shown"`         // as it would be sent
}

// What a value that is not shown is made from.
const (
	useClaims = "made from claims"
	useSecret = "secret or signature"
)

// hidden stands for a value that is not shown.
const hidden = "***"

// Mask returns the request in which claims, secrets and what is made from them are masked.
func (r Rehearsal) Mask() Request {
	out := Request{Method: r.Real.Method, URL: r.Real.Path, Parameters: []Parameter{}}
	if base, err := url.Parse(r.BaseURL); err == nil {
		out.URL = base.Scheme + "://" + base.Host + r.Real.Path
	}
	for _, list := range []struct {
		in string
		of func(providers.Call) []providers.Param
	}{
		{"header", func(c providers.Call) []providers.Param { return c.Header }},
		{"query", func(c providers.Call) []providers.Param { return c.Query }},
		{"form", func(c providers.Call) []providers.Param { return c.Form }},
	} {
		person, secrets := list.of(r.OtherPerson), list.of(r.OtherSecrets)
		for _, p := range list.of(r.Real) {
			text, use := r.value(p.Value, find(person, p.Name), find(secrets, p.Name))
			if list.in == "header" && p.Name == "Content-Length" { // a number of bytes names no one
				text, use = p.Value.Reveal(), ""
			}
			out.Parameters = append(out.Parameters, Parameter{In: list.in, Name: p.Name, Value: text, Use: use, Shown: use == ""})
		}
	}
	if !r.Real.Body.IsZero() {
		out.Body = r.body(r.Real.Body, r.OtherPerson.Body, r.OtherSecrets.Body)
	}
	return out
}

func find(list []providers.Param, name string) idv.Sensitive {
	i := slices.IndexFunc(list, func(p providers.Param) bool { return p.Name == name })
	if i < 0 {
		return idv.Sensitive{}
	}
	return list[i].Value
}

// value returns what is shown of a value, and its use if that is not the value itself.
func (r Rehearsal) value(own, person, secrets idv.Sensitive) (text, use string) {
	plain := own.Reveal()
	switch {
	case own.Equal(person) && own.Equal(secrets):
		return plain, ""
	case !own.Equal(secrets):
		return words(plain, person.Reveal(), secrets.Reveal()), useSecret
	}
	for _, c := range idv.CheckIDNameMobileBankCard.Claims().List() {
		if claim := r.Query.Subject.Claim(c); !claim.IsZero() && claim.Equal(own) {
			return masked(c, claim), c.String()
		}
	}
	if strings.HasPrefix(plain, "{") || strings.HasPrefix(plain, "[") {
		return r.body(own, person, secrets), useClaims
	}
	return hidden, useClaims
}

func masked(c idv.Claim, claim idv.Sensitive) string {
	if c == idv.ClaimName {
		return claim.MaskName()
	}
	return claim.MaskNumber()
}

// body returns a body whose values are masked one by one if it is JSON or simple XML, else
// word by word.
func (r Rehearsal) body(own, person, secrets idv.Sensitive) string {
	same, _ := leaves([]byte(person.Reveal())) // a body of another form has no leaf at the same place
	other, _ := leaves([]byte(secrets.Reveal()))
	at := func(list []leaf, l leaf) idv.Sensitive {
		i := slices.IndexFunc(list, func(o leaf) bool { return o.at == l.at })
		if i < 0 {
			return idv.Sensitive{}
		}
		return idv.NewSensitive(list[i].text)
	}
	text, err := rewrite([]byte(own.Reveal()), editor{value: func(l leaf) string {
		shown, use := r.value(idv.NewSensitive(l.text), at(same, l), at(other, l))
		if use != "" && l.kind != kindString {
			return shown // a mask of a number or a boolean stands for itself
		}
		return l.with(shown)
	}})
	if err == nil {
		return string(text)
	}
	return words(own.Reveal(), person.Reveal(), secrets.Reveal())
}

// word is a run of characters between which a masked text is taken apart.
var word = regexp.MustCompile(`[\p{L}\p{N}\p{M}+/=_.~%@·*-]+`)

// words returns a text whose words are masked where one of the others differs.
func words(text string, others ...string) string {
	list := word.FindAllString(text, -1)
	var each [][]string
	for _, other := range others {
		found := word.FindAllString(other, -1)
		if len(found) != len(list) {
			return hidden
		}
		each = append(each, found)
	}
	i := -1
	return word.ReplaceAllStringFunc(text, func(w string) string {
		i++
		for _, found := range each {
			if found[i] != w {
				return hidden
			}
		}
		return w
	})
}
