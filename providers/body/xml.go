package body

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// maxElements is how many elements and attributes a document may have.
const maxElements = 4 * strictjson.MaxMembers

// element is an element of XML.
type element struct {
	name     xml.Name // Space is the prefix as written
	attrs    []xml.Attr
	text     string // without space around it
	children []*element
}

// xmlReader builds the tree of a document.
type xmlReader struct {
	root  *element
	open  []*element
	count int
}

// readXML reads a document in UTF-8. It refuses a document type, which can define entities.
func readXML(text []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // Format.Decode has decoded it
	var x xmlReader
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || x.token(t) != nil {
			return nil, errBody
		}
	}
	if len(x.open) > 0 || x.root == nil {
		return nil, errBody
	}
	return x.root, nil
}

func (x *xmlReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return x.start(t.Copy())
	case xml.EndElement:
		n := len(x.open) - 1
		if n < 0 || x.open[n].name != t.Name {
			return errBody
		}
		x.open[n].text = strings.TrimSpace(x.open[n].text)
		x.open = x.open[:n]
	case xml.CharData:
		if n := len(x.open) - 1; n >= 0 {
			x.open[n].text += string(t)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errBody
		}
	case xml.Directive:
		return errBody
	}
	return nil
}

func (x *xmlReader) start(t xml.StartElement) error {
	x.count += 1 + len(t.Attr)
	if x.count > maxElements || len(x.open) == strictjson.MaxDepth || x.root != nil && len(x.open) == 0 {
		return errBody
	}
	e := &element{name: t.Name, attrs: t.Attr}
	if n := len(x.open) - 1; n >= 0 {
		x.open[n].children = append(x.open[n].children, e)
	} else {
		x.root = e
	}
	x.open = append(x.open, e)
	return nil
}

// xmlTexts collects the texts of a document, see [Format.Texts].
type xmlTexts struct {
	texts map[string]string
	seen  map[string]string // path in small letters → path
	twice map[string]bool
}

func (e *element) texts() map[string]string {
	x := xmlTexts{map[string]string{}, map[string]string{}, map[string]bool{}}
	x.collect(e, "")
	for p := range x.texts {
		if x.ambiguous(p) {
			delete(x.texts, p)
		}
	}
	return x.texts
}

func (x *xmlTexts) collect(e *element, path string) {
	path += "/" + EscapeSegment(e.name.Local)
	x.note(path)
	for _, a := range e.attrs {
		p := path + "/@" + EscapeSegment(a.Name.Local)
		x.note(p)
		x.texts[p] = a.Value
	}
	for _, c := range e.children {
		x.collect(c, path)
	}
	if len(e.children) == 0 {
		x.texts[path] = e.text
	}
}

// note remembers a path, and that it is there twice.
func (x *xmlTexts) note(path string) {
	lower := strings.ToLower(path)
	if other, ok := x.seen[lower]; ok {
		x.twice[path], x.twice[other] = true, true
	}
	x.seen[lower] = path
}

// ambiguous reports whether a path or one above it is there twice.
func (x *xmlTexts) ambiguous(path string) bool {
	for p := path; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
		if x.twice[p] {
			return true
		}
	}
	return false
}

// textOf is the member with the text of an element that has attributes.
const textOf = "#text"

// document returns the root element as an object with one member.
func (e *element) document() []byte {
	return object([]group{{qualified(e.name), [][]byte{e.value()}}})
}

func (e *element) value() []byte {
	if len(e.attrs) == 0 && len(e.children) == 0 {
		return quote(e.text)
	}
	var groups []group
	for _, a := range e.attrs {
		groups = add(groups, "@"+qualified(a.Name), quote(a.Value))
	}
	for _, c := range e.children {
		groups = add(groups, qualified(c.name), c.value())
	}
	if len(e.children) == 0 && e.text != "" {
		groups = add(groups, textOf, quote(e.text))
	}
	return object(groups)
}

func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// printXML prints a document with one root element.
func (f Format) printXML(root *tree) ([]byte, error) {
	if root.kind != '{' || len(root.names) != 1 {
		return nil, errPrint
	}
	charset := UTF8
	if f.charset() != nil {
		charset = f.Encoding
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="` + strings.ToUpper(charset) + `"?>` + "\n")
	if err := writeElement(&b, root.names[0], root.members[0]); err != nil {
		return nil, err
	}
	// What cannot be read again is no XML: a name with a space, a control character.
	if _, err := readXML(b.Bytes()); err != nil {
		return nil, errPrint
	}
	return f.encode(b.Bytes())
}

// writeElement writes one element, or one for each item of an array.
func writeElement(b *bytes.Buffer, name string, t *tree) error {
	if t.kind == '[' && len(t.members) > 0 {
		for _, item := range t.members {
			if item.kind == '[' {
				return errPrint
			}
			if err := writeElement(b, name, item); err != nil {
				return err
			}
		}
		return nil
	}
	b.WriteString("<" + name)
	for i, member := range t.names {
		if attribute, ok := strings.CutPrefix(member, "@"); ok {
			if err := writeAttribute(b, attribute, t.members[i]); err != nil {
				return err
			}
		}
	}
	b.WriteByte('>')
	if err := writeContent(b, t); err != nil {
		return err
	}
	b.WriteString("</" + name + ">")
	return nil
}

func writeAttribute(b *bytes.Buffer, name string, t *tree) error {
	values := []*tree{t}
	if t.kind == '[' && len(t.members) > 0 {
		values = t.members
	}
	for _, v := range values {
		text, ok := v.scalar()
		if !ok {
			return errPrint
		}
		b.WriteString(" " + name + `="`)
		if err := escape(b, text); err != nil {
			return err
		}
		b.WriteByte('"')
	}
	return nil
}

// writeContent writes what stands within an element.
func writeContent(b *bytes.Buffer, t *tree) error {
	if text, ok := t.scalar(); ok {
		return escape(b, text)
	}
	for i, member := range t.names {
		switch {
		case member == textOf:
			text, ok := t.members[i].scalar()
			if !ok {
				return errPrint
			}
			if err := escape(b, text); err != nil {
				return err
			}
		case !strings.HasPrefix(member, "@"):
			if err := writeElement(b, member, t.members[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func escape(b *bytes.Buffer, text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }) {
		return errPrint // XML has no such character
	}
	return xml.EscapeText(b, []byte(text))
}
