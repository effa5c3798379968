package replica

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// A claim can stand in any value of a message, so values are never logged.

// place is where a value stands in a request.
type place struct {
	in   string // query, form, json, xml, multipart or body
	name string // of the parameter; in JSON, the path of the member
}

// value is one value of a request.
type value struct {
	place
	kind byte // the first byte of a JSON value, 0 elsewhere
	text string
}

// message is a request without its headers, taken apart.
type message struct {
	method, path string
	mediaType    string // of the body, with its parameters except a boundary
	values       []value
}

const (
	inQuery     = "query"
	inForm      = "form"
	inJSON      = "json"
	inXML       = "xml"
	inMultipart = "multipart"
	inBody      = "body"
	inHeader    = "header" // of marks only
)

// maxValues limits the values of a request. Real ones have below twenty.
const maxValues = 256

var errMalformed = errors.New("the request cannot be parsed")

// parse takes a request apart. It refuses what two readers could read differently.
func parse(method, path, rawQuery, contentType string, body []byte) (message, error) {
	m := message{method: method, path: path}
	query, err := pairs(inQuery, rawQuery)
	if err != nil {
		return message{}, err
	}
	var boundary string
	if m.mediaType, boundary, err = media(contentType); err != nil {
		return message{}, err
	}
	content, err := content(m.mediaType, boundary, body)
	m.values = slices.Concat(query, content)
	if err != nil || len(m.values) > maxValues {
		return message{}, errMalformed
	}
	return m, nil
}

// ofCall takes a call apart as its request arrives.
func ofCall(c providers.Call) (message, error) {
	return parse(c.Method, c.Path, plain(c.RawQuery()), c.ContentTypeHeader(), []byte(plain(c.Payload())))
}

// media returns a media type in one form, and the boundary of a multipart body apart: a
// client may choose that freely.
func media(contentType string) (mediaType, boundary string, err error) {
	if contentType == "" {
		return "", "", nil
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", "", errMalformed
	}
	boundary = params["boundary"]
	delete(params, "boundary")
	for _, name := range slices.Sorted(maps.Keys(params)) {
		mediaType += "; " + name + "=" + strings.ToLower(params[name])
	}
	return mediaType, boundary, nil
}

func content(mediaType, boundary string, raw []byte) ([]value, error) {
	bare, _, _ := strings.Cut(mediaType, ";")
	switch {
	case len(raw) == 0:
		return nil, nil
	case bare == "application/x-www-form-urlencoded":
		return pairs(inForm, string(raw))
	case bare == "multipart/form-data":
		return parts(raw, boundary)
	case strings.HasSuffix(bare, "json"):
		return members(raw)
	case strings.HasSuffix(bare, "xml"):
		return elements(raw)
	}
	return []value{{place{inBody, ""}, 0, string(raw)}}, nil
}

// pairs parses a query string or a form in its order.
func pairs(in, raw string) ([]value, error) {
	if raw == "" {
		return nil, nil
	}
	var list []value
	for pair := range strings.SplitSeq(raw, "&") {
		name, text, ok := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		text, err2 := url.QueryUnescape(text)
		if !ok || err1 != nil || err2 != nil || name == "" || len(list) == maxValues {
			return nil, errMalformed
		}
		list = append(list, value{place{in, name}, 0, text})
	}
	return list, nil
}

func parts(body []byte, boundary string) ([]value, error) {
	if boundary == "" {
		return nil, errMalformed
	}
	var list []value
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil || len(list) == maxValues || part.FormName() == "" || part.FileName() != "" {
			return nil, errMalformed
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, errMalformed
		}
		list = append(list, value{place{inMultipart, part.FormName()}, 0, string(text)})
	}
}

// elements returns the texts and attributes of an XML body, in UTF-8.
func elements(raw []byte) ([]value, error) {
	f := body.Format{Form: body.XML, Encoding: body.Sniff(raw).Encoding}
	document, err := f.Document(raw)
	if err != nil {
		return nil, errMalformed
	}
	list, err := members(document)
	for i := range list {
		list[i].in = inXML
	}
	return list, err
}

// members returns the scalars of a JSON body. A string that is a JSON object is taken apart
// too, since some vendors put JSON into JSON.
func members(body []byte) ([]value, error) {
	if _, err := strictjson.Members(body); err != nil {
		return nil, errMalformed
	}
	var list []value
	walk(body, "", &list)
	return list, nil
}

// walk appends the scalars of a valid JSON value. An empty object or array is one.
func walk(raw json.RawMessage, name string, list *[]value) {
	raw = bytes.TrimSpace(raw)
	if len(*list) > maxValues {
		return
	}
	switch raw[0] {
	case '{':
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) == nil && len(object) > 0 {
			for _, member := range slices.Sorted(maps.Keys(object)) {
				walk(object[member], name+"/"+member, list)
			}
			return
		}
	case '[':
		var array []json.RawMessage
		if json.Unmarshal(raw, &array) == nil && len(array) > 0 {
			for i, element := range array {
				walk(element, fmt.Sprintf("%s/%d", name, i), list)
			}
			return
		}
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text) // strictjson has read it
		if _, err := strictjson.Members([]byte(text)); err == nil && strings.HasPrefix(text, "{") {
			walk(json.RawMessage(text), name+"#", list)
			return
		}
		*list = append(*list, value{place{inJSON, name}, '"', text})
		return
	}
	*list = append(*list, value{place{inJSON, name}, raw[0], string(raw)})
}

// at returns the value at a place, and how many there are.
func (m message) at(p place) (found value, n int) {
	for _, v := range m.values {
		if v.place == p {
			found = v
			n++
		}
	}
	return found, n
}

// without returns the message without the values at some places.
func (m message) without(places []place) message {
	m.values = slices.DeleteFunc(slices.Clone(m.values), func(v value) bool { return slices.Contains(places, v.place) })
	return m
}
