package statement

import (
	"archive/zip"
	"bytes"

	"github.com/xuri/excelize/v2"
)

// readXLSX takes the first sheet of a workbook, row by row. What would unpack to more
// than is allowed is refused before it does, and nothing is unpacked to the disk:
// both limits are the same, so no sheet is too large for memory and yet allowed.
//
// Cells are taken raw. A serial number that a spreadsheet turned into a number has
// lost digits; as a text it is what it was.
func readXLSX(data []byte, t *table) error {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: mostUnzipped,
	})
	if err != nil {
		if tooLarge(data) {
			return ErrTooLarge
		}
		return ErrXLSX
	}
	defer func() { _ = book.Close() }() // closing only frees memory here
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return ErrXLSX
	}
	rows, err := book.Rows(sheets[0])
	if err != nil {
		return ErrXLSX
	}
	defer func() { _ = rows.Close() }()
	for n := 1; rows.Next(); n++ {
		if n > mostRows+searched {
			return ErrTooMany
		}
		cells, err := rows.Columns()
		if err != nil {
			return ErrXLSX
		}
		if !t.row(n, cells) {
			return nil
		}
	}
	if rows.Error() != nil {
		return ErrXLSX
	}
	return nil
}

// tooLarge reports whether a workbook says of itself that it unpacks to more than is
// allowed.
func tooLarge(data []byte) bool {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	total := uint64(0)
	for _, part := range archive.File {
		total += min(part.UncompressedSize64, mostUnzipped+1)
	}
	return total > mostUnzipped
}
