package textfile

import (
	"bytes"
	"unicode/utf16"

	"github.com/heyan-id/heyan/engine/idv"
)

// recognize returns what a file is by its first bytes if that is no text, else nil.
func recognize(data []byte) error {
	head := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, form := range forms() {
		if bytes.HasPrefix(head, []byte(form.magic)) {
			return form.is(data)
		}
	}
	return nil
}

type form struct {
	magic string
	is    func(data []byte) *Error
}

func forms() []form {
	return []form{
		{"PK\x03\x04", archive}, {"PK\x05\x06", archive},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", compound},
		{"%PDF-", document("a PDF document", "PDF 文档")},
		{`{\rtf`, document("a rich text document (.rtf)", "富文本文档（.rtf）")},
		{"\x89PNG", picture}, {"\xff\xd8\xff", picture}, {"GIF8", picture}, {"II*\x00", picture}, {"BM\x00", picture},
		{"\x1f\x8b", packed}, {"7z\xbc\xaf", packed}, {"Rar!", packed}, {"BZh", packed}, {"\xfd7zXZ", packed},
		{"SQLite format 3\x00", binary}, {"\x7fELF", binary}, {"MZ\x90", binary},
	}
}

// archive tells the documents apart that are ZIP archives by the names of their parts, which
// a ZIP archive holds uncompressed.
func archive(data []byte) *Error {
	for _, part := range []struct {
		name string
		is   func([]byte) *Error
	}{
		{"word/", document("a Word document (.docx)", "Word 文档（.docx）")},
		{"xl/", sheet("an Excel workbook (.xlsx)", "Excel 工作簿（.xlsx）")},
		{"ppt/", document("a PowerPoint presentation (.pptx)", "PowerPoint 演示文稿（.pptx）")},
		{"opendocument.text", document("an OpenDocument text (.odt)", "OpenDocument 文本（.odt）")},
		{"opendocument.spreadsheet", sheet("an OpenDocument sheet (.ods)", "OpenDocument 表格（.ods）")},
		{"Index/Document.iwa", document("a document of Apple's programs (.pages, .numbers)", "Apple 文档（.pages、.numbers）")},
		{"OFD.xml", document("an OFD document", "OFD 文档")},
	} {
		if bytes.Contains(data, []byte(part.name)) {
			return part.is(data)
		}
	}
	return packed(data)
}

// compound tells what a file in the container of old Office versions is, by the names of its
// streams in UTF-16.
func compound(data []byte) *Error {
	switch {
	case bytes.Contains(data, inUTF16("EncryptedPackage")):
		return &Error{Encrypted, idv.Text{
			EN: "is an Office file with a password; save it without one, as plain text or CSV in UTF-8", ZH: "文件是加密的 Office 文档；请去掉密码后另存为 UTF-8 的纯文本或 CSV",
		}}
	case bytes.Contains(data, inUTF16("WordDocument")):
		return document("a Word document (.doc)", "Word 文档（.doc）")(data)
	case bytes.Contains(data, inUTF16("Workbook")), bytes.Contains(data, inUTF16("Book")):
		return sheet("an old Excel file (.xls)", "旧版 Excel 文件（.xls）")(data)
	}
	return document("a file of an old Office version", "旧版 Office 文件")(data)
}

func inUTF16(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit&0xff), byte(unit>>8))
	}
	return b
}

func document(en, zh string) func([]byte) *Error {
	return func([]byte) *Error {
		return &Error{Document, idv.Text{
			EN: "is " + en + " and no text; open it and save it as plain text in UTF-8, or copy its text into a file",
			ZH: "文件是" + zh + "，不是纯文本；请打开后另存为 UTF-8 纯文本，或将文字复制到文本文件",
		}}
	}
}

func sheet(en, zh string) func([]byte) *Error {
	return func([]byte) *Error {
		return &Error{Sheet, idv.Text{
			EN: "is " + en + " and no text; open it and save the sheet as CSV in UTF-8",
			ZH: "文件是" + zh + "，不是纯文本；请打开后将工作表另存为 UTF-8 的 CSV",
		}}
	}
}

func picture([]byte) *Error {
	return &Error{Binary, idv.Text{EN: "is a picture and no text; type its text into a file", ZH: "文件是图片，不是文本；请将文字录入文本文件"}}
}

func packed([]byte) *Error {
	return &Error{Binary, idv.Text{EN: "is a packed archive and no text; unpack it and name a text file", ZH: "文件是压缩包，不是文本；请解压后指定其中的文本文件"}}
}

func binary([]byte) *Error {
	return &Error{Binary, idv.Text{EN: "is a program or a database and no text; name a text file", ZH: "文件是程序或数据库，不是文本；请指定文本文件"}}
}
