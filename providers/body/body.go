// Package body reads and prints the bodies of vendors' replies: JSON, XML, forms and texts,
// in UTF-8 or GBK.
//
// A [Format] prints each of them as a JSON document and back, so that the contract test and
// the sandbox change bodies of every kind with one set of functions. Adapters read bodies
// that are not JSON with [Format.Texts].
package body

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// The forms of bodies.
const (
	JSON = "json"
	XML  = "xml"
	Form = "form"
	Text = "text"
)

// The encodings of bodies.
const (
	UTF8    = "utf-8"
	GBK     = "gbk"
	GB18030 = "gb18030"
)

// Format is the kind of a product's bodies. The zero value is JSON in UTF-8.
type Format struct {
	Form      string // JSON if empty
	Encoding  string // UTF8 if empty
	Separator string // between the parts of a text; "" if it has one part
}

// Formatted is a codec that states the format of its replies.
type Formatted interface{ Format() Format }

var (
	errBody  = errors.New("the body has not the declared form")
	errPrint = errors.New("the document cannot be written in this form of body")
)

// IsJSON reports whether the bodies are JSON.
func (f Format) IsJSON() bool { return f.Form == "" || f.Form == JSON }

// String returns the form, and the encoding if it is not UTF-8: "xml, gbk".
func (f Format) String() string {
	form := f.Form
	if form == "" {
		form = JSON
	}
	if f.charset() != nil {
		form += ", " + f.Encoding
	}
	return form
}

// Sniff returns the format that bodies are recorded in. Bodies that are empty or a page of
// HTML say nothing. A text is taken as one part.
func Sniff(bodies ...[]byte) Format {
	var f Format
	for _, b := range bodies {
		if !utf8.Valid(b) || bytes.Contains(bytes.ToLower(head(b)), []byte("encoding=\"gb")) {
			f.Encoding = GB18030
		}
	}
	for _, b := range bodies {
		b = bytes.ToLower(bytes.TrimSpace(b))
		if len(b) == 0 || bytes.HasPrefix(b, []byte("<!doctype")) || bytes.HasPrefix(b, []byte("<html")) {
			continue
		}
		f.Form = f.formOf(b)
		break
	}
	return f
}

func (f Format) formOf(b []byte) string {
	switch b[0] {
	case '{', '[':
		return JSON
	case '<':
		return XML
	}
	if _, err := f.pairs(b); err != nil {
		return Text
	}
	return Form
}

// head returns the line of an XML declaration.
func head(b []byte) []byte {
	b, _, _ = bytes.Cut(b, []byte("?>"))
	return b[:min(len(b), 100)]
}

func (f Format) charset() encoding.Encoding {
	switch f.Encoding {
	case GBK:
		return simplifiedchinese.GBK
	case GB18030:
		return simplifiedchinese.GB18030
	}
	return nil
}

// Decode returns bytes of the format's encoding in UTF-8. It refuses bytes that are not of
// the encoding.
func (f Format) Decode(raw []byte) ([]byte, error) {
	c := f.charset()
	if c == nil {
		if !utf8.Valid(raw) {
			return nil, errBody
		}
		return raw, nil
	}
	text, err := c.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errBody
	}
	return text, nil
}

// encode returns a text in the format's encoding.
func (f Format) encode(text []byte) ([]byte, error) {
	c := f.charset()
	if c == nil {
		return text, nil
	}
	raw, err := c.NewEncoder().Bytes(text)
	if err != nil {
		return nil, errPrint
	}
	return raw, nil
}

// Document returns a body as a JSON document: an object with the members of a form, the
// parts of a text under "0", "1" and so on, or the root element of XML. An element is an
// object of its attributes ("@name"), its elements, and its text ("#text") if it has
// attributes; one with nothing but a text is that text. Elements with one name, and members
// of a form with one name, are an array. A JSON document within a string is the member
// "#json" or "#base64" of an object in its place.
//
// An empty body has no document.
func (f Format) Document(raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if f.Form == Form {
		return f.formDocument(raw)
	}
	text, err := f.Decode(raw)
	if err != nil {
		return nil, err
	}
	switch f.Form {
	case XML:
		root, err := readXML(text)
		if err != nil {
			return nil, err
		}
		return root.document(), nil
	case Text:
		return textDocument(string(text), f.Separator), nil
	}
	return unfold(text)
}

// Print returns the body of a document, the inverse of [Format.Document]. The error says
// that the form has no body for it. A JSON document need not be strict.
func (f Format) Print(document []byte) ([]byte, error) {
	if len(document) == 0 {
		return nil, nil
	}
	if f.IsJSON() {
		text, err := fold(document)
		if err != nil {
			return nil, err
		}
		return f.encode(text)
	}
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	switch f.Form {
	case XML:
		return f.printXML(root)
	case Form:
		return f.printForm(root)
	}
	return f.printText(root)
}

// Texts returns the texts of a body that is not JSON by JSON pointer; those of XML as
// /root/element and /root/element/@attribute. Of elements with one name in one place, in
// whatever letter case, none has a text, since two readers could read different ones. A form
// with such names is refused.
func (f Format) Texts(raw []byte) (map[string]string, error) {
	if f.Form == Form {
		return f.formTexts(raw)
	}
	text, err := f.Decode(raw)
	if err != nil {
		return nil, err
	}
	if f.Form == XML {
		root, err := readXML(text)
		if err != nil {
			return nil, err
		}
		return root.texts(), nil
	}
	return textParts(string(text), f.Separator), nil
}
