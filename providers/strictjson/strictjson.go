// Package strictjson reads JSON from vendors and callers, who are not trusted. It
// is the one package round go-json-experiment/json, which becomes encoding/json/v2.
//
// encoding/json takes {"status":"02","STATUS":"01"} for 01, because it ignores
// letter case and lets the last of two members win: one member more turns a
// mismatch into a match. Here a document that two readers could read in two ways
// is refused.
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

// MaxDepth is how deep objects and arrays may nest. Vendors need three; a limit
// keeps a hostile reply from using up the stack.
const MaxDepth = 16

// MaxMembers is how many members one object may have. Vendors need thirty; each
// name is compared with those before it.
const MaxMembers = 256

// ErrRefused is the one error of this package. It holds nothing of the document,
// which may hold a name and a number.
var ErrRefused = errors.New("not one JSON document of the expected shape")

// Write writes a value as JSON.
func Write(w io.Writer, v any) error { return json.MarshalWrite(w, v) }

// Decode reads body into a value. Names match in their exact case, a value of
// another type than the Go type is refused (no 1 for "01"), and unknown members
// are ignored. Refused as well: whatever [Members] refuses.
//
// After an error the value may be half filled and must not be read. The error is
// always [ErrRefused].
func Decode(body []byte, into any) error {
	if _, err := Members(body); err != nil {
		return err
	}
	if json.Unmarshal(body, into) != nil {
		return ErrRefused
	}
	return nil
}

// Member is where one member of an object stands in a document: the bytes from
// Start to End are `"name": value`, those from Value to End are the value.
type Member struct {
	Name              string
	Start, Value, End int
}

// Members lists the members of all objects of a document, inner before outer. It
// refuses a document with a byte order mark, invalid UTF-8, trailing data, a
// depth above [MaxDepth], more than [MaxMembers] in one object, or two members of one object whose names are the same
// but for letter case.
func Members(body []byte) ([]Member, error) {
	// The walker finds doubled names itself, and more of them.
	w := walker{dec: jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true)), members: make([]Member, 0, 8)}
	if _, _, err := w.value(0); err != nil {
		return nil, ErrRefused
	}
	if _, err := w.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, ErrRefused
	}
	return w.members, nil
}

type walker struct {
	dec     *jsontext.Decoder
	members []Member
}

// value reads one value and returns where it stands.
func (w *walker) value(depth int) (start, end int, err error) {
	kind := w.dec.PeekKind()
	if kind != '{' && kind != '[' {
		return w.scalar()
	}
	if depth == MaxDepth {
		return 0, 0, ErrRefused
	}
	if _, err = w.dec.ReadToken(); err != nil {
		return 0, 0, err
	}
	start = w.offset() - 1
	if kind == '{' {
		err = w.object(depth + 1)
	} else {
		err = w.array(depth + 1)
	}
	if err != nil {
		return 0, 0, err
	}
	_, err = w.dec.ReadToken()
	return start, w.offset(), err
}

func (w *walker) scalar() (start, end int, err error) {
	raw, err := w.dec.ReadValue()
	return w.offset() - len(raw), w.offset(), err
}

func (w *walker) array(depth int) error {
	for more(w.dec.PeekKind()) {
		if _, _, err := w.value(depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) object(depth int) error {
	var some [8]string
	names := some[:0]
	for more(w.dec.PeekKind()) {
		raw, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		member := Member{Start: w.offset() - len(raw)}
		name, err := jsontext.AppendUnquote(nil, raw)
		if err != nil || len(names) == MaxMembers {
			return ErrRefused
		}
		member.Name = string(name)
		// EqualFold knows U+017F for s and U+212A for k, as lenient readers do.
		if slices.ContainsFunc(names, func(seen string) bool { return strings.EqualFold(seen, member.Name) }) {
			return ErrRefused
		}
		names = append(names, member.Name)
		if member.Value, member.End, err = w.value(depth); err != nil {
			return err
		}
		w.members = append(w.members, member)
	}
	return nil
}

// offset is the place after the last token. A document is far below 2 GiB: the
// host reads at most 64 KiB.
func (w *walker) offset() int { return int(w.dec.InputOffset()) }

// more reports whether a value follows. An invalid token counts as one, so that
// reading it gives the error.
func more(kind jsontext.Kind) bool { return kind != '}' && kind != ']' }
