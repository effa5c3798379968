package rules

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/policy"
)

// key is a key that a map may have, and what reads its value.
type key struct {
	name string
	read func(*yaml.Node)
}

// mapping reads a map of known keys, each at most once. It returns the keys that
// stand there, so that the caller can miss one.
func (d *document) mapping(n *yaml.Node, what string, keys []key) map[string]*yaml.Node {
	given := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		d.at(n, what+" must be a map with the keys "+keyNames(keys))
		return given
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		k := findKey(keys, name)
		switch {
		case k == nil:
			d.at(name, fmt.Sprintf("%s has no key %s; the keys are %s", what, quote(name.Value), keyNames(keys)))
		case given[k.name] != nil:
			d.at(name, fmt.Sprintf("%s is given twice, first in line %d; keep one", k.name, given[k.name].Line))
		case value.Kind == yaml.AliasNode:
			given[k.name] = value
			d.at(value, "is an alias; write the value out, so that it can be read where it counts")
		default:
			given[k.name] = value
			k.read(value)
		}
	}
	return given
}

func findKey(keys []key, name *yaml.Node) *key {
	for i := range keys {
		if name.Kind == yaml.ScalarNode && keys[i].name == name.Value {
			return &keys[i]
		}
	}
	return nil
}

func keyNames(keys []key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

// quote shows a word of the file, cut to a length that a line can hold.
func quote(word string) string {
	if utf8.RuneCountInString(word) > 40 {
		word = string([]rune(word)[:40]) + "…"
	}
	return strconv.Quote(word)
}

// list reads a list of at most most entries.
func (d *document) list(n *yaml.Node, what string, most int, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.at(n, what+" must be a list")
		return
	}
	if len(n.Content) > most {
		d.at(n.Content[most], fmt.Sprintf("%s has more than %d entries", what, most))
		return
	}
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			d.at(item, "is an alias; write the value out, so that it can be read where it counts")
			continue
		}
		each(item)
	}
}

// texts reads a list of texts without repetition.
func (d *document) texts(n *yaml.Node, what string) []string {
	list := []string{}
	seen := map[string]bool{}
	d.list(n, what, maxList, func(item *yaml.Node) {
		text, ok := d.words(item, "an entry of "+what, maxText)
		if ok && seen[text] {
			d.at(item, "stands in "+what+" twice; keep one")
		}
		seen[text] = true
		list = append(list, text)
	})
	return list
}

// words reads a text of at most most bytes that is not empty, and reports whether it
// is one.
func (d *document) words(n *yaml.Node, what string, most int) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		d.at(n, what+" must be a text; put it in quotes if it looks like a number, a date or a yes")
		return "", false
	case strings.TrimSpace(n.Value) == "":
		d.at(n, what+" is empty; write it, or leave the key out")
		return "", false
	case len(n.Value) > most:
		d.at(n, fmt.Sprintf("%s has more than %d bytes; shorten it", what, most))
		return "", false
	}
	return n.Value, true
}

// truth reads true or false.
func (d *document) truth(n *yaml.Node, what string) bool {
	var value bool
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&value) != nil {
		d.at(n, what+" must be true or false")
	}
	return value
}

// number reads a whole number between two bounds.
func (d *document) number(n *yaml.Node, what string, low, high int) int {
	var value int
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&value) != nil || value < low || value > high {
		d.at(n, fmt.Sprintf("%s must be a whole number from %d to %d", what, low, high))
		return low
	}
	return value
}

// obligations reads obligations, of a rule or of what a case wants.
func (d *document) obligations(n *yaml.Node, what string) policy.Obligations {
	var o policy.Obligations
	d.mapping(n, what, []key{
		{"recipients", func(n *yaml.Node) { o.Limited, o.Recipients = true, d.texts(n, what+".recipients") }},
		{"no_reuse", func(n *yaml.Node) { o.NoReuse = d.truth(n, what+".no_reuse") }},
		{"review", func(n *yaml.Node) { o.Review = d.truth(n, what+".review") }},
	})
	return o
}
