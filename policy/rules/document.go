package rules

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxFile is the largest file that is read, in bytes. A file of rules has a few
// thousand; more is the wrong file.
const maxFile = 1 << 20

// document is a YAML file that is being read. It notes every fault and goes on.
type document struct {
	name   string
	text   []rune // for the places of characters inside a text
	faults Faults
}

// open reads YAML into its tree. The root is nil if there is nothing to go on with;
// a fault says why, and of an empty file how to begin it.
func open(name string, text []byte, begin string) (*document, *yaml.Node) {
	d := &document{name: name, text: []rune(string(text))}
	if len(text) > maxFile {
		d.whole("is larger than a megabyte; name a file of rules, cases or facts")
		return d, nil
	}
	var root, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		d.whole("is empty; " + begin)
		return d, nil
	case err != nil:
		d.faults = append(d.faults, Fault{File: name, Line: lineOf(err), Message: "is not valid YAML in or near this line; " +
			"look for tabs, a missing colon or quote, or wrong indentation"})
		return d, nil
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		d.whole("holds more than one YAML document; join them, or make two files of them")
	}
	if len(root.Content) == 0 {
		d.whole("is empty; " + begin)
		return d, nil
	}
	return d, root.Content[0]
}

// lineOf finds the line in an error of the parser, which has no other way to tell
// it; 0 if there is none. Nothing else is taken from its words, for they may quote.
func lineOf(err error) int {
	m := regexp.MustCompile(`line (\d+)`).FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // a number too large to read is no line
	return n
}

// at notes a fault at a place of the tree.
func (d *document) at(n *yaml.Node, message string) {
	d.faults = append(d.faults, Fault{File: d.name, Line: n.Line, Column: n.Column, Message: message})
}

// whole notes a fault of the file as a whole.
func (d *document) whole(message string) {
	d.faults = append(d.faults, Fault{File: d.name, Message: message})
}
