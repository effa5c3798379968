package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// mostParts is how many files an XLSX may hold; an export has about ten.
const mostParts = 1_000

// mostStrings is how many shared texts there may be: each cell of an export its own.
const mostStrings = 4 * mostRows

// workbook is an XLSX: a zip of XML files (ECMA-376). An export needs little of it:
// the texts of the cells of the first sheet, so this reads no more. Everything is a
// stream, and nothing is unpacked to the disk.
type workbook struct {
	parts   map[string]*zip.File
	strings []string // the texts that cells refer to by number
}

// readXLSX takes the first sheet of a workbook.
func readXLSX(data []byte, t *table) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(archive.File) > mostParts {
		return ErrXLSX
	}
	if err := weigh(archive); err != nil {
		return err
	}
	w := workbook{parts: map[string]*zip.File{}}
	for _, part := range archive.File {
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/"))] = part
	}
	sheet, err := w.firstSheet()
	if err == nil {
		err = w.readStrings()
	}
	if err == nil {
		err = w.readSheet(sheet, t)
	}
	if err != nil && !errors.Is(err, ErrTooMany) {
		return ErrXLSX
	}
	return err
}

// weigh refuses a file that would unpack to more than is allowed, before it does. The
// zip reader sees to it that no part is larger than it says.
func weigh(archive *zip.Reader) error {
	total := uint64(0)
	for _, part := range archive.File {
		if part.UncompressedSize64 > mostUnzipped {
			return ErrTooLarge
		}
		if total += part.UncompressedSize64; total > mostUnzipped {
			return ErrTooLarge
		}
	}
	return nil
}

// each calls f for the begin of every element of a part, until f says stop.
func (w *workbook) each(name string, f func(*xml.Decoder, xml.StartElement) (stop bool, err error)) error {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return ErrXLSX
	}
	body, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // closing only frees memory here
	d := xml.NewDecoder(body)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if stop, err := f(d, start); stop || err != nil {
				return err
			}
		}
	}
}

// firstSheet finds the part that holds the first sheet: the workbook names it by an
// id, which the relations resolve.
func (w *workbook) firstSheet() (string, error) {
	id, target := "", ""
	err := w.each("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "sheet" {
			id = attribute(e, "id")
		}
		return id != "", nil
	})
	if err != nil {
		return "", err
	}
	err = w.each("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local == "Relationship" && attribute(e, "Id") == id {
			target = attribute(e, "Target")
		}
		return target != "", nil
	})
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(target, "/"), err
	}
	return path.Join("xl", target), err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// richText is a text, whole or in runs of one format each. Phonetic hints are left
// out.
type richText struct {
	Text string   `xml:"t"`
	Runs []string `xml:"r>t"`
}

func (r richText) String() string { return r.Text + strings.Join(r.Runs, "") }

// readStrings reads the shared texts; a workbook without any has no part for them.
func (w *workbook) readStrings() error {
	const name = "xl/sharedStrings.xml"
	if w.parts[strings.ToLower(name)] == nil {
		return nil
	}
	return w.each(name, func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		if e.Name.Local != "si" {
			return false, nil
		}
		if len(w.strings) == mostStrings {
			return true, ErrTooMany
		}
		var text richText
		err := d.DecodeElement(&text, &e)
		w.strings = append(w.strings, text.String())
		return false, err
	})
}

// xmlCell is a cell: a number or text, or the number of a shared text.
type xmlCell struct {
	Ref    string   `xml:"r,attr"`
	Type   string   `xml:"t,attr"`
	Value  string   `xml:"v"`
	Inline richText `xml:"is"`
}

// sheetRow gathers the cells of a row as they come.
type sheetRow struct {
	number int
	cells  []string
}

// readSheet gives the rows to the table, each when the next one begins.
func (w *workbook) readSheet(name string, t *table) error {
	row, rows := sheetRow{}, 0
	err := w.each(name, func(d *xml.Decoder, e xml.StartElement) (bool, error) {
		switch e.Name.Local {
		case "c":
			return false, w.cell(d, e, &row)
		case "row":
			if rows++; rows > mostRows+searched {
				return true, ErrTooMany
			}
			if rows > 1 && !t.row(row.number, row.cells) {
				rows = 0
				return true, nil
			}
			number, _ := strconv.Atoi(attribute(e, "r"))
			row = sheetRow{number: max(number, row.number+1), cells: row.cells[:0]}
		}
		return false, nil
	})
	if err == nil && rows > 0 {
		t.row(row.number, row.cells)
	}
	return err
}

// cell puts a cell where it stands. Those far to the right are not kept, only that
// there are some.
func (w *workbook) cell(d *xml.Decoder, e xml.StartElement, row *sheetRow) error {
	if len(row.cells) > mostCells {
		return d.Skip()
	}
	var c xmlCell
	if err := d.DecodeElement(&c, &e); err != nil {
		return err
	}
	at := len(row.cells)
	if c.Ref != "" {
		at = min(columnOf(c.Ref), mostCells)
	}
	for len(row.cells) <= at {
		row.cells = append(row.cells, "")
	}
	text, err := w.text(c)
	row.cells[at] = text
	return err
}

func (w *workbook) text(c xmlCell) (string, error) {
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.Value))
		if err != nil || i < 0 || i >= len(w.strings) {
			return "", ErrXLSX
		}
		return w.strings[i], nil
	case "inlineStr":
		return c.Inline.String(), nil
	}
	return c.Value, nil
}

// columnOf returns the column of a reference as "B7", from 0.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && i < 4 && 'A' <= ref[i] && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return max(n-1, 0)
}
