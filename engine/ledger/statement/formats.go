package statement

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/heyan-id/heyan/engine/textfile"
)

// readCSV reads a file with commas, tabs or semicolons, in any encoding that package textfile
// reads. In a file of which some bytes belong to no encoding, the rows with them are faults.
func readCSV(ctx context.Context, data []byte, t *table) error {
	var source io.Reader
	text, _, failed := textfile.Decode(data)
	var other *textfile.Error
	switch {
	case errors.As(failed, &other) && other.Kind != textfile.Unclear:
		return fmt.Errorf("the file %w", failed)
	case failed != nil:
		source = textfile.GB18030.Decoder().Reader(bytes.NewReader(data))
	default:
		data = textFormula.ReplaceAll(lineFeeds(text), []byte(`$1"$2"`))
		source = bytes.NewReader(data)
	}
	err := readRows(csv.NewReader(&records{ctx: ctx, source: source}), delimiter(data), t)
	if err == nil && failed != nil && t.columns == nil {
		return fmt.Errorf("the file %w", failed)
	}
	return err
}

func readRows(r *csv.Reader, comma rune, t *table) error {
	r.Comma = comma
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

// textFormula matches a cell ="455784350650" without the quotes that CSV wants round it.
var textFormula = regexp.MustCompile(`(?m)(^|[,;\t])="([^"\r\n,;\t]*)"`)

// lineFeeds returns a text whose lines end with a line feed. Some programs for the Mac end them
// with a carriage return alone.
func lineFeeds(text []byte) []byte {
	if bytes.IndexByte(text, '\n') >= 0 {
		return text
	}
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// delimiter returns the most frequent of the three delimiters at the start of the file.
// Each is a single byte in both encodings and never part of a Chinese character.
func delimiter(data []byte) rune {
	head := data[:min(len(data), 4096)]
	if hint, ok := bytes.CutPrefix(head, []byte("sep=")); ok && len(hint) > 0 && bytes.IndexByte([]byte(",;\t"), hint[0]) >= 0 {
		return rune(hint[0]) // written for a spreadsheet program
	}
	best, most := ',', 0
	for _, d := range []byte{',', '\t', ';'} {
		if n := bytes.Count(head, []byte{d}); n > most {
			best, most = rune(d), n
		}
	}
	return best
}
