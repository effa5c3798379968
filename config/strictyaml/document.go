// Package strictyaml reads YAML that people write: the configuration, the rules of policy,
// the notices. It accepts the subset of YAML that every parser reads alike.
//
// [Parse] returns the values as nested map[string]any and []any with the line of each
// path, and every fault of the file rather than the first. [Document.Decode] writes
// the values into structs and reports unknown keys and wrong types. Each [Fault] names
// its path and line and never quotes a value, since a secret may stand in the wrong
// place.
//
// It rejects duplicate keys, anchors, aliases, merge keys, tags, a second document, text that
// is not UTF-8, numbers that are not plain decimals (010 is 8 in YAML 1.1 and 10 in 1.2),
// keys that are not strings, deep nesting, and files over one megabyte. It reads a date as a
// string.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/engine/textfile"
)

// MaxSize is the size in bytes of the largest text that [Parse] reads. Files written
// by hand have a few thousand; more is the wrong file.
const MaxSize = 1 << 20

// maxDepth is how deep a document may be nested.
const maxDepth = 20

// Document is a YAML document that was read. It is not changed after it was returned.
type Document struct {
	File  string         // as the caller named it, for faults
	Value any            // map[string]any, []any, string, int, float64, bool or nil
	Lines map[string]int // path → line, from 1

	keys    map[string][]string // path of a map → its keys in the order of the file
	written map[string]string   // path of a number → its text in the file
	null    map[string]bool     // paths without a value
	faults  Faults
}

// Parse reads a text in any encoding that package textfile reads. The document is nil if
// nothing of the text can be used; otherwise it holds what could be read beside the faults,
// so that later steps can report theirs together with these. The value of an empty text is
// nil.
func Parse(file string, text []byte) (*Document, Faults) {
	d := &Document{File: file, Lines: map[string]int{}, keys: map[string][]string{}, written: map[string]string{}, null: map[string]bool{}}
	if len(text) > MaxSize {
		return nil, Faults{{File: file, Text: fmt.Sprintf("is larger than %d bytes; name a file that was written by hand", MaxSize)}}
	}
	decoded, _, err := textfile.Decode(text)
	if err != nil {
		return nil, Faults{{File: file, Line: lineAt(text, noText(text)), Text: err.Error()}}
	}
	text = decoded
	var root, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		return d, nil
	case err != nil:
		return nil, Faults{{File: file, Line: lineOf(err, text), Text: "is not valid YAML in or near this line; look for tabs, a missing colon or quote, or wrong indentation"}}
	}
	if !errors.Is(decoder.Decode(&second), io.EOF) {
		d.fault("", second.Line, "holds more than one YAML document; keep one")
	}
	d.Value = d.value(root.Content[0], "", maxDepth)
	return d, d.faults
}

var (
	yamlLine   = regexp.MustCompile(`line (\d+)`)
	yamlAnchor = regexp.MustCompile(`unknown anchor '([^']+)'`)
	control    = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)
)

// lineOf returns the line that an error of the parser is about. The parser names none for
// an alias without an anchor and for a control character, so they are looked for. Its
// words are not shown, since they can quote the file.
func lineOf(err error, text []byte) int {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1]) // a number too large to read is no line
		return n
	}
	if m := yamlAnchor.FindStringSubmatch(err.Error()); m != nil {
		return lineAt(text, bytes.Index(text, []byte("*"+m[1])))
	}
	if at := control.FindIndex(text); at != nil {
		return lineAt(text, at[0])
	}
	return 0
}

// lineAt returns the line of an offset, 0 of a negative one.
func lineAt(text []byte, offset int) int {
	if offset < 0 {
		return 0
	}
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}

