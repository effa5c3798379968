package rules

import (
	"unicode"

	"go.yaml.in/yaml/v3"
)

// place is where a character stands in a file, both numbers from 1.
type place struct{ line, column int }

// places finds where each character of a text stands in the file that the text was
// read from, and after the last one where it ends. YAML lets one text be written in
// many ways (quoted, folded over lines, as a block), so text and file are walked side
// by side: white space may differ, everything else has to be the same. From the
// first character on that is not, the place is the last one found.
func (d *document) places(n *yaml.Node) []place {
	w := walker{text: d.text, at: d.offset(n.Line, n.Column), place: place{n.Line, n.Column}, style: n.Style}
	w.begin()
	list := make([]place, 0, len(n.Value)+1)
	lost := false
	for _, r := range n.Value {
		lost = lost || !w.find(r)
		list = append(list, w.place)
		if !lost {
			w.take(r)
		}
	}
	return append(list, w.place)
}

// inside notes a fault at a character of a text.
func (d *document) inside(n *yaml.Node, character int, message string) {
	list := d.places(n)
	p := list[min(character, len(list)-1)]
	d.faults = append(d.faults, Fault{File: d.name, Line: p.line, Column: p.column, Message: message})
}

// offset returns the index of the character at a line and column.
func (d *document) offset(line, column int) int {
	w := walker{text: d.text, place: place{1, 1}}
	for w.at < len(w.text) && (w.place.line < line || w.place.line == line && w.place.column < column) {
		w.step()
	}
	return w.at
}

// walker walks over the characters of a file and knows where it is.
type walker struct {
	text  []rune
	at    int
	place place
	style yaml.Style
}

// step goes on by one character.
func (w *walker) step() {
	if w.text[w.at] == '\n' {
		w.place = place{w.place.line + 1, 1}
	} else {
		w.place.column++
	}
	w.at++
}

// begin goes over what stands before a text: its quote, or the head line of a block.
func (w *walker) begin() {
	switch {
	case w.at >= len(w.text):
	case w.style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		w.step()
	case w.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for w.at < len(w.text) && w.text[w.at] != '\n' {
			w.step()
		}
		if w.at < len(w.text) {
			w.step()
		}
	}
}

// find goes to the next place where the character stands, which only white space
// and the signs of quoting may come before. It reports whether it is there.
func (w *walker) find(r rune) bool {
	if unicode.IsSpace(r) {
		return true // any white space stands for it
	}
	for w.at < len(w.text) && (unicode.IsSpace(w.text[w.at]) || w.continued()) {
		w.step()
	}
	if w.at+1 >= len(w.text) {
		return w.at < len(w.text) && w.text[w.at] == r
	}
	doubled := w.style&yaml.SingleQuotedStyle != 0 && r == '\'' && w.text[w.at+1] == '\''
	escaped := w.escape()
	if doubled || escaped {
		w.step()
	}
	return w.text[w.at] == r
}

// take goes over the character that was found. White space may be written as an
// escape, and a line's end may stand for it.
func (w *walker) take(r rune) {
	switch {
	case w.at >= len(w.text):
	case !unicode.IsSpace(r) || unicode.IsSpace(w.text[w.at]):
		w.step()
	case w.escape():
		w.step()
		w.step()
	}
}

// escape reports whether a backslash stands here that means something.
func (w *walker) escape() bool {
	return w.style&yaml.DoubleQuotedStyle != 0 && w.at+1 < len(w.text) && w.text[w.at] == '\\'
}

// continued reports whether the line's end that follows belongs to no character.
func (w *walker) continued() bool {
	return w.escape() && (w.text[w.at+1] == '\n' || w.text[w.at+1] == '\r')
}
