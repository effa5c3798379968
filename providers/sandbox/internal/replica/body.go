package replica

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// scalar is a string, number or boolean of a document.
type scalar struct {
	strictjson.Member
	kind byte
	text string
}

// scalars returns the members of a document that are scalars, in their order.
func scalars(body []byte) []scalar {
	members, err := strictjson.Members(body)
	if err != nil {
		return nil
	}
	slices.SortFunc(members, func(a, b strictjson.Member) int { return a.Start - b.Start })
	var list []scalar
	for _, m := range members {
		s := scalar{Member: m, kind: body[m.Value], text: string(body[m.Value:m.End])}
		switch s.kind {
		case '{', '[', 'n':
			continue
		case '"':
			_ = json.Unmarshal(body[m.Value:m.End], &s.text)
		}
		list = append(list, s)
	}
	return list
}

// written returns a text as a value of the scalar's kind, or as a string.
func (s scalar) written(text string) string {
	if s.kind != '"' && json.Valid([]byte(text)) && !strings.ContainsAny(text, `{["n`) {
		return text
	}
	return quote(text)
}

func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// edit is a replacement of some bytes of a body.
type edit struct {
	start, end int
	by         string
}

// apply makes the edits, which do not overlap.
func apply(body []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return b.start - a.start })
	for _, e := range edits {
		body = slices.Concat(body[:e.start], []byte(e.by), body[e.end:])
	}
	return body
}

// cutMembers returns a JSON object without the members at some places of its outermost level.
func cutMembers(body []byte, places []place) []byte {
	for _, p := range places {
		name, ok := strings.CutPrefix(p.name, "/")
		members, err := strictjson.Members(body)
		if p.in != inJSON || !ok || err != nil {
			continue
		}
		i := slices.IndexFunc(members, func(m strictjson.Member) bool { return m.Name == name })
		if i < 0 {
			continue
		}
		head := bytes.TrimRight(body[:members[i].Start], " \t\r\n")
		tail := bytes.TrimLeft(body[members[i].End:], " \t\r\n")
		if bytes.HasSuffix(head, []byte(",")) {
			head = head[:len(head)-1]
		} else {
			tail = bytes.TrimPrefix(tail, []byte(","))
		}
		body = slices.Concat(head, tail)
	}
	return body
}