// noText returns the offset of the first control character or byte that is not UTF-8, -1 if
// there is none.
func noText(text []byte) int {
	if at := control.FindIndex(text); at != nil {
		return at[0]
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

func (d *Document) fault(path string, line int, text string) {
	d.faults = append(d.faults, Fault{d.File, path, line, text})
}

// value returns the value of a node and notes its line. depth is how many levels may
// still follow.
func (d *Document) value(n *yaml.Node, path string, depth int) any {
	d.Lines[path] = n.Line
	switch {
	case depth == 0:
		d.fault(path, n.Line, "is nested too deep; look for wrong indentation")
		return nil
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fault(path, n.Line, "anchors and aliases are not supported; write the value out where it counts")
		return nil
	case n.Style&yaml.TaggedStyle != 0:
		d.fault(path, n.Line, "tags that begin with ! are not supported; remove the tag, or put the value in quotes")
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return d.mapping(n, path, depth)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = d.value(item, At(path, i), depth-1)
		}
		return list
	default:
		return d.scalar(n, path)
	}
}

func (d *Document) mapping(n *yaml.Node, path string, depth int) map[string]any {
	values := map[string]any{}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		where := Join(path, key.Value)
		line, twice := first[key.Value]
		switch {
		case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
			d.fault(path, key.Line, "merge keys (<<) are not supported; write the keys out")
		case key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0:
			d.fault(path, key.Line, "holds a key that is not a plain string; write a word, or put the key in quotes")
		case twice:
			d.fault(where, key.Line, fmt.Sprintf("is given twice, in lines %d and %d; keep one", line, key.Line))
		default:
			first[key.Value] = key.Line
			d.keys[path] = append(d.keys[path], key.Value)
			values[key.Value] = d.value(n.Content[i+1], where, depth-1)
			d.Lines[where] = key.Line
		}
	}
	return values
}

// decimal is a number that every reader reads the same.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

func (d *Document) scalar(n *yaml.Node, path string) any {
	switch n.ShortTag() {
	case "!!null":
		d.null[path] = true
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return d.number(n, path)
	default:
		return n.Value
	}
}

// IsNumber reports whether a text is a number as [Parse] accepts it.
func IsNumber(text string) bool { return decimal.MatchString(text) }

func (d *Document) number(n *yaml.Node, path string) any {
	d.written[path] = n.Value
	if !decimal.MatchString(n.Value) {
		d.fault(path, n.Line, "is a number in a form that is not supported; write plain decimal digits, or put it in quotes if it is a string")
		return nil
	}
	if whole, err := strconv.Atoi(n.Value); err == nil {
		return whole
	}
	fraction, _ := strconv.ParseFloat(n.Value, 64) // the parser takes what does not fit for a string
	return fraction
}

// Line returns the line of a path, or of the nearest key or item around it; 0 if there
// is none, as for a key that is missing at the top.
func (d *Document) Line(path string) int {
	for at := path; ; at = at[:max(strings.LastIndexAny(at, ".["), 0)] {
		if line := d.Lines[at]; line > 0 && (at != "" || path == "") {
			return line
		}
		if at == "" {
			return 0
		}
	}
}

// Has reports whether a value other than null stands at the path.
func (d *Document) Has(path string) bool { return d.Lines[path] > 0 && !d.null[path] }

// IsEmpty reports whether a key stands at the path without a value.
func (d *Document) IsEmpty(path string) bool { return d.null[path] }

// Keys returns the keys of the map at a path, in the order of the file.
func (d *Document) Keys(path string) []string { return d.keys[path] }

// Written returns the number at a path as the file writes it, so that 1.10 and 007
// keep their zeros; "" if there is no number.
func (d *Document) Written(path string) string { return d.written[path] }

// Fault returns a fault of the value at a path, with its line.
func (d *Document) Fault(path, format string, args ...any) Fault {
	return Fault{d.File, path, d.Line(path), fmt.Sprintf(format, args...)}
}

// Parser is a parser for koanf. It keeps the document and the faults of the last text,
// since koanf takes one error and merges the values only if there is none.
type Parser struct {
	File     string
	Document *Document
	Faults   Faults
}

// Unmarshal reads a text whose root is a map. It returns an error only if nothing of
// the text can be used.
func (p *Parser) Unmarshal(text []byte) (map[string]any, error) {
	p.Document, p.Faults = Parse(p.File, text)
	if p.Document == nil {
		return nil, p.Faults
	}
	switch values := p.Document.Value.(type) {
	case map[string]any:
		return values, nil
	case nil:
		return map[string]any{}, nil
	default:
		p.Faults = append(p.Faults, p.Document.Fault("", "must be a map of keys and values, got %s; begin with a line such as `listen: 127.0.0.1:8080`", kindOf(values)))
		return nil, p.Faults
	}
}

// Marshal returns [errors.ErrUnsupported]: these files are written by hand.
func (*Parser) Marshal(map[string]any) ([]byte, error) { return nil, errors.ErrUnsupported }
