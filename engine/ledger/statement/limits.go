package statement

import (
	"context"
	"fmt"
	"io"
)

// The limits of a file. Together they keep Read below 256 MiB: a month has 4,464 windows
// of ten minutes, so a file may hold 44 months of a package that is used in every window.
const (
	mostBytes    = 16 << 20 // file size
	mostUnzipped = 64 << 20 // all parts of an XLSX file
	mostRows     = 200_000
	mostCells    = 64        // per row
	mostRecord   = 128 << 10 // bytes of a row of a CSV file
	mostCell     = 128 << 10 // bytes of a cell of an XLSX file, which has at most 32,767 characters
	mostFaults   = 100

	mostParts       = 1_000     // files in an XLSX file
	mostElements    = 4_000_000 // XML elements in an XLSX file
	mostDepth       = 64        // of XML elements in each other
	mostTag         = 64 << 10  // bytes of an XML tag with its attributes
	mostShared      = 500_000   // texts that cells share
	mostSharedBytes = 32 << 20
)

// LimitError says which limit a file exceeds, where, and what to do.
type LimitError struct {
	Row    int    // in the file, from 1; 0 if the limit is not one of a row
	Detail string // such as "is longer than 128 KiB; …"
}

// Error returns the place and the detail.
func (e *LimitError) Error() string {
	if e.Row == 0 {
		return "the file " + e.Detail
	}
	return fmt.Sprintf("row %d %s", e.Row, e.Detail)
}

// saveAsCSV is the remedy for a workbook.
const saveAsCSV = "; export it again or save it as CSV"

func tooLongRecord(row int) error {
	return &LimitError{row, "is longer than 128 KiB; is a quotation mark without its partner? export the file again"}
}

func tooLong(row int) error { return &LimitError{row, "has a cell of more than 128 KiB" + saveAsCSV} }

func tooManyParts() error {
	return &LimitError{0, "has more than 1,000 parts" + saveAsCSV}
}

func tooManyElements() error {
	return &LimitError{0, "has more than 4,000,000 XML elements; export a shorter period or save it as CSV"}
}

func tooDeep() error {
	return &LimitError{0, "has more than 64 XML elements in each other" + saveAsCSV}
}

func tooLongTag() error {
	return &LimitError{0, "has an XML tag of more than 64 KiB, or a text of more than 192 KiB" + saveAsCSV}
}

func tooMuchShared() error {
	return &LimitError{0, "has more than 500,000 shared texts, or 32 MiB of them; export a shorter period or save it as CSV"}
}

// records passes on a CSV file and fails at a row that is too long, before a reader gathers
// its cells in memory. A quoted cell may hold line ends.
type records struct {
	ctx    context.Context
	source io.Reader
	quoted bool
	size   int // of the row so far
	line   int // of the file, from 0
	first  int // the line on which the row begins
}

// Read returns the error of the context once it is done.
func (r *records) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.source.Read(p)
	for i, c := range p[:n] {
		r.size++
		switch c {
		case '"':
			r.quoted = !r.quoted
		case '\n':
			r.line++
			if !r.quoted {
				r.size, r.first = 0, r.line
			}
		}
		if r.size > mostRecord {
			return i, tooLongRecord(r.first + 1)
		}
	}
	return n, err
}
