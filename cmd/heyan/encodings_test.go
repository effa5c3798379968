package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/idv"
)

func encodings() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"UTF-8 with a mark":     unicode.UTF8BOM,
		"UTF-16 LE with a mark": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 BE with a mark": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16 LE":             unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"GBK":                   simplifiedchinese.GBK,
		"GB18030":               simplifiedchinese.GB18030,
	}
}

// runOn runs heyan with a file of the given bytes as its last argument.
func runOn(t *testing.T, data []byte, args ...string) (code int, out, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append(args, path), strings.NewReader(""), &stdout, &stderr, []string{"LANG=en_US.UTF-8"})
	return code, strings.ReplaceAll(stdout.String(), path, "FILE"), strings.ReplaceAll(stderr.String(), path, "FILE")
}

// TestEncodingsMakeNoDifference: every command that reads text gives the same result for each
// encoding.
func TestEncodingsMakeNoDifference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		args []string
		code int
		want string // in stdout or stderr
	}{
		{"consent lint", "个人信息处理告知书\n本授权一经作出，便不可撤销。\n", []string{"consent", "lint"}, exitFound, "irrevocable"},
		{"check", "11010519491231002X\n11010519491231003X\n", []string{"check", "--json"}, exitFound, `"reason":"ok"`},
		{"config check", "# 四川涪擎大数据技术有限公司的配置文件\nstore: {driver: memory}\nnonsense: 1\n", []string{"config", "check", "--config"}, exitFound, "nonsense"},
		{"rules", "# 规则文件：同意与授权\nrules:\n  - id: r1\n    when: nonsense\n    then: deny\n", []string{"policy", "explain", "--facts=FILE", "--rules"}, exitUsage, "nonsense"},
		{"cases", "# 测试用例的文件\nrules: [pack:general]\ncases: [{name: 测试, facts: {nonsense: 1}}]\n", []string{"policy", "test"}, exitUsage, "nonsense"},
		{"notice render", "# 告知书的数据\nname: 测试\n", []string{"consent", "notice", "render", "identity-check", "--values"}, exitUsage, "person_number"},
	}
	for _, tt := range tests {
		code, out, errs := runOn(t, []byte(tt.text), tt.args...)
		if code != tt.code || !strings.Contains(out+errs, tt.want) {
			t.Errorf("%s in UTF-8: %d, %s%s, want something about %s", tt.name, code, out, errs, tt.want)
			continue
		}
		for name, e := range encodings() {
			t.Run(tt.name+" in "+name, func(t *testing.T) {
				data, err := e.NewEncoder().Bytes([]byte(tt.text))
				if err != nil {
					t.Fatal(err)
				}
				gotCode, gotOut, gotErrs := runOn(t, data, tt.args...)
				if gotCode != code || gotOut != out || !strings.Contains(gotOut+gotErrs, tt.want) {
					t.Errorf("%d, %s%s; want %d, %s", gotCode, gotOut, gotErrs, code, out)
				}
			})
		}
	}
}

// TestSubjectsInOtherEncodings reads --input.
func TestSubjectsInOtherEncodings(t *testing.T) {
	t.Parallel()
	const text = `{"name":"测试","id_number":"11010519491231002X"}`
	for name, e := range encodings() {
		data, err := e.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c := &cli{stdin: bytes.NewReader(data), stderr: new(bytes.Buffer), out: terminal.NewPrinter(new(bytes.Buffer))}
		s, err := c.readSubject("-")
		if err != nil || !s.Name.Equal(idv.NewSensitive("测试")) || s.IDNumber.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTraditionalNotices: a notice in Big5 has the findings of the same one in UTF-8.
func TestTraditionalNotices(t *testing.T) {
	t.Parallel()
	const text = "個人資料處理告知書\n本授權一經作出，便不可撤銷。\n"
	code, want, _ := runOn(t, []byte(text), "consent", "lint")
	if code != exitFound || !strings.Contains(want, "irrevocable") {
		t.Fatalf("in UTF-8: %d, %s", code, want)
	}
	data, err := traditionalchinese.Big5.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if code, got, _ := runOn(t, data, "consent", "lint"); code != exitFound || got != want {
		t.Errorf("in Big5: %d, %s, want %s", code, got, want)
	}
}

// TestFilesThatAreNoText: no command finds nothing in a file that it cannot read.
func TestFilesThatAreNoText(t *testing.T) {
	t.Parallel()
	for _, file := range []struct{ name, data, want string }{
		{"docx", "PK\x03\x04\x14\x00word/document.xml", ".docx"},
		{"xlsx", "PK\x03\x04\x14\x00xl/workbook.xml", ".xlsx"},
		{"pdf", "%PDF-1.7\n\xe2\xe3\xcf\xd3", "PDF"},
		{"rtf", `{\rtf1\ansi\deff0 {\fonttbl}}`, ".rtf"},
		{"doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00", ".doc"},
	} {
		for _, args := range [][]string{
			{"consent", "lint"},
			{"check"},
			{"config", "check", "--config"},
			{"policy", "explain", "--facts=FILE", "--rules"},
			{"policy", "test"},
			{"consent", "notice", "render", "identity-check", "--values"},
			{"consent", "receipt", "verify", "--key", strings.Repeat("0", 64)},
		} {
			code, out, errs := runOn(t, []byte(file.data), args...)
			if code != exitUsage && args[0] != "config" || code == exitDone || !strings.Contains(out+errs, file.want) {
				t.Errorf("%s of %v: %d, %s%s, want what it is", file.name, args, code, out, errs)
			}
		}
	}
	// Text in an encoding that is not known.
	code, out, errs := runOn(t, []byte("Einverst\xe4ndniserkl\xe4rung f\xfcr\xdf"), "consent", "lint")
	if code != exitUsage || !strings.Contains(errs, "save it as UTF-8") {
		t.Errorf("Latin-1: %d, %s%s", code, out, errs)
	}
}
