package statement

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
)

// sheetReader reads the rows of a sheet into a table.
type sheetReader struct {
	table  *table
	shared []string

	rows   int
	row    int // the number of the row, from 1
	cells  []string
	column int // of the cell, from 0
	kind   string
	text   textReader
}

// mostRow is the largest number of a row that a sheet can have.
const mostRow = 1 << 20

// token reads a token of the sheet.
func (s *sheetReader) token(tok xml.Token) error {
	if !s.text.token(tok, "v", "t") {
		return tooLong(s.row)
	}
	switch e := tok.(type) {
	case xml.StartElement:
		switch e.Name.Local {
		case "row":
			return s.beginRow(attribute(e, "r"))
		case "c":
			s.text.take()
			s.kind = attribute(e, "t")
			return s.beginCell(attribute(e, "r"))
		}
	case xml.EndElement:
		switch e.Name.Local {
		case "c":
			return s.endCell()
		case "row":
			if !s.table.row(s.row, s.cells) {
				return errStop
			}
		case "sheetData":
			return errStop
		}
	}
	return nil
}

// beginRow begins a row. Its number may be missing, and rows without cells may be left out.
func (s *sheetReader) beginRow(number string) error {
	next := s.row + 1
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < next || n > mostRow {
			return ErrXLSX
		}
		next = n
	}
	s.row, s.column, s.cells = next, -1, s.cells[:0]
	if s.rows++; s.rows > mostRows+headerRows {
		return ErrTooMany
	}
	return nil
}

// beginCell begins the cell with a reference such as "C12", or the next one without.
func (s *sheetReader) beginCell(reference string) error {
	s.column++
	if reference == "" {
		return nil
	}
	letters := strings.TrimRight(reference, "0123456789")
	column := 0
	for _, c := range strings.ToUpper(letters) {
		if c < 'A' || c > 'Z' || len(letters) > 3 {
			return ErrXLSX
		}
		column = column*26 + int(c-'A') + 1
	}
	s.column = column - 1
	if column == 0 {
		return ErrXLSX
	}
	return nil
}

// endCell adds the text of a cell to the row. Of the cells beyond the limit only one is
// kept, by which the table finds that there are too many.
func (s *sheetReader) endCell() error {
	text := s.text.take()
	switch s.kind {
	case "s":
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(s.shared) {
			return ErrXLSX
		}
		text = s.shared[i]
	case "inlineStr", "str":
		text = unescape(text)
	case "", "n":
		text = numberCell(text)
	}
	if text == "" {
		return nil
	}
	at := min(s.column, mostCells)
	for len(s.cells) <= at {
		s.cells = append(s.cells, "")
	}
	s.cells[at] = text
	return nil
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape replaces the form _x000D_ in which a workbook holds some characters.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(form string) string {
		n, err := strconv.ParseUint(form[2:6], 16, 16)
		if err != nil {
			return form
		}
		return string(rune(n))
	})
}
