package notice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader reads YAML as nodes, because only nodes have a line and a column. Everything
// unexpected is a fault: an ignored misspelt key would be a blank without a value.
type reader struct {
	file   string
	shift  int // lines before the YAML in the file
	faults Faults
}

func (r *reader) fault(n *yaml.Node, blank, format string, args ...any) {
	r.faults = append(r.faults, Fault{r.file, n.Line + r.shift, n.Column, blank, fmt.Sprintf(format, args...)})
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// document returns the root of the only document, nil if there is none. The error of the
// parser may quote a value, so only its line is used.
func (r *reader) document(text string) *yaml.Node {
	var root, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	if err := decoder.Decode(&root); err != nil {
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits
		}
		message := "is not valid YAML in or near this line; look for tabs, a missing colon or quote, or wrong indentation"
		if errors.Is(err, io.EOF) {
			message = "is empty; give one line for each key, as `name: identity-check`"
		}
		r.faults = append(r.faults, Fault{File: r.file, Line: max(1, line) + r.shift, Column: 1, Message: message})
		return nil
	}
	if !errors.Is(decoder.Decode(&second), io.EOF) {
		r.fault(&root, "", "holds more than one YAML document; keep one")
	}
	return root.Content[0]
}

// plainKey is a key that an error may contain: no name and no number has this form.
var plainKey = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)

// pair is a key and its value.
type pair struct{ key, value *yaml.Node }

// pairs returns the members of a map, each once.
func (r *reader) pairs(n *yaml.Node, blank, want string) []pair {
	if n.Kind != yaml.MappingNode {
		r.fault(n, blank, "%s", want)
		return nil
	}
	var list []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			r.fault(key, blank, "want a plain word as the key")
		case slices.ContainsFunc(list, func(p pair) bool { return p.key.Value == key.Value }):
			r.fault(key, blank, "given twice; keep one")
		default:
			list = append(list, pair{key, n.Content[i+1]})
		}
	}
	return list
}

// object reads the known members of a map.
func (r *reader) object(n *yaml.Node, blank, want string, members map[string]func(*yaml.Node), known ...string) {
	for _, p := range r.pairs(n, blank, want) {
		if read, ok := members[p.key.Value]; ok {
			read(p.value)
			continue
		}
		r.fault(p.key, blank, "%s; the keys here are %s", unknownKey(p.key.Value), strings.Join(known, ", "))
	}
}

func unknownKey(key string) string {
	if plainKey.MatchString(key) {
		return "there is no key " + key
	}
	return "there is no such key"
}

// text reads a scalar as written, if its tag is !!str or one of those.
func (r *reader) text(n *yaml.Node, blank, want string, tags ...string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" && !slices.Contains(tags, n.Tag) || strings.TrimSpace(n.Value) == "" {
		r.fault(n, blank, "%s", want)
		return ""
	}
	return n.Value
}

// items returns the items of a list.
func (r *reader) items(n *yaml.Node, blank, want string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, blank, "%s", want)
		return nil
	}
	return n.Content
}
