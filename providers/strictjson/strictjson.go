// Package strictjson decodes JSON from vendors and callers, which are not trusted. It
// wraps go-json-experiment/json, the future encoding/json/v2.
//
// encoding/json reads {"status":"02","STATUS":"01"} as 01, because it ignores letter
// case and the last member wins: an additional member turns a mismatch into a match.
// This package refuses every document that two readers could read differently.
package strictjson

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is the maximum nesting of objects and arrays. Vendors need three; the limit
// protects the stack from a hostile reply.
const MaxDepth = 16

// MaxMembers is the maximum number of members of one object. Vendors need thirty. It
// bounds the work, since each name is compared with all before it.
const MaxMembers = 256

// ErrRefused is the only error of [Decode], [DecodeAgain] and [Members]. It holds no part of the
// document, which may hold claims.
var ErrRefused = errors.New("not one JSON document of the expected shape")

// Write writes a value as JSON.
func Write(w io.Writer, v any) error { return json.MarshalWrite(w, v) }

// Decode decodes body into the value that into points to. It matches names in their
// exact case, refuses a value of another type than the Go type (1 is not "01"), and
// ignores unknown members. It also refuses everything that [Members] refuses.
//
// After an error the value may be partly filled and must not be used. The error is
// always [ErrRefused].
func Decode(body []byte, into any) error {
	var w walker
	if err := w.document(body, nil); err != nil {
		return err
	}
	return DecodeAgain(body, into)
}

// DecodeAgain is [Decode] for a body that Decode or [Members] has accepted, of which the form
// need not be checked again.
func DecodeAgain(body []byte, into any) error {
	if json.Unmarshal(body, into) != nil {
		return ErrRefused
	}
	return nil
}

// Number is a JSON number exactly as written, for a member that holds a code: 1 and 1.0
// are two codes. It is "" if the member is missing or null. A string is refused.
type Number string

// UnmarshalJSON keeps the text of a number.
func (n *Number) UnmarshalJSON(value []byte) error {
	switch kind := jsontext.Value(value).Kind(); kind {
	case '0':
		*n = Number(value)
	case 'n':
		*n = ""
	default:
		return ErrRefused
	}
	return nil
}

// Member is the position of one member of an object in a document: the bytes from
// Start to End are `"name": value`, those from Value to End are the value.
type Member struct {
	Name              string
	Start, Value, End int
}

// Members returns the members of all objects of a document, inner before outer. It
// refuses a document with a byte order mark, invalid UTF-8 or trailing data, nested
// deeper than [MaxDepth], with more than [MaxMembers] members in one object, or with
// two members of one object whose names differ in letter case only.
func Members(body []byte) ([]Member, error) {
	w := walker{members: make([]Member, 0, 8), list: true}
	if err := w.document(body, nil); err != nil {
		return nil, err
	}
	return w.members, nil
}

// walker reads a document once. It notes all members if list is set, and the values that
// a selector watches.
type walker struct {
	dec     *jsontext.Decoder
	body    []byte
	list    bool
	members []Member
	values  []Value
	text    func(string) (string, error) // see [Selector.Decoding]
}

// document reads body to its end. at is the root of the watched values, nil for none.
func (w *walker) document(body []byte, at *node) error {
	// The walker detects duplicate names itself, including those in another case.
	w.body, w.dec = body, jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	if _, _, err := w.value(0, at); err != nil {
		return ErrRefused
	}
	if _, err := w.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return ErrRefused
	}
	return nil
}

// value reads one value and returns its position.
func (w *walker) value(depth int, at *node) (start, end int, err error) {
	kind := w.dec.PeekKind()
	if kind != '{' && kind != '[' {
		start, end, err = w.scalar()
		if err == nil && at != nil {
			err = w.note(at, start, end)
		}
		return start, end, err
	}
	if depth == MaxDepth {
		return 0, 0, ErrRefused
	}
	if _, err = w.dec.ReadToken(); err != nil {
		return 0, 0, err
	}
	start = w.offset() - 1
	if kind == '{' {
		err = w.object(depth+1, at)
	} else {
		err = w.array(depth+1, at)
	}
	if err != nil {
		return 0, 0, err
	}
	_, err = w.dec.ReadToken()
	if err == nil && at != nil {
		err = w.note(at, start, w.offset())
	}
	return start, w.offset(), err
}

func (w *walker) scalar() (start, end int, err error) {
	raw, err := w.dec.ReadValue()
	return w.offset() - len(raw), w.offset(), err
}

func (w *walker) array(depth int, at *node) error {
	for i := 0; more(w.dec.PeekKind()); i++ {
		if _, _, err := w.value(depth, at.item(i)); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) object(depth int, at *node) error {
	var some [8]string
	names := some[:0]
	for more(w.dec.PeekKind()) {
		raw, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		member := Member{Start: w.offset() - len(raw)}
		member.Name, err = unquote(raw)
		if err != nil || len(names) == MaxMembers {
			return ErrRefused
		}
		// Like lenient readers, EqualFold equates U+017F with s and U+212A with k.
		if slices.ContainsFunc(names, func(seen string) bool { return strings.EqualFold(seen, member.Name) }) {
			return ErrRefused
		}
		names = append(names, member.Name)
		if member.Value, member.End, err = w.value(depth, at.member(member.Name)); err != nil {
			return err
		}
		if w.list {
			w.members = append(w.members, member)
		}
	}
	return nil
}

// offset returns the position after the last token. It fits an int, since the host
// reads at most 64 KiB.
func (w *walker) offset() int { return int(w.dec.InputOffset()) }

// more reports whether a value follows. An invalid token counts as one, so that
// reading it gives the error.
func more(kind jsontext.Kind) bool { return kind != '}' && kind != ']' }
