package providertest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/providers/strictjson"
)

// node is a member of a reply with its path.
type node struct {
	strictjson.Member
	path string // the names from the outermost object to this member, joined with "/"
	kind byte   // the kind of its value: one of the constants below
	text string // a string without its quotes, a number or a boolean as written; else ""
}

// The kinds of a value.
const (
	kindString = '"'
	kindNumber = '0'
	kindBool   = 't'
	kindNull   = 'n'
	kindObject = '{'
	kindArray  = '['
)

// nodes returns the members of a body in the order of the document, or none for an empty
// body.
func nodes(body []byte) ([]node, error) {
	if len(body) == 0 {
		return nil, nil
	}
	members, err := strictjson.Members(body)
	if err != nil {
		return nil, errors.New("its body is not strict JSON")
	}
	slices.SortFunc(members, func(a, b strictjson.Member) int { return a.Start - b.Start })
	var list, around []node
	for _, m := range members {
		for len(around) > 0 && around[len(around)-1].End <= m.Start {
			around = around[:len(around)-1]
		}
		n := node{Member: m, path: m.Name}
		if len(around) > 0 {
			n.path = around[len(around)-1].path + "/" + m.Name
		}
		n.kind, n.text = scalar(body[m.Value:m.End])
		list, around = append(list, n), append(around, n)
	}
	return list, nil
}

// scalar returns the kind of a value, and its text if it is a string, a number or a
// boolean.
func scalar(value []byte) (kind byte, text string) {
	switch c := value[0]; c {
	case kindObject, kindArray, kindNull:
		return c, ""
	case kindString:
		if json.Unmarshal(value, &text) != nil {
			return c, ""
		}
		return c, text
	case 't', 'f':
		return kindBool, string(value)
	}
	return kindNumber, string(value)
}

// isContainer reports whether the value is an object or an array.
func (n node) isContainer() bool { return n.kind == kindObject || n.kind == kindArray }

// at returns the node with a path, and whether there is exactly one.
func at(list []node, path string) (found node, ok bool) {
	for _, n := range list {
		if n.path == path {
			if ok {
				return node{}, false
			}
			found, ok = n, true
		}
	}
	return found, ok
}

// within reports whether a member with the path inner is part of the one with outer, or
// the same.
func within(inner, outer string) bool { return inner == outer || strings.HasPrefix(inner, outer+"/") }

// replace returns the body with another value of a member.
func (n node) replace(body []byte, value string) []byte { return splice(body, n.Value, n.End, value) }

// rename returns the body with the member under an unknown name, which is the same as
// without it.
func (n node) rename(body []byte) []byte {
	return splice(body, n.Start, n.Value, `"providertest":`)
}

// splice returns the body with the bytes from start to end replaced.
func splice(body []byte, start, end int, by string) []byte {
	return slices.Concat(body[:start], []byte(by), body[end:])
}

func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}
