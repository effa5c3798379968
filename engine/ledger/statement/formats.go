package statement

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// readCSV reads a file with commas, tabs or semicolons, in UTF-8 or GB18030.
func readCSV(ctx context.Context, data []byte, t *table) error {
	var source io.Reader = bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))
	if !utf8.Valid(data) {
		source = simplifiedchinese.GB18030.NewDecoder().Reader(source)
	}
	r := csv.NewReader(&records{ctx: ctx, source: source})
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
