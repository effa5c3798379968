// Package textfile reads text that people hand in: notices, configurations, lists of
// numbers, sheets as CSV. Editors and spreadsheet programs save it in UTF-8, UTF-16,
// GB18030 (which includes GBK and GB 2312) or Big5, with or without a byte order mark.
// [Decode] converts it to UTF-8, or says what the file is and what to do, so that no reader
// finds nothing in a text that it cannot read.
//
// The bytes of a text without a byte order mark fit several encodings. Decode takes one only
// if the text that it gives is clearly Chinese or English and that of the others is not.
package textfile

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/engine/idv"
)

// Encoding names how a text was encoded.
type Encoding string

// The encodings.
const (
	UTF8    Encoding = "UTF-8"
	UTF16LE Encoding = "UTF-16 LE"
	UTF16BE Encoding = "UTF-16 BE"
	GB18030 Encoding = "GB18030"
	Big5    Encoding = "Big5"
)

// Error says what a file is instead of a text that can be read, and what to do.
type Error struct {
	Kind Kind
	help idv.Text
}

// Kind names why a text cannot be read. Programs act on it.
type Kind string

// The kinds.
const (
	Document  Kind = "document"  // a file of a word processor, a PDF or the like
	Sheet     Kind = "sheet"     // a file of a spreadsheet program
	Binary    Kind = "binary"    // no text
	Encrypted Kind = "encrypted" // an Office file with a password, or of an old version
	Unclear   Kind = "encoding"  // text in another encoding, or in none
)

// Error returns the sentence in English.
func (e *Error) Error() string { return e.help.EN }

// Help returns what the file is and what to do. It quotes nothing of the file.
func (e *Error) Help() idv.Text { return e.help }

// Decode converts a text to UTF-8 without a byte order mark. The error is an *[Error].
func Decode(data []byte) (text []byte, used Encoding, err error) {
	if err := recognize(data); err != nil {
		return nil, "", err
	}
	for _, mark := range []struct {
		bytes string
		used  Encoding
	}{{"\xef\xbb\xbf", UTF8}, {"\xff\xfe\x00\x00", ""}, {"\x00\x00\xfe\xff", ""}, {"\xff\xfe", UTF16LE}, {"\xfe\xff", UTF16BE}, {"\x84\x31\x95\x33", GB18030}} {
		rest, marked := bytes.CutPrefix(data, []byte(mark.bytes))
		switch {
		case !marked:
			continue
		case mark.used == "":
			return nil, "", unclear("is encoded in UTF-32; save it as UTF-8", "文件编码为 UTF-32；请另存为 UTF-8")
		}
		text, ok := decodeAs(rest, mark.used)
		if !ok {
			return nil, "", damaged(mark.used)
		}
		return text, mark.used, nil
	}
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return data, UTF8, nil
	}
	return guess(data)
}

// Starts returns the beginning of a text in UTF-8, for a reader that cannot hold the whole
// of it, and how the whole is decoded. The last character of head may be cut.
func Starts(head []byte) (Encoding, error) {
	_, used, first := Decode(head)
	for cut := 1; first != nil && cut < min(len(head), utf8.UTFMax); cut++ {
		if _, used, err := Decode(head[:len(head)-cut]); err == nil {
			return used, nil
		}
	}
	return used, first
}

// Decoder returns the decoder of an encoding. It drops a byte order mark, and gives U+FFFD
// for bytes that do not belong to the encoding.
func (e Encoding) Decoder() *encoding.Decoder {
	if e == UTF8 {
		return unicode.UTF8BOM.NewDecoder()
	}
	return encodingOf(e).NewDecoder()
}

func encodingOf(e Encoding) encoding.Encoding {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case GB18030:
		return simplifiedchinese.GB18030
	case Big5:
		return traditionalchinese.Big5
	}
	return unicode.UTF8
}

// decodeAs decodes a text without a byte order mark and reports whether all of it belongs to
// the encoding.
func decodeAs(data []byte, e Encoding) ([]byte, bool) {
	if e == UTF8 {
		return data, utf8.Valid(data)
	}
	if (e == UTF16LE || e == UTF16BE) && len(data)%2 != 0 {
		return nil, false
	}
	text, err := encodingOf(e).NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) || bytes.IndexByte(text, 0) >= 0 {
		return nil, false
	}
	return text, true
}

func unclear(en, zh string) *Error { return &Error{Unclear, idv.Text{EN: en, ZH: zh}} }

func damaged(e Encoding) *Error {
	return unclear("begins with the mark of "+string(e)+" but has bytes that do not belong to it; export it again, or save it as UTF-8",
		"文件带有 "+string(e)+" 标记，但含有不属于该编码的字节；请重新导出，或另存为 UTF-8")
}
