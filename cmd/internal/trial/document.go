package trial

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// leaf is a value of a body without others inside it.
type leaf struct {
	at          string // its JSON pointer, or the path of its XML element
	name        string // the last part of at
	kind        string // string, number, boolean or null
	text        string // the value; of a string, without quotes and escapes
	isXML       bool
	isAttribute bool
}

// The kinds of leaves.
const (
	kindString  = "string"
	kindNumber  = "number"
	kindBoolean = "boolean"
	kindNull    = "null"
)

// with returns a text as the body holds it in place of the leaf.
func (l leaf) with(text string) string {
	switch {
	case l.isXML:
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(text)) // a buffer has no errors
		return b.String()
	case l.kind == kindString:
		return quote(text)
	}
	return text
}

// broken returns what no codec takes for a value of a leaf's kind.
func (l leaf) broken() string {
	switch {
	case l.isAttribute:
		return ""
	case l.isXML:
		return "<x/>"
	}
	return "[]"
}

func quote(text string) string {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil { // invalid UTF-8 was replaced
		return string(raw)
	}
	return string(raw)
}

// editor says what stands in a body in place of a leaf and of a member's name.
type editor struct {
	value func(leaf) string
	name  func(string) string // nil keeps the names
}

// errForm is the error of a body that is not read leaf by leaf.
var errForm = errors.New("neither JSON nor simple XML")

// rewrite returns a body with other leaves. All else stays byte for byte.
func rewrite(body []byte, e editor) ([]byte, error) {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) > 0 && trimmed[0] == '<' {
		return rewriteXML(body, e)
	}
	return rewriteJSON(body, "", e)
}

// rewriteJSON rewrites a JSON text, also those that stand in its strings. A member that
// occurs twice is an error.
func rewriteJSON(body []byte, at string, e editor) ([]byte, error) {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	var out bytes.Buffer
	done := 0
	put := func(length int, text string) {
		end := int(d.InputOffset())
		out.Write(body[done : end-length])
		out.WriteString(text)
		done = end
	}
	for {
		switch d.PeekKind() {
		case '{', '}', '[', ']':
			if _, err := d.ReadToken(); err != nil {
				return nil, errForm
			}
		default:
			parent, n := d.StackIndex(d.StackDepth())
			raw, err := d.ReadValue()
			if errors.Is(err, io.EOF) && done > 0 {
				out.Write(body[done:])
				return out.Bytes(), nil
			}
			if err != nil {
				return nil, errForm
			}
			if parent == '{' && n%2 == 0 {
				if e.name != nil {
					put(len(raw), quote(e.name(unquote(raw))))
				}
				continue
			}
			put(len(raw), e.json(raw, at+maskedPointer(string(d.StackPointer()), e.name)))
		}
	}
}

var arrayIndex = regexp.MustCompile(`^[0-9]{1,3}$`)

// maskedPointer returns a pointer whose names went through name.
func maskedPointer(pointer string, name func(string) string) string {
	if name == nil {
		return pointer
	}
	parts := strings.Split(pointer, "/")
	for i, p := range parts[1:] {
		if arrayIndex.MatchString(p) {
			continue
		}
		plain := strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
		parts[i+1] = strings.NewReplacer("~", "~0", "/", "~1").Replace(name(plain))
	}
	return strings.Join(parts, "/")
}

// json returns the text in place of a value.
func (e editor) json(raw jsontext.Value, at string) string {
	l := leaf{at: at, name: at[strings.LastIndexByte(at, '/')+1:], text: string(raw)}
	switch raw.Kind() {
	case '"':
		l.kind, l.text = kindString, unquote(raw)
	case '0':
		l.kind = kindNumber
	case 'n':
		l.kind = kindNull
	default:
		l.kind = kindBoolean
	}
	if inner := strings.TrimSpace(l.text); l.kind == kindString && strings.HasPrefix(inner, "{") {
		if text, err := rewriteJSON([]byte(l.text), at+"#", e); err == nil {
			return quote(string(text))
		}
	}
	return e.value(l)
}

func unquote(raw jsontext.Value) string {
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil { // the decoder has checked it
		return ""
	}
	return string(text)
}

// rewriteXML rewrites the texts and attributes of an XML document. Comments are an error,
// since they could hold anything.
func rewriteXML(body []byte, e editor) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	var out bytes.Buffer
	var path []string
	count := map[string]int{}
	for {
		begin := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) && out.Len() > 0 {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, errForm
		}
		raw := body[begin:d.InputOffset()]
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			if len(token.Attr) > 0 && strings.EqualFold(path[0], "html") {
				return nil, errForm // a page of something between vendor and client
			}
			if raw, err = e.tag(raw, token, "/"+strings.Join(path, "/")); err != nil {
				return nil, err
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				at := "/" + strings.Join(path, "/")
				if count[at]++; count[at] > 1 {
					at += "/" + strconv.Itoa(count[at]-1)
				}
				raw = []byte(e.value(leaf{at: at, name: last(path), kind: kindString, text: string(token), isXML: true}))
			}
		case xml.ProcInst:
			if token.Target != "xml" {
				return nil, errForm
			}
		default:
			return nil, errForm
		}
		out.Write(raw)
	}
}

// attribute is an attribute as it stands in a tag: what is before its value, and the value.
var attribute = regexp.MustCompile(`(\s[^\s=<>"'/]+\s*=\s*)("[^"]*"|'[^']*')`)

// tag rewrites the values of a tag's attributes. Names that could be personal are an error.
func (e editor) tag(raw []byte, token xml.StartElement, at string) ([]byte, error) {
	names := []string{token.Name.Local}
	for _, a := range token.Attr {
		names = append(names, a.Name.Local)
	}
	for _, name := range names {
		if e.name != nil && e.name(name) != name {
			return nil, errForm
		}
	}
	if len(attribute.FindAll(raw, -1)) != len(token.Attr) {
		return nil, errForm
	}
	i := -1
	return attribute.ReplaceAllFunc(raw, func(one []byte) []byte {
		i++
		name := token.Attr[i].Name.Local
		l := leaf{at: at + "/@" + name, name: name, kind: kindString, text: token.Attr[i].Value, isXML: true, isAttribute: true}
		return []byte(string(attribute.FindSubmatch(one)[1]) + `"` + e.value(l) + `"`)
	}), nil
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

// leaves returns the leaves of a body, with the names as they are.
func leaves(body []byte) ([]leaf, error) {
	var list []leaf
	_, err := rewrite(body, editor{value: func(l leaf) string {
		list = append(list, l)
		return l.with(l.text)
	}})
	return list, err
}
