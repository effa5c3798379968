package strictjson

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Selector reads the values at some places of a document, in one pass over it. It is
// immutable and safe for concurrent use.
type Selector struct {
	root  *node
	count int
	text  func(string) (string, error) // decodes the texts; nil if they are as they stand
}

// Value is a value as it is written in a document. It is nil if the place is missing.
type Value []byte

// node is a place of a document on the way to a watched value.
type node struct {
	members map[string]*node
	at      int  // index of the watched value, -1 if there is none
	text    bool // its value is a string that holds a JSON document of its own
}

// ErrPointer is the error of a text that is not a JSON pointer.
var ErrPointer = errors.New(`must be a JSON pointer such as /data/result, or "" for the whole document`)

// NewSelector returns a selector of the values at JSON pointers (RFC 6901), which reach
// into arrays too. texts are places whose value is a string that holds a JSON document:
// pointers go on into it, and it is as strict as the document around it.
func NewSelector(pointers, texts []string) (*Selector, error) {
	s := &Selector{root: &node{at: -1}, count: len(pointers)}
	for i, p := range pointers {
		n, err := s.reach(p)
		if err != nil {
			return nil, err
		}
		if n.at >= 0 {
			return nil, errors.New("lists a pointer twice")
		}
		n.at = i
	}
	for _, p := range texts {
		n, err := s.reach(p)
		if err != nil {
			return nil, err
		}
		n.text = true
	}
	return s, nil
}

func (s *Selector) reach(pointer string) (*node, error) {
	segments, err := Segments(pointer)
	if err != nil {
		return nil, err
	}
	n := s.root
	for _, name := range segments {
		next := n.members[name]
		if next == nil {
			next = &node{at: -1}
			if n.members == nil {
				n.members = map[string]*node{}
			}
			n.members[name] = next
		}
		n = next
	}
	return n, nil
}

// Decoding returns the selector with a function that is applied to the texts before they
// are read, such as one for Base64. s is not modified.
func (s *Selector) Decoding(text func(string) (string, error)) *Selector {
	return &Selector{root: s.root, count: s.count, text: text}
}

// Segments returns the parts of a JSON pointer, unescaped.
func Segments(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' || strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(pointer), "~") {
		return nil, ErrPointer
	}
	segments := strings.Split(pointer[1:], "/")
	for i, s := range segments {
		segments[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return segments, nil
}

// member returns the node of a member, nil if nothing below it is watched.
func (n *node) member(name string) *node {
	if n == nil || n.members == nil {
		return nil
	}
	return n.members[name]
}

// item returns the node of an item of an array.
func (n *node) item(i int) *node {
	if n == nil || n.members == nil {
		return nil
	}
	return n.members[strconv.Itoa(i)]
}

// Select returns the values in the order of the selector's pointers. It refuses what
// [Members] refuses. The values are parts of body, or of a text within it.
func (s *Selector) Select(body []byte) ([]Value, error) {
	w := walker{values: make([]Value, s.count), text: s.text}
	if err := w.document(body, s.root); err != nil {
		return nil, err
	}
	return w.values, nil
}

// note keeps a watched value, and reads the document within a text.
func (w *walker) note(at *node, start, end int) error {
	raw := Value(w.body[start:end])
	if at.at >= 0 {
		w.values[at.at] = raw
	}
	if !at.text || len(at.members) == 0 || raw.Kind() != '"' {
		return nil
	}
	text, ok := raw.Text()
	if !ok {
		return ErrRefused
	}
	if w.text != nil {
		decoded, err := w.text(text)
		if err != nil {
			return nil // an error may hold another text
		}
		text = decoded
	}
	inner := walker{values: w.values, text: w.text}
	if inner.document([]byte(text), &node{members: at.members, at: -1}) != nil {
		at.clear(w.values) // an error may hold another text; the values within it are missing
	}
	return nil
}

// clear forgets the values below a node.
func (n *node) clear(values []Value) {
	for _, m := range n.members {
		if m.at >= 0 {
			values[m.at] = nil
		}
		m.clear(values)
	}
}

// Kind returns the kind of a value by its first byte: { [ " 0 t f n, or 0 if it is missing.
func (v Value) Kind() byte {
	if len(v) == 0 {
		return 0
	}
	if v[0] == '-' || v[0] >= '0' && v[0] <= '9' {
		return '0'
	}
	return v[0]
}

// Text returns the text of a string, and whether the value is one.
func (v Value) Text() (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	text, err := unquote(v)
	return text, err == nil
}

// unquote returns the text of a JSON string.
func unquote(raw []byte) (string, error) {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil // the decoder has checked its UTF-8
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), err
}
