package radar

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/engine/idv"
)

// The limits of what is read of a reply.
const (
	maxMembers = 128
	maxDepth   = 8
	maxName    = 64
	maxDigits  = 5
)

// hidden stands for a name that may be a value.
const hidden = "?"

// xmlType is the type of a member of an XML reply, which says nothing of types.
const xmlType = "xml"

// member is the place and the type of a value in a reply, never the value.
type member struct{ path, kind string }

var errShape = errors.New("no document whose members can be read")

// shape returns the members of a reply, each once, in the order of the document.
func shape(body []byte, s idv.Subject) ([]member, error) {
	r := reader{subject: s}
	body = bytes.TrimLeft(body, " \t\r\n")
	var err error
	switch {
	case len(body) == 0:
		return nil, errShape
	case body[0] == '{':
		r.json = jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		err = r.value("", 0)
	case bytes.HasPrefix(body, []byte("<?xml")):
		err = r.elements(xml.NewDecoder(bytes.NewReader(body)))
	default:
		return nil, errShape
	}
	if err != nil {
		return nil, errShape // the text of err can hold a part of the reply
	}
	return r.members, nil
}

type reader struct {
	subject idv.Subject
	json    *jsontext.Decoder
	members []member
}

// add adds a member. It reports an error if there are too many.
func (r *reader) add(m member) error {
	for _, known := range r.members {
		if known == m {
			return nil
		}
	}
	if len(r.members) == maxMembers {
		return errShape
	}
	r.members = append(r.members, m)
	return nil
}

// value reads a value in JSON.
func (r *reader) value(path string, depth int) error {
	if depth > maxDepth {
		return errShape
	}
	kind := r.json.PeekKind()
	if path != "" {
		if err := r.add(member{path, typeOf(kind)}); err != nil {
			return err
		}
	}
	if kind != '{' && kind != '[' {
		return r.json.SkipValue()
	}
	if _, err := r.json.ReadToken(); err != nil {
		return err
	}
	for {
		switch next := r.json.PeekKind(); {
		case next == '}' || next == ']':
			_, err := r.json.ReadToken()
			return err
		case kind == '[':
			if err := r.value(path+"/*", depth+1); err != nil {
				return err
			}
			continue
		}
		name, err := r.json.ReadToken()
		if err != nil {
			return err
		}
		if err := r.value(path+"/"+r.name(name.String()), depth+1); err != nil {
			return err
		}
	}
}

func typeOf(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case '0':
		return "number"
	case 't', 'f':
		return "boolean"
	}
	return "null"
}

// elements reads the elements and attributes of an XML document.
func (r *reader) elements(d *xml.Decoder) error {
	d.CharsetReader = asIs
	var path []string
	for {
		token, err := d.RawToken()
		if token == nil {
			if len(path) > 0 || len(r.members) == 0 || err == nil {
				return errShape
			}
			return nil
		}
		switch e := token.(type) {
		case xml.StartElement:
			path = append(path, r.name(e.Name.Local))
			at := "/" + strings.Join(path, "/")
			if len(path) > maxDepth {
				return errShape
			}
			if err := r.add(member{at, xmlType}); err != nil {
				return err
			}
			for _, a := range e.Attr {
				if err := r.add(member{at + "/@" + r.name(a.Name.Local), xmlType}); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if len(path) == 0 {
				return errShape
			}
			path = path[:len(path)-1]
		}
	}
}

// name returns a name as a segment of a path, or hidden if it may be a value: if it is long,
// has many digits, other characters than names have, or a claim.
func (r *reader) name(name string) string {
	digits := 0
	for _, c := range name {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.ContainsRune("_-.:$ ", c):
		default:
			return hidden
		}
	}
	if name == "" || len(name) > maxName || digits > maxDigits || r.subject.PartIn(name) {
		return hidden
	}
	return name
}
