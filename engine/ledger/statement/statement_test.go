package statement

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

const guideCSV = `流水编号,处理时间,备注,消耗
455784350650,2018-03-19 10:50:01 - 2018-03-19 11:00:01,套餐包消耗,7次
455765670650,2018-03-19 10:40:01 - 2018-03-19 10:50:01,套餐包消耗,6次
455746900650,2018-03-19 10:30:01 - 2018-03-19 10:40:01,套餐包消耗,7次
455687840650,2018-03-19 10:00:01 - 2018-03-19 10:10:01,套餐包消耗,2次
`

func at(clock string) time.Time {
	t, _ := time.ParseInLocation(time.DateTime, "2018-03-19 "+clock, idv.China())
	return t
}

func guide() File {
	line := func(serial, from, to string, n int64) reconcile.Window {
		return reconcile.Window{Serial: serial, From: at(from), To: at(to), Units: n, Note: "套餐包消耗"}
	}
	return File{
		Windows: []reconcile.Window{
			line("455687840650", "10:00:01", "10:10:01", 2), line("455746900650", "10:30:01", "10:40:01", 7),
			line("455765670650", "10:40:01", "10:50:01", 6), line("455784350650", "10:50:01", "11:00:01", 7),
		},
		Units: 22, First: at("10:00:01"), Last: at("11:00:01"), Notes: []Note{{Note: "套餐包消耗", Lines: 4, Units: 22}},
	}
}

