package statement

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// readCSV reads a file with commas, tabs or semicolons, in UTF-8 or GB18030.
func readCSV(data []byte, t *table) error {
	var source io.Reader = bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))
	if !utf8.Valid(data) {
		source = simplifiedchinese.GB18030.NewDecoder().Reader(source)
	}
	r := csv.NewReader(source)
	r.Comma = delimiter(data)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	for rows := 0; ; rows++ {
		cells, err := r.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			t.faults.add(broken.Line, "", "has a quotation mark without a partner; reading stopped there")
			return nil
		case err != nil:
			return err
		case rows >= mostRows+headerRows:
			return ErrTooMany
		}
		if line, _ := r.FieldPos(0); !t.row(line, cells) {
			return nil
		}
	}
}

// delimiter returns the most frequent of the three delimiters at the start of the file.
// Each is a single byte in both encodings and never part of a Chinese character.
func delimiter(data []byte) rune {
	head := data[:min(len(data), 4096)]
	best, most := ',', 0
	for _, d := range []byte{',', '\t', ';'} {
		if n := bytes.Count(head, []byte{d}); n > most {
			best, most = rune(d), n
		}
	}
	return best
}

// readXLSX reads the first sheet of a workbook, row by row. A workbook that unpacks to
// more than the limit is rejected before it does. Both limits are equal, so excelize never
// unpacks a sheet to the disk.
//
// Cells are read raw, since a formatted serial number may have lost digits.
func readXLSX(data []byte, t *table) error {
	workbook, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: mostUnzipped,
	})
	if err != nil {
		if tooLarge(data) {
			return ErrTooLarge
		}
		return ErrXLSX
	}
	defer func() { _ = workbook.Close() }() // closing only frees memory
	sheets := workbook.GetSheetList()
	if len(sheets) == 0 {
		return ErrXLSX
	}
	rows, err := workbook.Rows(sheets[0])
	if err != nil {
		return ErrXLSX
	}
	defer func() { _ = rows.Close() }()
	for n := 1; rows.Next(); n++ {
		if n > mostRows+headerRows {
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

// tooLarge reports whether the directory of a workbook declares more than the allowed
// size.
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
