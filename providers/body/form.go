package body

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// pairs reads a form (a=1&b=2) in its order. Percent-encoded bytes are of the format's
// encoding, as are those that are not encoded.
func (f Format) pairs(raw []byte) ([][2]string, error) {
	var list [][2]string
	for i, pair := range strings.Split(strings.TrimRight(string(raw), "\r\n"), "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || i == strictjson.MaxMembers {
			return nil, errBody
		}
		var both [2]string
		for k, part := range []string{name, value} {
			plain, err := url.QueryUnescape(part)
			if err != nil {
				return nil, errBody
			}
			text, err := f.Decode([]byte(plain))
			if err != nil {
				return nil, errBody
			}
			both[k] = string(text)
		}
		list = append(list, both)
	}
	return list, nil
}

func (f Format) formTexts(raw []byte) (map[string]string, error) {
	list, err := f.pairs(raw)
	if err != nil {
		return nil, err
	}
	out, seen := map[string]string{}, map[string]bool{}
	for _, pair := range list {
		lower := strings.ToLower(pair[0])
		if seen[lower] {
			return nil, errBody
		}
		seen[lower] = true
		out["/"+EscapeSegment(pair[0])] = pair[1]
	}
	return out, nil
}

// EscapeSegment returns a name as a segment of a JSON pointer (RFC 6901).
func EscapeSegment(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func (f Format) formDocument(raw []byte) ([]byte, error) {
	list, err := f.pairs(raw)
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, pair := range list {
		groups = add(groups, pair[0], quote(pair[1]))
	}
	return object(groups), nil
}

// printForm prints an object of scalars and of arrays of scalars.
func (f Format) printForm(root *tree) ([]byte, error) {
	if root.kind != '{' {
		return nil, errPrint
	}
	var pairs []string
	for i, name := range root.names {
		values := []*tree{root.members[i]}
		if values[0].kind == '[' && len(values[0].members) > 0 {
			values = values[0].members
		}
		for _, v := range values {
			text, ok := v.scalar()
			if !ok {
				return nil, errPrint
			}
			key, err1 := f.encode([]byte(name))
			value, err2 := f.encode([]byte(text))
			if err1 != nil || err2 != nil {
				return nil, errPrint
			}
			pairs = append(pairs, url.QueryEscape(string(key))+"="+url.QueryEscape(string(value)))
		}
	}
	return []byte(strings.Join(pairs, "&")), nil
}

// textParts returns a text as /0, /1 and so on, or as "" without a separator.
func textParts(text, separator string) map[string]string {
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

func textDocument(text, separator string) []byte {
	text = strings.TrimRight(text, "\r\n")
	parts := []string{text}
	if separator != "" {
		parts = strings.SplitN(text, separator, strictjson.MaxMembers)
	}
	var groups []group
	for i, part := range parts {
		groups = add(groups, strconv.Itoa(i), quote(part))
	}
	return object(groups)
}

// printText prints the parts of a text. A part that is missing is empty, or cut off at the
// end; members with other names have no place in a text.
func (f Format) printText(root *tree) ([]byte, error) {
	if root.kind != '{' {
		return nil, errPrint
	}
	var parts []string
	for i, name := range root.names {
		at, err := strconv.Atoi(name)
		if err != nil || at < 0 || at >= strictjson.MaxMembers {
			continue
		}
		text, ok := root.members[i].scalar()
		if !ok || f.Separator != "" && strings.Contains(text, f.Separator) || f.Separator == "" && at > 0 {
			return nil, errPrint
		}
		for len(parts) <= at {
			parts = append(parts, "")
		}
		if parts[at] != "" {
			return nil, errPrint // a text has no names that could be there twice
		}
		parts[at] = text
	}
	return f.encode(bytes.TrimRight([]byte(strings.Join(parts, f.Separator)), "\r\n"))
}