func gb(t *testing.T, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRead(t *testing.T) {
	t.Parallel()
	// Written by excelize, with serials and units as texts and, in the last row, as numbers.
	book, err := os.ReadFile("testdata/guide.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(guideCSV) }
	tests := map[string]string{
		"as in the guide":           guideCSV,
		"with a byte order mark":    "\ufeff" + guideCSV,
		"in GB18030":                gb(t, guideCSV),
		"with Windows' line ends":   swap("\n", "\r\n"),
		"with tabs":                 swap(",", "\t"),
		"with semicolons":           swap(",", ";"),
		"with plain numbers":        swap("次", ""),
		"with full-width headings":  swap("流水编号", " 流 水编号　", "消耗\n", "消耗（次）\n", "7次", "７ 次"),
		"with other dashes":         swap(" - ", "–", "2018-03-19 10:40:01 - 2018", "2018-03-19 10:40:01 至 2018"),
		"with full-width signs":     swap(" - ", "～", ":", "："),
		"with slashes":              swap("2018-03-19", "2018/03/19"),
		"with serials kept as text": swap("455784350650,", "\"=\"\"455784350650\"\"\",", "455765670650", "455765670650\t"),
		"with a title above":        "使用明细\n\n" + guideCSV,
		"with blank lines":          swap("7次\n", "7次\n,,,\n"),
		"with other columns":        swap("\n", ",x\n"),
		"of an XLSX":                string(book),
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
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const head, good = "流水编号,处理时间,备注,消耗\n", "1,2018-03-19 10:50:01 - 2018-03-19 11:00:01,x,7次\n"
	line := func(serial, period, units string) string { return head + serial + "," + period + ",x," + units + "\n" }
	const period = "2018-03-19 10:50:01 - 2018-03-19 11:00:01"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a serial twice", head + good + good, []string{"row 3, column 流水编号: the same serial is in row 2; does the file contain the export twice?"}},
		{"a shortened serial", line("4.55784E+11", period, "7"), []string{"row 2, column 流水编号: " + shortenedSerial}},
		{"a formula for a serial", line("=1+1", period, "7"), []string{"row 2, column 流水编号: expected a serial number of letters and digits"}},
		{"everything wrong", line("", "gestern", "viele"), []string{
			"row 2, column 流水编号: must not be empty",
			`row 2, column 处理时间: expected a period such as "2018-03-19 10:50:01 - 2018-03-19 11:00:01"`,
			`row 2, column 消耗: expected a count such as "7次"`,
		}},
		{"a day that does not exist", line("1", "2018-02-30 10:50:01 - 2018-03-19 11:00:01", "7"), []string{`row 2, column 处理时间: ` + badPeriod}},
		{"backwards", line("1", "2018-03-19 11:00:01 - 2018-03-19 10:50:01", "7"), []string{"row 2, column 处理时间: the period ends before it begins"}},
		{"too long", line("1", "2018-03-19 11:00:01 - 2018-03-21 10:50:01", "7"), []string{"row 2, column 处理时间: the period is longer than a day"}},
		{"no dash", line("1", "2018-03-19 10:50:01   2018-03-19 11:00:01", "7"), []string{`row 2, column 处理时间: ` + badPeriod}},
		{"less than nothing", line("1", period, "-7次"), []string{`row 2, column 消耗: expected a count such as "7次"`}},
		{"half a call", line("1", period, "7.5"), []string{`row 2, column 消耗: expected a count such as "7次"`}},
		{"too many calls", line("1", period, "9999999999次"), []string{"row 2, column 消耗: the count is too large"}},
		{"a short row", head + "1\n", []string{`row 2, column 处理时间: ` + badPeriod, `row 2, column 消耗: expected a count such as "7次"`}},
		{"broken bytes", head + "1," + period + ",\xff\xff,7\n", nil},
		{"a stray quotation mark", head + good + "2\"," + period + ",x,7\n", []string{"row 3: has a quotation mark without a partner; reading stopped there"}},
		{"a very wide row", head + strings.Repeat(",x", 100) + "\n", []string{"row 2: has more than 64 cells"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Read(t.Context(), strings.NewReader(tt.text))
			if len(f.Windows) != 0 {
				t.Errorf("%d windows besides the faults", len(f.Windows))
			}
			if tt.want == nil {
				if err == nil {
					t.Error("no error")
				}
				return
			}
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), faults.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestBrokenBytes names the row of a byte that no Chinese encoding has.
func TestBrokenBytes(t *testing.T) {
	t.Parallel()
	text := gb(t, strings.Replace(guideCSV, "套餐包消耗,6次", "套餐包~消耗,6次", 1))
	_, err := Read(t.Context(), strings.NewReader(strings.Replace(text, "~", "\xff", 1)))
	var faults Faults
	if !errors.As(err, &faults) || faults.Count != 1 || faults.List[0].Row != 3 || faults.List[0].Column != "备注" {
		t.Errorf("error %v, want one at row 3, 备注", err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want error
	}{
		"nothing":            {"", ErrNoHeader},
		"another file":       {"姓名,身份证号\n张三,11010120990101005X\n", ErrNoHeader},
		"a column twice":     {"流水编号,处理时间,消耗,消耗\n", ErrNoHeader},
		"headings too late":  {strings.Repeat("x\n", 30) + guideCSV, ErrNoHeader},
		"an old .xls":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ErrOldExcel},
		"UTF-16 of no sheet": {"\xff\xfe\x41\x6d", ErrNoHeader},
		"no real XLSX":       {"PK\x03\x04 xl/ and nothing", ErrXLSX},
		"too large":          {strings.Repeat(" ", mostBytes+1), ErrTooLarge},
		"a zip bomb":         {bomb(t), ErrTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := Read(t.Context(), strings.NewReader(tt.text))
			if !errors.Is(err, tt.want) || len(f.Windows) != 0 {
				t.Errorf("error %v and %d windows, want %v", err, len(f.Windows), tt.want)
			}
		})
	}
}

func TestManyFaults(t *testing.T) {
	t.Parallel()
	text := "流水编号,处理时间,备注,消耗\n" + strings.Repeat("1,x,x,7\n", 5_000)
	_, err := Read(t.Context(), strings.NewReader(text))
	var faults Faults
	if !errors.As(err, &faults) || len(faults.List) != mostFaults || faults.Count != mostFaults+1 || !strings.HasSuffix(err.Error(), "reading stopped there") {
		t.Errorf("%d faults listed of %d", len(faults.List), faults.Count)
	}
}

// bomb makes a zip whose parts say that they are large, each less than is allowed.
func bomb(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"xl/sharedStrings.xml", "xl/worksheets/one.xml"} {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: mostUnzipped/2 + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sheet makes a workbook with the headings in row 2 and the cells given.
func sheet(t testing.TB, cells map[string]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	rich := []excelize.RichTextRun{{Text: "流水"}, {Text: "编号"}}
	if err := f.SetCellRichText("Sheet1", "B2", rich); err != nil {
		t.Fatal(err)
	}
	for cell, text := range map[string]string{"C2": "处理时间", "D2": "消耗"} {
		if err := f.SetCellStr("Sheet1", cell, text); err != nil {
			t.Fatal(err)
		}
	}
	for cell, value := range cells {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// line is a row of the export.
func line(cells map[string]any, row int, serial any) map[string]any {
	cells[fmt.Sprintf("B%d", row)] = serial
	cells[fmt.Sprintf("C%d", row)] = "2018-03-19 10:50:01 - 2018-03-19 11:00:01"
	cells[fmt.Sprintf("D%d", row)] = "7次"
	return cells
}

func TestSheet(t *testing.T) {
	t.Parallel()
	f, err := Read(t.Context(), strings.NewReader(sheet(t, line(line(map[string]any{}, 3, 1), 9, "2"))))
	if err != nil || len(f.Windows) != 2 || f.Units != 14 {
		t.Errorf("%+v, %v", f, err)
	}
	for name, tt := range map[string]struct {
		cells map[string]any
		want  string
	}{
		"a row's own number":      {line(line(map[string]any{}, 3, 1), 9, 1), "row 9, column 流水编号: the same serial is in row 3"},
		"a cell far to the right": {map[string]any{"XFD5": 1}, "row 5: has more than 64 cells"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(t.Context(), strings.NewReader(sheet(t, tt.cells))); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestReadEnds: reading ends when its context does, in each format.
func TestReadEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for name, file := range map[string]string{"CSV": guideCSV, "XLSX": sheet(t, line(map[string]any{}, 3, 1))} {
		if f, err := Read(ctx, strings.NewReader(file)); !errors.Is(err, context.DeadlineExceeded) || len(f.Windows) != 0 {
			t.Errorf("%s: %v, %d windows", name, err, len(f.Windows))
		}
	}
}

// TestRefundsAreNoUse: rows that are no use of a package are told, and not counted.
func TestRefundsAreNoUse(t *testing.T) {
	t.Parallel()
	rows := "455700000001,2018-03-19 10:10:01 - 2018-03-19 10:20:01,%s,%s\n"
	tests := []struct {
		note, units string
		other       bool
	}{
		{"套餐包退款", "3次", true}, {"退回", "-3次", true}, {"异常返还", "－3", true}, {"Refund", "-3", true}, {"购买套餐包", "3次", true}, {"套餐包过期", "3次", true},
		{"套餐包消耗", "3次", false}, {"其他", "3次", false}, {"", "3次", false},
	}
	for _, tt := range tests {
		t.Run(tt.note, func(t *testing.T) {
			file, err := Read(t.Context(), strings.NewReader(guideCSV+fmt.Sprintf(rows, tt.note, tt.units)))
			want := int64(22 + 3)
			if tt.other {
				want = 22
			}
			if err != nil || file.Units != want {
				t.Fatalf("%d units, %v; want %d", file.Units, err, want)
			}
			for _, n := range file.Notes {
				if n.Note == tt.note && (n.Other != tt.other || tt.other && n.Units != 3) {
					t.Errorf("note %+v, want other %v", n, tt.other)
				}
			}
		})
	}
	if _, err := Read(t.Context(), strings.NewReader(guideCSV+fmt.Sprintf(rows, "套餐包消耗", "-3次"))); err == nil {
		t.Error("a negative use was read")
	}
}

// TestJoin: a line that several statements hold is counted once.
func TestJoin(t *testing.T) {
	t.Parallel()
	whole := guide()
	early, late := File{Windows: whole.Windows[:3]}, File{Windows: whole.Windows[1:]}
	windows, twice, err := Join(early, late, late)
	if diff := cmp.Diff(whole.Windows, windows); err != nil || diff != "" || twice != 5 {
		t.Errorf("%d lines twice, %v; -want +got:\n%s", twice, err, diff)
	}
	if windows, twice, err = Join(); len(windows) != 0 || twice != 0 || err != nil {
		t.Errorf("of nothing: %v, %d, %v", windows, twice, err)
	}
	for name, change := range map[string]func(*reconcile.Window){
		"units": func(w *reconcile.Window) { w.Units++ }, "from": func(w *reconcile.Window) { w.From = w.From.Add(-time.Second) },
		"to": func(w *reconcile.Window) { w.To = w.To.Add(time.Second) }, "note": func(w *reconcile.Window) { w.Note = "其他" },
	} {
		other := whole.Windows[1]
		change(&other)
		if _, _, err := Join(whole, File{Windows: []reconcile.Window{other}}); !errors.Is(err, ErrConflict) {
			t.Errorf("the same serial number with other %s: %v", name, err)
		}
	}
}
