package statement

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/engine/textfile"
)

func TestPlainNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, want string
		shortened  bool
	}{
		{"455784350650", "455784350650", false},
		{"007", "007", false},
		{"A-17", "A-17", false},
		{"7.0", "7", false}, {"455784350650.00", "455784350650", false}, {"7.5", "7.5", false},
		{"455,784,350,650", "455784350650", false}, {"1,234", "1234", false}, {"12'345", "12345", false},
		{"1,23", "1,23", false}, {"1234,567", "1234,567", false}, {"1,,234", "1,,234", false},
		{"4.55E5", "455000", false}, {"4.55e5", "455000", false}, {"1E3", "1000", false}, {"4.5578435065E+11", "455784350650", false},
		{"4.55784350650E+11", "455784350650", false}, {"4.5578435065E11", "455784350650", false},
		{"1.2345678901234567E+16", "12345678901234567", false}, // 17 digits, all written
		{"4.55784E+11", "4.55784E+11", true}, {"4.55784E11", "4.55784E11", true}, {"4.56E+11", "4.56E+11", true},
		{"5E+11", "5E+11", true}, {"4.55E+05", "4.55E+05", true}, {"1.10105E+17", "1.10105E+17", true},
		{"1.2345678901234567E+17", "1.2345678901234567E+17", true}, // 17 of 18 digits
		{"1.5E0", "1.5E0", false}, {"1E-3", "1E-3", true}, {"1E999", "1E999", true}, {"E5", "E5", false}, {"1E5E5", "1E5E5", false}, {"", "", false},
	}
	for _, tt := range tests {
		if got, shortened := plainNumber(tt.text); got != tt.want || shortened != tt.shortened {
			t.Errorf("%s: %s, %v; want %s, %v", tt.text, got, shortened, tt.want, tt.shortened)
		}
	}
}

