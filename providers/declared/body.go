package declared

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// The forms of bodies.
const (
	bodyJSON = "json"
	bodyXML  = "xml"
	bodyForm = "form"
	bodyText = "text"
)

// body reads the watched values of a body.
type body struct {
	form      string
	encoding  string
	separator string
	pointers  []string
	selector  *strictjson.Selector
}

var errBody = errors.New("the body has not the declared form")

// values returns the watched values, each as JSON. An empty body has none.
func (b body) values(raw []byte) ([]strictjson.Value, error) {
	raw, err := b.decode(raw)
	switch {
	case err != nil:
		return nil, err
	case len(raw) == 0:
		return make([]strictjson.Value, len(b.pointers)), nil
	case b.form == bodyJSON:
		return b.selector.Select(raw)
	}
	var texts map[string]string
	switch b.form {
	case bodyXML:
		texts, err = readXML(raw)
	case bodyForm:
		texts, err = readForm(string(raw))
	default:
		texts, err = readText(string(raw), b.separator), nil
	}
	if err != nil {
		return nil, err
	}
	values := make([]strictjson.Value, len(b.pointers))
	for i, p := range b.pointers {
		if text, ok := texts[p]; ok {
			values[i], err = jsontext.AppendQuote(nil, text)
			if err != nil {
				return nil, errBody
			}
		}
	}
	return values, nil
}

func unbase64(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err
}

// decode returns the body in UTF-8.
func (b body) decode(raw []byte) ([]byte, error) {
	var decoder *encoding.Decoder
	switch b.encoding {
	case "gbk":
		decoder = simplifiedchinese.GBK.NewDecoder()
	case "gb18030":
		decoder = simplifiedchinese.GB18030.NewDecoder()
	default:
		if b.form != bodyJSON && !utf8.Valid(raw) { // strictjson checks its own
			return nil, errBody
		}
		return raw, nil
	}
	text, err := decoder.Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errBody
	}
	return text, nil
}

// readText returns a text body as /0, /1 and so on, or as "" without a separator.
func readText(text, separator string) map[string]string {
	text = strings.TrimRight(text, "\r\n")
	if separator == "" {
		return map[string]string{"": text}
	}
	out := map[string]string{}
	for i, part := range strings.SplitN(text, separator, strictjson.MaxMembers) {
		out["/"+strconv.Itoa(i)] = part
	}
	return out
}

// readForm returns a form (a=1&b=2) by pointer. A name that is there twice is an error.
func readForm(text string) (map[string]string, error) {
	out, seen := map[string]string{}, map[string]bool{}
	for i, pair := range strings.Split(strings.TrimRight(text, "\r\n"), "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || i == strictjson.MaxMembers {
			return nil, errBody
		}
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, errBody
		}
		value, err = url.QueryUnescape(value)
		if err != nil || seen[strings.ToLower(name)] || !utf8.ValidString(name+value) {
			return nil, errBody
		}
		seen[strings.ToLower(name)] = true
		out["/"+escapeSegment(name)] = value
	}
	return out, nil
}

func escapeSegment(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// readXML returns the text of each element that has no elements in it, by pointer, and
// its attributes as /name/@attribute. Of elements with one name in one place, in whatever
// letter case, none has a value, since two readers could read different ones.
func readXML(raw []byte) (map[string]string, error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // body.decode has decoded it
	x := xmlReader{out: map[string]string{}, seen: map[string]string{}, twice: map[string]bool{}}
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || x.token(t) != nil {
			return nil, errBody
		}
	}
	if len(x.open) > 0 || !x.closed {
		return nil, errBody
	}
	for p := range x.out {
		if x.ambiguous(p) {
			delete(x.out, p)
		}
	}
	return x.out, nil
}

type xmlReader struct {
	out    map[string]string
	seen   map[string]string // path in small letters → path
	twice  map[string]bool   // paths that are there twice
	open   []xmlElement
	closed bool // the root element has ended
}

type xmlElement struct {
	name, path string
	text       strings.Builder
	parent     bool // it has elements in it
}

// maxElements is how many elements and attributes a document may have.
const maxElements = 4 * strictjson.MaxMembers

func (x *xmlReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return x.start(t)
	case xml.EndElement:
		return x.end(t.Name.Space + ":" + t.Name.Local)
	case xml.CharData:
		if len(x.open) > 0 {
			x.open[len(x.open)-1].text.Write(t)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errBody
		}
	case xml.Directive:
		return errBody // a document type can define entities
	}
	return nil
}

func (x *xmlReader) start(t xml.StartElement) error {
	if x.closed || len(x.open) == strictjson.MaxDepth || len(x.seen) > maxElements {
		return errBody
	}
	path := ""
	if n := len(x.open); n > 0 {
		x.open[n-1].parent = true
		path = x.open[n-1].path
	}
	path += "/" + escapeSegment(t.Name.Local)
	x.note(path)
	x.open = append(x.open, xmlElement{name: t.Name.Space + ":" + t.Name.Local, path: path})
	for _, a := range t.Attr {
		p := path + "/@" + escapeSegment(a.Name.Local)
		x.note(p)
		x.out[p] = a.Value
	}
	return nil
}

// note remembers a path, and that it is there twice.
func (x *xmlReader) note(path string) {
	lower := strings.ToLower(path)
	if other, ok := x.seen[lower]; ok {
		x.twice[path], x.twice[other] = true, true
	}
	x.seen[lower] = path
}

func (x *xmlReader) end(name string) error {
	n := len(x.open) - 1
	if n < 0 || x.open[n].name != name {
		return errBody
	}
	e := &x.open[n]
	if !e.parent {
		x.out[e.path] = strings.TrimSpace(e.text.String())
	}
	x.open, x.closed = x.open[:n], n == 0
	return nil
}

// ambiguous reports whether a path or one above it is there twice.
func (x *xmlReader) ambiguous(path string) bool {
	for p := path; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
		if x.twice[p] {
			return true
		}
	}
	return false
}
