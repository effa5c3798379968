package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// readCSV takes a file with commas, tabs or semicolons, in UTF-8 or GB18030.
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
			t.faults.add(broken.Line, "", "has a quotation mark that is not closed or stands alone; reading ended there")
			return nil
		case err != nil:
			return err
		case rows >= mostRows+searched:
			return ErrTooMany
		}
		if line, _ := r.FieldPos(0); !t.row(line, cells) {
			return nil
		}
	}
}

// delimiter is the one of the three that the file's beginning has most of. All three
// are single bytes in both encodings, and none is a part of a Chinese character.
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
