package draft

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// hostHeaders are headers that the host sets, or that only a browser sends.
func hostHeaders() []string {
	return []string{
		"host", "accept", "accept-encoding", "accept-language", "content-type", "content-length", "connection", "user-agent", "origin",
		"referer", "cookie", "cache-control", "pragma", "priority", "dnt", "te",
	}
}

// request drafts the parameters.
func (d *drafter) request(u *url.URL, e Exchange) error {
	for _, h := range e.Header {
		d.header(h)
	}
	query, err := pairs(u.RawQuery)
	if err != nil {
		return errors.New("the query string is not percent-encoded")
	}
	for _, p := range query {
		d.add("query", p.Name, p.Value)
	}
	body := strings.TrimSpace(e.Body)
	switch {
	case body == "":
		return nil
	case strings.HasPrefix(body, "{"):
		return d.json(body)
	}
	form, err := pairs(body)
	if err != nil || strings.ContainsAny(body, "<\n") {
		d.note("request: the body is neither a form nor a JSON object; describe it with body")
		return nil
	}
	for _, p := range form {
		d.add("form", p.Name, p.Value)
	}
	return nil
}

func (d *drafter) header(h Field) {
	name := strings.ToLower(h.Name)
	switch {
	case name == "authorization" && strings.HasPrefix(h.Value, "APPCODE "):
		d.auth = []string{"xca", "appcode"}
	case name == "authorization" && strings.HasPrefix(h.Value, "Bearer "):
		d.auth = []string{"oauth2"}
		d.note("auth: a bearer token; oauth2 fetches it with client credentials, token describes another way")
	case name == "x-apig-appcode":
		d.auth = []string{"apig_appcode"}
	case strings.HasPrefix(name, "x-ca-"):
		d.auth = []string{"xca", "appcode"}
	case slices.Contains(hostHeaders(), name), strings.HasPrefix(name, ":"), strings.HasPrefix(name, "sec-"):
	default:
		d.add("header", h.Name, h.Value)
	}
}

// json drafts the members of a JSON body.
func (d *drafter) json(body string) error {
	v, err := decode(body)
	if err != nil {
		return errors.New("the body of the request begins like JSON and is none")
	}
	walk(v, "", func(pointer string, leaf any) {
		name := pointer
		if strings.Count(pointer, "/") == 1 {
			name = unescape(pointer[1:])
		}
		text, isText := leaf.(string)
		if !isText {
			b, _ := json.Marshal(leaf)
			text = string(b)
		}
		d.add("json", name, text)
	})
	return nil
}

// pairs returns the pairs of a query string or a form in their order.
func pairs(text string) ([]Field, error) {
	var list []Field
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == '&' }) {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		list = append(list, Field{name, value})
	}
	return list, nil
}
