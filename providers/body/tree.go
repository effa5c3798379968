package body

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// tree is a value of a document: an object, an array or a scalar.
type tree struct {
	kind    jsontext.Kind // of its first token
	raw     jsontext.Value
	names   []string // of the members of an object, which may be there twice
	members []*tree  // or the items of an array
}

// parse reads a document, also one with duplicate names.
func parse(document []byte) (*tree, error) {
	d := jsontext.NewDecoder(bytes.NewReader(document), jsontext.AllowDuplicateNames(true))
	t, err := read(d, 0)
	if err != nil {
		return nil, errPrint
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errPrint
	}
	return t, nil
}

func read(d *jsontext.Decoder, depth int) (*tree, error) {
	t := &tree{kind: d.PeekKind()}
	if t.kind != '{' && t.kind != '[' {
		raw, err := d.ReadValue()
		t.raw = raw.Clone()
		return t, err
	}
	if depth > 2*strictjson.MaxDepth {
		return nil, errPrint
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for k := d.PeekKind(); k != '}' && k != ']'; k = d.PeekKind() {
		if t.kind == '{' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			t.names = append(t.names, name.String())
		}
		m, err := read(d, depth+1)
		if err != nil {
			return nil, err
		}
		t.members = append(t.members, m)
	}
	_, err := d.ReadToken()
	return t, err
}

// scalar returns the text of a string, a number or a boolean, "" for null and for what is
// empty, and whether the value is one of these.
func (t *tree) scalar() (string, bool) {
	switch t.kind {
	case '"':
		text, err := jsontext.AppendUnquote(nil, t.raw)
		return string(text), err == nil
	case 'n':
		return "", true
	case '{', '[':
		return "", len(t.members) == 0
	}
	return string(t.raw), true
}

// quote returns a text as a JSON string.
func quote(text string) []byte {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return []byte(`""`)
	}
	return raw
}

// group is a named list of values, in the order of their first ones.
type group struct {
	name   string
	values [][]byte
}

// object returns an object in which values of one name are an array.
func object(groups []group) []byte {
	b := []byte{'{'}
	for i, g := range groups {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, quote(g.name)...), ':')
		if len(g.values) == 1 {
			b = append(b, g.values[0]...)
			continue
		}
		b = append(append(append(b, '['), bytes.Join(g.values, []byte(","))...), ']')
	}
	return append(b, '}')
}

func add(groups []group, name string, value []byte) []group {
	for i := range groups {
		if groups[i].name == name {
			groups[i].values = append(groups[i].values, value)
			return groups
		}
	}
	return append(groups, group{name, [][]byte{value}})
}

// The members that stand for a JSON document within a string.
const (
	withinText   = "#json"
	withinBase64 = "#base64"
)

// unfold replaces strings that hold a JSON object by the object, one member deeper. A
// document without any is returned as it is.
func unfold(document []byte) ([]byte, error) {
	if _, err := strictjson.Members(document); err != nil {
		return nil, errBody
	}
	return rewrite(document, func(raw []byte) []byte {
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return raw
		}
		name := withinText
		if decoded, err := base64.StdEncoding.DecodeString(string(text)); err == nil && len(text) > 0 {
			name, text = withinBase64, decoded
		}
		if !bytes.HasPrefix(text, []byte("{")) {
			return raw
		}
		inner, err := unfold(text)
		if err != nil {
			return raw
		}
		return object([]group{{name, [][]byte{inner}}})
	}), nil
}

// rewrite replaces the string values of a valid document, and leaves all else as it is.
func rewrite(document []byte, by func([]byte) []byte) []byte {
	d := jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true))
	var out []byte
	done := 0
	for {
		kind, count := d.StackIndex(d.StackDepth())
		name := kind == '{' && count%2 == 0
		if d.PeekKind() != '"' || name {
			if _, err := d.ReadToken(); err != nil {
				return append(out, document[done:]...)
			}
			continue
		}
		raw, err := d.ReadValue()
		if err != nil {
			return append(out, document[done:]...)
		}
		end := int(d.InputOffset())
		out = append(append(out, document[done:end-len(raw)]...), by(raw)...)
		done = end
	}
}

// fold is the inverse of unfold. A document without such members is returned as it is, also
// if it is no JSON at all.
func fold(document []byte) ([]byte, error) {
	if !bytes.Contains(document, []byte(withinText)) && !bytes.Contains(document, []byte(withinBase64)) {
		return document, nil
	}
	t, err := parse(document)
	if err != nil {
		return nil, err
	}
	return t.folded(), nil
}

func (t *tree) folded() []byte {
	switch {
	case t.kind != '{' && t.kind != '[':
		return t.raw
	case len(t.names) == 1 && (t.names[0] == withinText || t.names[0] == withinBase64):
		inner := string(t.members[0].folded())
		if t.names[0] == withinBase64 {
			inner = base64.StdEncoding.EncodeToString([]byte(inner))
		}
		return quote(inner)
	}
	var b bytes.Buffer
	b.WriteByte(byte(t.kind))
	for i, m := range t.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if t.kind == '{' {
			b.Write(quote(t.names[i]))
			b.WriteByte(':')
		}
		b.Write(m.folded())
	}
	b.WriteString(strings.NewReplacer("{", "}", "[", "]").Replace(string(byte(t.kind))))
	return b.Bytes()
}