func TestNumberCell(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"455784350650": "455784350650", "4.5578435065E+11": "455784350650", "4.5578435065E11": "455784350650", "7": "7", "7.5": "7.5",
		"123456789012345":    "123456789012345",
		"1234567890123451":   "1234567890123451",     // 16 digits, of which a spreadsheet would have zeroed the last
		"1234567890123450":   "1.23456789012345E+15", // it may have
		"110101199001010000": "1.10101199001010E+17", "1.1010119900101E+17": "1.10101199001010E+17", "text": "text", "": "",
	} {
		if got := numberCell(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// TestSheetsOfOtherPrograms reads the guide's statement as programs and people write it.
func TestSheetsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(guideCSV) }
	wide := func(order unicode.Endianness, text string) string {
		out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	tests := map[string]string{
		"exact exponents":        swap("455784350650", "4.5578435065E11", "455765670650", "4.55765670650E+11"),
		"separators":             swap("455784350650", `"455,784,350,650"`, "455765670650", "455 765 670 650"),
		"fractions of zero":      swap("455784350650", "455784350650.00", "7次", "7.0"),
		"formula for text":       swap("455784350650", `="455784350650"`),
		"quoted formula":         swap("455784350650", `"=""455784350650"""`),
		"formula of a number":    swap("455784350650", "=455784350650"),
		"apostrophe":             swap("455784350650", "'455784350650", "455765670650", "’455765670650"),
		"apostrophe behind too":  swap("455784350650", "'455784350650'"),
		"quotes round it":        swap("455784350650", `"""455784350650"""`, "455765670650", "“455765670650”", "7次", `"""7"""`),
		"quotes round all":       swap("455784350650,", `"455784350650",`, "7次", `"7次"`),
		"full width":             swap("455784350650", "４５５７８４３５０６５０", "7次", "７次"),
		"spaces behind":          swap("455784350650", "455784350650  \t", "7次", "7次\u3000\u00a0"),
		"invisible marks":        swap("455784350650", "\u200b455784350650\ufeff"),
		"carriage returns":       swap("\n", "\r"),
		"mark and returns":       "\ufeff" + swap("\n", "\r\n"),
		"delimiter named":        "sep=;\n" + swap(",", ";"),
		"tabs in UTF-16":         wide(unicode.LittleEndian, swap(",", "\t", "\n", "\r\n")),
		"UTF-16 big-endian":      wide(unicode.BigEndian, guideCSV),
		"a blank last line":      guideCSV + "\n",
		"empty cells last":       guideCSV + ",,,\r\n",
		"quoted nothing last":    guideCSV + `"","","",""` + "\n",
		"wide spaces last":       guideCSV + "\u3000,\u00a0,\u200b,\n",
		"the end of a DOS file":  guideCSV + "\x1a",
		"a total last":           guideCSV + "合计,,,22次\n",
		"a total with separator": guideCSV + "合计：,,,22\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Read(t.Context(), strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(guide(), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if _, err := Read(t.Context(), strings.NewReader(guideCSV+"合计,,,23次\n")); err == nil || !strings.Contains(err.Error(), "row 6, column 消耗: the total is not that of the rows above") {
		t.Errorf("a wrong total: %v", err)
	}
	big5, err := traditionalchinese.Big5.NewEncoder().String("流水號,處理時間,備註,消耗次數\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), strings.NewReader(big5)); !errors.Is(err, ErrNoHeader) {
		t.Errorf("Big5: %v, want that it is read and has no known headings", err)
	}
}

// written is a sheet of a workbook for a test.
type written struct {
	name   string
	hidden bool
	rows   [][]any
}

var (
	headings4 = []any{"流水编号", "处理时间", "备注", "消耗"}
	guideRows = [][]any{
		headings4,
		{"455784350650", "2018-03-19 10:50:01 - 2018-03-19 11:00:01", "套餐包消耗", "7次"},
		{455765670650, "2018-03-19 10:40:01 - 2018-03-19 10:50:01", "套餐包消耗", 6},
		{455746900650.0, "2018-03-19 10:30:01 - 2018-03-19 10:40:01", "套餐包消耗", 7.0},
		{"'455687840650", "2018-03-19 10:00:01 - 2018-03-19 10:10:01", "套餐包消耗", "2次"},
		{},
	}
	cover = [][]any{{"使用明细"}, {"公司", "某某"}, {}, {"请见下一张表"}}
)

// excel writes a workbook with excelize.
func excel(t *testing.T, sheets ...written) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, s := range sheets {
		var err error
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		for n, row := range s.rows {
			cell, _ := excelize.CoordinatesToCellName(1, n+1)
			if err := f.SetSheetRow(s.name, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.SetActiveSheet(len(sheets) - 1)
	for _, s := range sheets {
		if err := f.SetSheetVisible(s.name, !s.hidden, true); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestChoosesTheSheet(t *testing.T) {
	t.Parallel()
	usage := func(name string, hidden bool) written { return written{name, hidden, guideRows} }
	tests := []struct {
		name   string
		sheets []written
		want   string // the sheet
		err    error
	}{
		{"one sheet", []written{usage("明细", false)}, "", nil},
		{"a cover first", []written{{"封面", false, cover}, usage("明细", false)}, "明细", nil},
		{"a hidden first", []written{{"参数", true, cover}, usage("明细", false)}, "明细", nil},
		{"an empty first", []written{{"Sheet1", false, nil}, usage("明细", false)}, "明细", nil},
		{"a hidden copy first", []written{usage("旧", true), usage("明细", false)}, "明细", nil},
		{"only a hidden one", []written{{"封面", false, cover}, usage("明细", true)}, "明细", nil},
		{"headings alone first", []written{{"模板", false, [][]any{headings4}}, usage("明细", false)}, "明细", nil},
		{"headings alone last", []written{usage("明细", false), {"模板", false, [][]any{headings4}}}, "明细", nil},
		{"two of them", []written{usage("一月", false), usage("二月", false)}, "", ErrSheets},
		{"none", []written{{"封面", false, cover}, {"二", false, cover}}, "", ErrNoHeader},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(t.Context(), strings.NewReader(excel(t, tt.sheets...)))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.err != nil {
				return
			}
			want := guide()
			want.Sheet = tt.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// parts zips the parts of a workbook.
func parts(t *testing.T, list map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range list {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?>` + text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWorkbooksOfOtherPrograms has the forms of LibreOffice (shared texts, a state for each
// sheet, exponents in raw numbers), of WPS (absolute targets, texts of formulas, no
// references of cells) and of strict Open XML (prefixes).
func TestWorkbooksOfOtherPrograms(t *testing.T) {
	t.Parallel()
	const (
		main  = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
		rel   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
		rels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
		text4 = `<sst><si><t>流水编号</t></si><si><t>处理时间</t></si><si><t>备注</t></si><si><t>消耗</t></si>` +
			`<si><t xml:space="preserve">2018-03-19 10:50:01 - 2018-03-19 11:00:01 </t></si><si><t>套餐包消耗</t></si><si><r><t>7</t></r><r><t>次</t></r></si></sst>`
	)
	row := func(cells ...string) string { return "<row>" + strings.Join(cells, "") + "</row>" }
	inline := func(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }
	head := row(inline("流水编号"), inline("处理时间"), inline("备注"), inline("消耗"))
	tests := map[string]map[string]string{
		"LibreOffice": {
			"xl/workbook.xml": `<workbook ` + main + `><sheets><sheet name="封面" sheetId="1" state="visible" r:id="rId3"/>` +
				`<sheet name="明细" sheetId="2" state="visible" r:id="rId4"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": rels + `<Relationship Id="rId5" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/>` +
				`<Relationship Id="rId3" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId4" Type="` + rel + `/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
			"xl/sharedStrings.xml":     text4,
			"xl/worksheets/sheet1.xml": `<worksheet ` + main + `><sheetData><row r="1"><c r="A1" t="s"><v>5</v></c></row></sheetData></worksheet>`,
			"xl/worksheets/sheet2.xml": `<worksheet ` + main + `><sheetData>` +
				`<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="s"><v>2</v></c><c r="D3" t="s"><v>3</v></c></row>` +
				`<row r="4"><c r="A4" s="1" t="n"><v>4.5578435065E+11</v></c><c r="B4" t="s"><v>4</v></c><c r="C4" t="s"><v>5</v></c><c r="D4" t="s"><v>6</v></c></row>` +
				`<row r="1048576"><c r="A1048576"/></row></sheetData></worksheet>`,
		},
		"WPS": {
			"xl/workbook.xml": `<workbook ` + main + `><sheets><sheet name="WpsReserved_CellImgList" sheetId="9" state="veryHidden" r:id="rId1"/>` +
				`<sheet name="明细" sheetId="1" r:id="rId2"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": rels + `<Relationship Id="rId1" Type="` + rel + `/worksheet" Target="/xl/worksheets/sheet1.xml"/>` +
				`<Relationship Id="rId2" Type="` + rel + `/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml": `<worksheet ` + main + `><sheetData/></worksheet>`,
			"xl/worksheets/sheet2.xml": `<worksheet ` + main + `><sheetData>` + head + row(`<c t="str"><f>"455784350650"</f><v>455784350650</v></c>`,
				inline("2018-03-19 10:50:01 - 2018-03-19 11:00:01"), inline("套餐包消耗"), `<c><v>7</v></c>`) + `<row/></sheetData></worksheet>`,
		},
		"strict": {
			"xl/workbook.xml": `<x:workbook xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships">` +
				`<x:sheets><x:sheet name="a" sheetId="2" r:id="r2"/><x:sheet name="明细" sheetId="1" r:id="r1"/></x:sheets></x:workbook>`,
			"xl/_rels/workbook.xml.rels": rels + `<Relationship Id="r1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="worksheets/a.xml"/>` +
				`<Relationship Id="r2" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/chartsheet" Target="chartsheets/b.xml"/></Relationships>`,
			"xl/worksheets/a.xml": `<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>` +
				strings.NewReplacer("<row", "<x:row", "</row", "</x:row", "<c", "<x:c", "</c", "</x:c", "<is", "<x:is", "</is", "</x:is", "<t>", "<x:t>", "</t>", "</x:t>", "<v>", "<x:v>", "</v>", "</x:v>").
					Replace(head+row(`<c><v>455784350650</v></c>`, inline("2018-03-19 10:50:01 - 2018-03-19 11:00:01"), inline("套餐包消耗"), `<c><v>7</v></c>`)) +
				`</x:sheetData></x:worksheet>`,
			"xl/chartsheets/b.xml": `<chartsheet><sheetViews/></chartsheet>`,
		},
	}
	for name, list := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Read(t.Context(), strings.NewReader(parts(t, list)))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Windows) != 1 || got.Windows[0].Serial != "455784350650" || got.Units != 7 || got.Sheet != "明细" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestLostDigitsAreRefused: a serial number kept as a number has lost digits, and the advice
// leads to a file that has them.
func TestLostDigitsAreRefused(t *testing.T) {
	t.Parallel()
	rows := func(serial any) [][]any {
		return [][]any{headings4, {serial, "2018-03-19 10:50:01 - 2018-03-19 11:00:01", "x", 7}}
	}
	for name, serial := range map[string]any{
		"18 digits as a number": 110101199001011234, "16 digits that end in 0": 1234567890123450, "text of a sheet": "4.55784E+11", "two decimals": "4.56E+11",
	} {
		_, err := Read(t.Context(), strings.NewReader(excel(t, written{"明细", false, rows(serial)})))
		if err == nil || !strings.Contains(err.Error(), "row 2, column 流水编号: was shortened") || !strings.Contains(err.Error(), "download the statement from the vendor again") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err := Read(t.Context(), strings.NewReader(excel(t, written{"明细", false, rows("110101199001011234")}))); err != nil || f.Windows[0].Serial != "110101199001011234" {
		t.Errorf("as text: %+v, %v", f, err)
	}
}

// TestOtherFilesAreNamed: a file of another kind is named.
func TestOtherFilesAreNamed(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"%PDF-1.4\n": "the file is a PDF document", parts(t, map[string]string{"word/document.xml": "<a/>"}): "the file is a Word document (.docx)",
		parts(t, map[string]string{"content.xml": "<a/>", "mimetype": "application/vnd.oasis.opendocument.spreadsheet"}): "", parts(t, map[string]string{"a.txt": "x"}): "packed archive",
	} {
		_, err := Read(t.Context(), strings.NewReader(data))
		var e *textfile.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
