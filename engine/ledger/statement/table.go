package statement

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// column is what a column holds.
type column int

const (
	serial column = iota
	period
	units
	note
	columnCount
)

// headings are the names of the columns, the guide's first.
func headings() [columnCount][]string {
	return [...][]string{
		serial: {"流水编号", "流水号", "serial"},
		period: {"处理时间", "起止时间", "period"},
		units:  {"消耗", "消耗次数", "units"},
		note:   {"备注", "note"},
	}
}

func (c column) String() string { return headings()[c][0] }

// searched is in how many rows the headings are looked for; titles may stand above.
const searched = 20

// table takes the rows of a file one by one.
type table struct {
	columns map[column]int // where each column stands; nil before the headings
	rows    int
	windows []reconcile.Window
	serials map[string]int // the row of each
	faults  Faults
}

// row takes a row. It reports whether reading should go on.
func (t *table) row(n int, cells []string) bool {
	switch {
	case blank(cells):
		return true
	case t.columns == nil:
		t.columns = find(cells)
		t.rows++
		return t.columns != nil || t.rows < searched
	case len(cells) > mostCells:
		t.faults.add(n, "", fmt.Sprintf("has more than %d cells", mostCells))
	default:
		t.line(n, cells)
	}
	return !t.faults.enough()
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// find returns where the columns stand if the row names all that are needed, each
// once; a row that names one twice leaves open which is meant.
func find(cells []string) map[column]int {
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

// heading recognises a column's name, with spaces, in full-width letters and with a
// remark in brackets, as "消耗（次）".
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

// compact returns a text in ordinary width and without spaces or invisible marks.
func compact(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

// line takes a row below the headings, and notes all that is wrong with it.
func (t *table) line(n int, cells []string) {
	w := reconcile.Window{Note: strings.TrimSpace(t.cell(cells, note))}
	before := t.faults.Count
	for _, c := range []column{serial, period, units, note} {
		if strings.ContainsRune(t.cell(cells, c), unicode.ReplacementChar) {
			t.faults.add(n, c.String(), "holds bytes that are neither UTF-8 nor GB18030")
		}
	}
	if t.faults.Count > before {
		return
	}
	var what [columnCount]string
	w.Serial, what[serial] = parseSerial(t.cell(cells, serial))
	w.From, w.To, what[period] = parsePeriod(t.cell(cells, period))
	w.Units, what[units] = parseUnits(t.cell(cells, units))
	if first, twice := t.serials[w.Serial]; twice && what[serial] == "" {
		what[serial] = fmt.Sprintf("is the serial of row %d already; is the export in there twice?", first)
	}
	for c, text := range what {
		if text != "" {
			t.faults.add(n, column(c).String(), text)
		}
	}
	if t.faults.Count == before {
		t.serials[w.Serial] = n
		t.windows = append(t.windows, w)
	}
}

func (t *table) cell(cells []string, c column) string {
	if i, ok := t.columns[c]; ok && i < len(cells) {
		return cells[i]
	}
	return ""
}
