package statement

import (
	"context"
	"io"
)

// tags passes on XML and fails at a tag, comment or text that is too long, before the
// decoder gathers it in memory.
type tags struct {
	ctx    context.Context
	source io.Reader
	left   *int // bytes that all parts of the file may still unpack to

	within within
	quote  byte    // the open quotation mark in a tag, else 0
	size   int     // of what is being read
	last   [2]byte // the bytes before
}

// within is what a byte of XML belongs to.
type within uint8

const (
	inText        within = iota
	inOpening            // after <
	inDeclaration        // after <!
	inTag
	inComment     // ends with -->
	inCDATA       // ends with ]]>
	inInstruction // ends with ?>
	forbidden     // a document type
)

// Read returns the error of the context once it is done.
func (t *tags) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := t.source.Read(p)
	if *t.left -= n; *t.left < 0 {
		return 0, ErrTooLarge
	}
	for i, c := range p[:n] {
		if err := t.add(c); err != nil {
			return i, err
		}
	}
	return n, err
}

// add moves on by a byte. A document type is refused: no part of a workbook has one.
func (t *tags) add(c byte) error {
	t.size++
	now := t.next(c)
	if now == forbidden {
		return ErrXLSX
	}
	if (now == inText) != (t.within == inText) || now == inCDATA && t.within != inCDATA {
		t.size = 0
	}
	t.within, t.last = now, [2]byte{t.last[1], c}
	most := mostTag
	if now == inText || now == inCDATA {
		most = mostCell + mostTag // the reader of cells names the row of a long one
	}
	if t.size > most {
		return tooLongTag()
	}
	return nil
}

// next returns what follows a byte.
func (t *tags) next(c byte) within {
	switch {
	case t.within == inText && c == '<':
		return inOpening
	case t.within == inText:
		return inText
	case t.within == inOpening && c == '!':
		return inDeclaration
	case t.within == inOpening && c == '?':
		return inInstruction
	case t.within == inOpening:
		return inTag
	case t.within == inDeclaration && c == '-':
		return inComment
	case t.within == inDeclaration && c == '[':
		return inCDATA
	case t.within == inDeclaration:
		return forbidden
	case t.ends(c):
		return inText
	}
	return t.within
}

// ends reports whether a byte ends the tag or comment.
func (t *tags) ends(c byte) bool {
	switch t.within {
	case inComment:
		return c == '>' && t.last == [2]byte{'-', '-'}
	case inCDATA:
		return c == '>' && t.last == [2]byte{']', ']'}
	case inInstruction:
		return c == '>' && t.last[1] == '?'
	}
	switch {
	case t.quote != 0 && c == t.quote:
		t.quote = 0
	case t.quote == 0 && (c == '"' || c == '\''):
		t.quote = c
	}
	return t.quote == 0 && c == '>'
}
