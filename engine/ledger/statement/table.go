package statement

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// column identifies a column.
type column int

const (
	serial column = iota
	period
	units
	note
	columnCount
)

// headings returns the names of the columns, the one in the vendor's guide first.
func headings() [columnCount][]string {
	return [...][]string{
		serial: {"流水编号", "流水号", "serial"},
		period: {"处理时间", "起止时间", "period"},
		units:  {"消耗", "消耗次数", "units"},
		note:   {"备注", "note"},
	}
}

func (c column) String() string { return headings()[c][0] }

// headerRows is the number of rows headerRows for the headings, since titles may precede
// them.
const headerRows = 20

// table collects the rows of a file.
type table struct {
	columns map[column]int // the index of each column; nil until the headings are found
	rows    int
	windows []reconcile.Window // the use of packages
	others  []reconcile.Window // refunds and the like
	serials map[string]int     // the row of each serial number
	faults  Faults
}

// row adds a row and reports whether reading should continue.
func (t *table) row(n int, cells []string) bool {
	switch {
	case blank(cells):
		return true
	case t.columns == nil:
		t.columns = findColumns(cells)
		t.rows++
		return t.columns != nil || t.rows < headerRows
	case len(cells) > mostCells:
		t.faults.add(n, "", fmt.Sprintf("has more than %d cells", mostCells))
	default:
		t.line(n, cells)
	}
	return !t.faults.full()
}

// empty reports whether a table has headings only.
func (t *table) empty() bool { return len(t.windows) == 0 && t.faults.Count == 0 }

func newTable() *table { return &table{serials: map[string]int{}} }

// blank reports whether a row shows nothing. Some files end with a character that ended files
// of DOS.
func blank(cells []string) bool {
	for _, c := range cells {
		if strings.Trim(compact(c), "\x00\x1a") != "" {
			return false
		}
	}
	return true
}

// findColumns returns the indexes of the columns if the row has every required name, each
// once. A duplicate name would be ambiguous.
func findColumns(cells []string) map[column]int {
	at := map[column]int{}
	for i, cell := range cells[:min(len(cells), mostCells)] {
		c, ok := heading(cell)
		if _, twice := at[c]; ok && twice {
			return nil
		}
		if ok {
			at[c] = i
		}
	}
	for _, needed := range []column{serial, period, units} {
		if _, ok := at[needed]; !ok {
			return nil
		}
	}
	return at
}

// heading recognizes a column's name, also with spaces, in full-width letters or with a
// remark in brackets, such as "消耗（次）".
func heading(cell string) (column, bool) {
	name := strings.ToLower(compact(cell))
	name, _, _ = strings.Cut(name, "(")
	for c, names := range headings() {
		for _, n := range names {
			if n == name {
				return column(c), true
			}
		}
	}
	return 0, false
}

// compact returns a text in NFKC without spaces and invisible characters.
func compact(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

// line parses a row below the headings and records all its faults.
func (t *table) line(n int, cells []string) {
	if isTotal(t.cell(cells, serial)) && strings.TrimSpace(t.cell(cells, period)) == "" {
		t.total(n, cells)
		return
	}
	w := reconcile.Window{Note: strings.TrimSpace(t.cell(cells, note))}
	before := t.faults.Count
	for _, c := range []column{serial, period, units, note} {
		if strings.ContainsRune(t.cell(cells, c), unicode.ReplacementChar) {
			t.faults.add(n, c.String(), "contains bytes that are neither UTF-8 nor GB18030")
		}
	}
	if t.faults.Count > before {
		return
	}
	var fault [columnCount]string
	w.Serial, fault[serial] = parseSerial(t.cell(cells, serial))
	w.From, w.To, fault[period] = parsePeriod(t.cell(cells, period))
	other := isOther(w.Note)
	w.Units, fault[units] = parseUnits(t.cell(cells, units), other)
	if first, twice := t.serials[w.Serial]; twice && fault[serial] == "" {
		fault[serial] = fmt.Sprintf("the same serial is in row %d; does the file contain the export twice?", first)
	}
	for c, text := range fault {
		if text != "" {
			t.faults.add(n, column(c).String(), text)
		}
	}
	if t.faults.Count == before {
		t.serials[w.Serial] = n
		if other {
			t.others = append(t.others, w)
		} else {
			t.windows = append(t.windows, w)
		}
	}
}

// isTotal reports whether a row sums up the rows above.
func isTotal(serial string) bool {
	switch strings.ToLower(strings.TrimRight(compact(serial), ":")) {
	case "合计", "总计", "小计", "共计", "total", "sum":
		return true
	}
	return false
}

// total compares a sum with the rows above, so that none of them is missing. Programs add up
// refunds and purchases as they are signed, take them off, or leave them out.
func (t *table) total(row int, cells []string) {
	sum, other := unitsOf(t.windows), unitsOf(t.others)
	n, fault := parseUnits(t.cell(cells, units), false)
	if t.faults.Count == 0 && (fault != "" || n != sum && n != sum-other && n != sum+other) {
		t.faults.add(row, headings()[units][0], fmt.Sprintf("the total is not that of the rows above, which is %d; export the file again", sum))
	}
}

func unitsOf(windows []reconcile.Window) (sum int64) {
	for _, w := range windows {
		sum += w.Units
	}
	return sum
}

func (t *table) cell(cells []string, c column) string {
	if i, ok := t.columns[c]; ok && i < len(cells) {
		return cells[i]
	}
	return ""
}
