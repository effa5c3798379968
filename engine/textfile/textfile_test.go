package textfile_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/engine/textfile"
)

const (
	simplified  = "个人信息处理告知书\r\n本授权一经作出，便不可撤销。您的姓名、身份证号码将永久保存。\r\n"
	traditional = "個人資料處理告知書\r\n本授權一經作出，便不可撤銷。您的姓名、身分證號碼將永久保存。\r\n"
	english     = "This consent cannot be withdrawn.\r\n"
	rows        = "流水编号,处理时间,消耗,备注\r\n455784350650,2018-03-19 10:50:01 - 2018-03-19 11:00:01,7次,套餐包消耗\r\n"
	config      = "# 供应商\nproviders:\n  - name: main\n    recipient: 四川涪擎大数据技术有限公司\n"
	people      = "{\"name\":\"张三\",\"id_number\":\"11010519491231002X\"}\n"
)

func encode(t testing.TB, e encoding.Encoding, text string) []byte {
	t.Helper()
	data, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func utf16(order unicode.Endianness, mark unicode.BOMPolicy) encoding.Encoding {
	return unicode.UTF16(order, mark)
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	all := map[string]string{
		"simplified": simplified, "traditional": traditional, "English": english, "rows": rows, "configuration": config, "person": people,
	}
	for name, text := range all {
		tests := []struct {
			encoding string
			data     []byte
			used     textfile.Encoding
		}{
			{"UTF-8", []byte(text), textfile.UTF8},
			{"UTF-8 with a mark", []byte("\ufeff" + text), textfile.UTF8},
			{"UTF-16 LE with a mark", encode(t, utf16(unicode.LittleEndian, unicode.UseBOM), text), textfile.UTF16LE},
			{"UTF-16 BE with a mark", encode(t, utf16(unicode.BigEndian, unicode.UseBOM), text), textfile.UTF16BE},
			{"UTF-16 LE", encode(t, utf16(unicode.LittleEndian, unicode.IgnoreBOM), text), textfile.UTF16LE},
			{"UTF-16 BE", encode(t, utf16(unicode.BigEndian, unicode.IgnoreBOM), text), textfile.UTF16BE},
		}
		if name != "English" {
			gb := encode(t, simplifiedchinese.GB18030, text)
			tests = append(tests, struct {
				encoding string
				data     []byte
				used     textfile.Encoding
			}{"GB18030", gb, textfile.GB18030}, struct {
				encoding string
				data     []byte
				used     textfile.Encoding
			}{"GB18030 with a mark", append([]byte("\x84\x31\x95\x33"), gb...), textfile.GB18030})
		}
		if name == "traditional" {
			tests = append(tests, struct {
				encoding string
				data     []byte
				used     textfile.Encoding
			}{"Big5", encode(t, traditionalchinese.Big5, text), textfile.Big5})
		}
		for _, tt := range tests {
			t.Run(name+" in "+tt.encoding, func(t *testing.T) {
				got, used, err := textfile.Decode(tt.data)
				if err != nil || string(got) != text || used != tt.used {
					t.Errorf("got %q, %s, %v", got, used, err)
				}
			})
		}
	}
}

// TestShortTexts: of a few characters, an encoding is taken or the file is refused, and never
// read as another text.
func TestShortTexts(t *testing.T) {
	t.Parallel()
	refused := 0
	check := func(e encoding.Encoding, list ...string) {
		for _, text := range list {
			got, _, err := textfile.Decode(encode(t, e, text))
			if err != nil {
				refused++
			} else if string(got) != text {
				t.Errorf("%s was read as %q", text, got)
			}
		}
	}
	check(simplifiedchinese.GB18030, "张三", "李四", "王五", "赵六", "测试", "测试一", "同意", "不可撤销", "欧阳娜娜", "诸葛亮", "陈建国", "刘德华", "吴亦凡",
		"司马光", "阿里木·买买提", "邓丽君", "姓名", "龘", "11010519491231002X 张三", "{\"name\":\"王小明\"}", "周杰伦", "蔡徐坤", "何炅", "撒贝宁", "郎朗")
	check(traditionalchinese.Big5, "張三", "李四", "王五", "趙六", "測試", "同意", "不可撤銷", "歐陽娜娜", "諸葛亮", "陳建國", "劉德華", "身分證號碼", "鄧麗君",
		"{\"name\":\"王小明\"}", "周杰倫", "蔡依林", "林志玲", "郭台銘", "馬英九", "蔣經國")
	t.Logf("%d of 45 refused", refused)
	if refused > 9 {
		t.Errorf("%d of 45 short texts are refused", refused)
	}
}

func zipped(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range parts {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOtherFilesAreNamed: what a file is, and what to do.
func TestOtherFilesAreNamed(t *testing.T) {
	t.Parallel()
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 64)
	wide := func(text string) string {
		return string(encode(t, utf16(unicode.LittleEndian, unicode.IgnoreBOM), text))
	}
	tests := []struct {
		name, data string
		kind       textfile.Kind
		want       string
	}{
		{"docx", string(zipped(t, "[Content_Types].xml", "word/document.xml")), textfile.Document, ".docx"},
		{"xlsx", string(zipped(t, "[Content_Types].xml", "xl/workbook.xml")), textfile.Sheet, ".xlsx"},
		{"pptx", string(zipped(t, "ppt/presentation.xml")), textfile.Document, ".pptx"},
		{"odt", "PK\x03\x04" + "mimetypeapplication/vnd.oasis.opendocument.text", textfile.Document, ".odt"},
		{"ods", "PK\x03\x04" + "mimetypeapplication/vnd.oasis.opendocument.spreadsheet", textfile.Sheet, ".ods"},
		{"zip", string(zipped(t, "notice.txt")), textfile.Binary, "archive"},
		{"doc", ole + wide("WordDocument"), textfile.Document, ".doc"},
		{"xls", ole + wide("Workbook"), textfile.Sheet, ".xls"},
		{"docx with a password", ole + wide("EncryptedPackage"), textfile.Encrypted, "password"},
		{"pdf", "%PDF-1.7\n%\xe2\xe3", textfile.Document, "PDF"},
		{"pdf after a mark", "\ufeff\r\n%PDF-1.7", textfile.Document, "PDF"},
		{"rtf", `{\rtf1\ansi hello}`, textfile.Document, ".rtf"},
		{"png", "\x89PNG\r\n\x1a\n", textfile.Binary, "picture"},
		{"jpeg", "\xff\xd8\xff\xe0", textfile.Binary, "picture"},
		{"gzip", "\x1f\x8b\x08", textfile.Binary, "archive"},
		{"database", "SQLite format 3\x00", textfile.Binary, "database"},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", textfile.Unclear, "UTF-32"},
		{"half a UTF-16", "\xff\xfea", textfile.Unclear, "UTF-16 LE"},
		{"Shift JIS", string(encode(t, japanese.ShiftJIS, "これはにほんごのぶんしょうです。カタカナ")), textfile.Unclear, "UTF-8"},
		{"EUC-KR", string(encode(t, korean.EUCKR, "개인정보 처리 동의서 한국어")), textfile.Unclear, "UTF-8"},
		{"Latin-1", "Einverst\xe4ndniserkl\xe4rung f\xfcr\xdf", textfile.Unclear, "UTF-8"},
		{"noise", "\x00\x01\x02\xff\xfe\x80\x81", textfile.Unclear, "UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, _, err := textfile.Decode([]byte(tt.data))
			var e *textfile.Error
			if !errors.As(err, &e) {
				t.Fatalf("read as %q, %v", text, err)
			}
			if e.Kind != tt.kind || !strings.Contains(e.Error(), tt.want) || !strings.Contains(e.Error(), ";") || e.Help().ZH == "" {
				t.Errorf("%s: %q, %q", e.Kind, e.Error(), e.Help().ZH)
			}
		})
	}
}

func TestStarts(t *testing.T) {
	t.Parallel()
	whole := encode(t, simplifiedchinese.GB18030, strings.Repeat(simplified, 3))
	for cut := 60; cut < 70; cut++ {
		if used, err := textfile.Starts(whole[:cut]); err != nil || used != textfile.GB18030 {
			t.Errorf("cut at %d: %s, %v", cut, used, err)
		}
	}
	if used, err := textfile.Starts(nil); err != nil || used != textfile.UTF8 {
		t.Errorf("nothing: %s, %v", used, err)
	}
	text, err := textfile.GB18030.Decoder().Bytes(whole)
	if err != nil || string(text) != strings.Repeat(simplified, 3) {
		t.Errorf("%q, %v", text, err)
	}
}

// FuzzDecode: what is returned is UTF-8 without a mark, and UTF-8 is returned as it is.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(simplified))
	f.Add(encode(f, simplifiedchinese.GB18030, simplified))
	f.Add(encode(f, traditionalchinese.Big5, traditional))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, used, err := textfile.Decode(data)
		if err != nil {
			return
		}
		if !utf8.Valid(text) {
			t.Fatalf("%q as %s is not UTF-8: %q", data, used, text)
		}
		if used == textfile.UTF8 && string(text) != strings.TrimPrefix(string(data), "\ufeff") {
			t.Fatalf("%q became %q", data, text)
		}
	})
}
