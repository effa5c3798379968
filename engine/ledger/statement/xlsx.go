package statement

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// workbook is an XLSX file. Of its parts only the sheets up to their headings, the sheet with
// the statement and the texts that cells share are read, each as a stream: styles, merged
// ranges and other sheets cost nothing.
type workbook struct {
	ctx      context.Context
	archive  *zip.Reader
	left     int // bytes that the parts may still unpack to
	elements int // XML elements that they may still have
}

// mostSheets is how many sheets are looked at.
const mostSheets = 50

// readXLSX reads the sheet of a workbook that has the columns of a statement, row by row, and
// returns its name if there are several sheets. A workbook that says that it unpacks to more
// than the limit is rejected before it does.
//
// Cells are read raw, since a formatted serial number may have lost digits.
func readXLSX(ctx context.Context, data []byte) (*table, string, error) {
	if bytes.Count(data, []byte("PK\x01\x02")) > mostParts { // entries of the directory, which zip would keep in memory
		return nil, "", tooManyParts()
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, "", ErrXLSX
	}
	total := uint64(0)
	for _, part := range archive.File {
		total += min(part.UncompressedSize64, mostUnzipped+1)
	}
	if total > mostUnzipped {
		return nil, "", ErrTooLarge
	}
	b := &workbook{ctx: ctx, archive: archive, left: mostUnzipped, elements: mostElements}
	sheets, shared, err := b.find()
	if err != nil {
		return nil, "", err
	}
	var texts []string
	if shared != "" {
		if texts, err = b.sharedTexts(shared); err != nil {
			return nil, "", err
		}
	}
	return b.choose(sheets, texts)
}

// choose reads the sheet that has the columns: a visible one, or else a hidden one. Two of
// them are an error, since the lines of one of them would be missing.
func (b *workbook) choose(sheets []sheetPart, texts []string) (*table, string, error) {
	for _, hidden := range []bool{false, true} {
		var found *table
		name := ""
		for _, s := range sheets {
			if s.hidden != hidden {
				continue
			}
			t := newTable()
			reader := sheetReader{table: t, shared: texts}
			if err := b.each(s.part, reader.token); err != nil {
				return nil, "", err
			}
			switch {
			case t.columns == nil || found != nil && t.empty():
			case found == nil || found.empty():
				found, name = t, s.name
			default:
				return nil, "", ErrSheets
			}
		}
		if found != nil && len(sheets) == 1 {
			name = ""
		}
		if found != nil {
			return found, name, nil
		}
	}
	return newTable(), "", nil
}

// sheetPart is a sheet and the part of the file that holds it.
type sheetPart struct {
	name, id, part string
	hidden         bool
}

// find returns the sheets in their order and the name of the part with the shared texts, which
// may be absent.
func (b *workbook) find() (sheets []sheetPart, shared string, err error) {
	err = b.each("xl/workbook.xml", func(tok xml.Token) error {
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "sheet" && len(sheets) < mostSheets {
			state := attribute(e, "state")
			sheets = append(sheets, sheetPart{name: attribute(e, "name"), id: attribute(e, "id"), hidden: state != "" && state != "visible"})
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	if shared, err = b.locate(sheets); err != nil {
		return nil, "", err
	}
	if len(sheets) == 0 || slices.ContainsFunc(sheets, func(s sheetPart) bool { return s.part == "" }) {
		return nil, "", ErrXLSX
	}
	return sheets, shared, nil
}

// locate sets the parts of the sheets and returns that of the shared texts.
func (b *workbook) locate(sheets []sheetPart) (shared string, err error) {
	err = b.each("xl/_rels/workbook.xml.rels", func(tok xml.Token) error {
		e, ok := tok.(xml.StartElement)
		if !ok || e.Name.Local != "Relationship" {
			return nil
		}
		target := attribute(e, "Target")
		if name, absolute := strings.CutPrefix(target, "/"); absolute {
			target = name
		} else {
			target = path.Join("xl", target)
		}
		if strings.HasSuffix(attribute(e, "Type"), "/sharedStrings") {
			shared = target
		}
		for i := range sheets {
			if sheets[i].id != "" && sheets[i].id == attribute(e, "Id") {
				sheets[i].part = target
			}
		}
		return nil
	})
	return shared, err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// errStop ends the reading of a part early.
var errStop = errors.New("the rest is not needed")

// each calls do for every token of a part, until it returns an error.
func (b *workbook) each(name string, do func(xml.Token) error) error {
	part, err := b.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }() // nothing was written
	d := xml.NewDecoder(&tags{ctx: b.ctx, source: part, left: &b.left})
	for depth := 0; ; {
		tok, err := d.Token()
		switch tok.(type) {
		case xml.StartElement:
			depth++
			b.elements--
		case xml.EndElement:
			depth--
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return b.fault(err)
		case b.elements < 0:
			return tooManyElements()
		case depth > mostDepth:
			return tooDeep()
		}
		if err := do(tok); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// open opens a part. Letter case makes no difference in names of parts.
func (b *workbook) open(name string) (io.ReadCloser, error) {
	for _, part := range b.archive.File {
		if strings.EqualFold(part.Name, name) {
			r, err := part.Open()
			if err != nil {
				return nil, ErrXLSX
			}
			return r, nil
		}
	}
	return nil, ErrXLSX
}

// fault returns the error for one of the decoder, whose text may quote the file.
func (b *workbook) fault(err error) error {
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return limit
	case errors.Is(err, ErrTooLarge):
		return ErrTooLarge
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	}
	return ErrXLSX
}

// textReader gathers the text of a cell or of a shared text: of all its runs, without the
// pronunciation that some editors add.
type textReader struct {
	text     strings.Builder
	open     bool
	phonetic int // how many elements with a pronunciation are open
}

// token gathers text between the elements of a name.
func (r *textReader) token(tok xml.Token, in ...string) (fits bool) {
	switch e := tok.(type) {
	case xml.StartElement:
		if e.Name.Local == "rPh" {
			r.phonetic++
		}
		r.open = slices.Contains(in, e.Name.Local)
	case xml.EndElement:
		if e.Name.Local == "rPh" {
			r.phonetic--
		}
		r.open = false
	case xml.CharData:
		if r.open && r.phonetic == 0 {
			r.text.Write(e)
		}
	}
	return r.text.Len() <= mostCell
}

// take returns the text and starts anew.
func (r *textReader) take() string {
	text := r.text.String()
	r.text.Reset()
	return text
}

// sharedTexts reads the texts that cells share.
func (b *workbook) sharedTexts(name string) ([]string, error) {
	var list []string
	var r textReader
	size := 0
	err := b.each(name, func(tok xml.Token) error {
		if !r.token(tok, "t") {
			return tooLong(0)
		}
		if e, ok := tok.(xml.EndElement); !ok || e.Name.Local != "si" {
			return nil
		}
		text := unescape(r.take())
		if size += len(text); size > mostSharedBytes || len(list) == mostShared {
			return tooMuchShared()
		}
		list = append(list, text)
		return nil
	})
	return list, err
}
