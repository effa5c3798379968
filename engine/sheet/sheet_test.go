package sheet_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/sheet"
)

func TestCSV(t *testing.T) {
	tests := []struct {
		name string
		cell sheet.Cell
		want string
	}{
		{"words", sheet.Text("order 4711"), "order 4711"},
		{"empty", sheet.Text(""), ""},
		{"formula", sheet.Text("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0"},
		{"plus", sheet.Text("+1"), "'+1"},
		{"minus", sheet.Text("-1"), "'-1"},
		{"at", sheet.Text("@SUM(A1)"), "'@SUM(A1)"},
		{"tab", sheet.Text("\tx"), "'\tx"},
		{"carriage return", sheet.Text("\rx"), "'\rx"},
		{"spaces before it", sheet.Text("  =1+1"), "'  =1+1"},
		{"a no-break space before it", sheet.Text("\u00a0=1+1"), "'\u00a0=1+1"},
		{"an ideographic space before it", sheet.Text("\u3000@x"), "'\u3000@x"},
		{"a line break before it", sheet.Text("\n=1"), "'\n=1"},
		{"an invisible mark before it", sheet.Text("\ufeff\u200b=1"), "'\ufeff\u200b=1"},
		{"full-width equals", sheet.Text("＝1"), "'＝1"},
		{"full-width plus", sheet.Text("＋1"), "'＋1"},
		{"full-width minus", sheet.Text("－1"), "'－1"},
		{"full-width at", sheet.Text("＠x"), "'＠x"},
		{"a sign in the middle", sheet.Text("a=b"), "a=b"},
		{"an apostrophe already", sheet.Text("'=1"), "'=1"},
		{"negative number", sheet.Int(-7), "-7"},
		{"negative amount", sheet.Amount(idv.Money{Micros: -69_000, Currency: idv.CNY}), "-0.069"},
		{"negative fraction", sheet.Fixed(-1.25, 1), "-1.2"},
		{"time", sheet.Time(time.Date(2026, 11, 7, 16, 0, 0, 0, time.UTC)), "2026-11-08 00:00:00"},
		{"no time", sheet.Time(time.Time{}), ""},
		{"nothing", sheet.Cell{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.cell.CSV(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	tests := []struct{ text, want string }{
		{"开户 opening", "开户 opening"},
		{"a\x1b[2Jb", "a?[2Jb"},
		{"a\nb\tc", "a?b?c"},
		{"a\u202eb", "a?b"},
		{"=1", "=1"},
	}
	for _, tt := range tests {
		if got := sheet.Text(tt.text).Plain(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWriter(t *testing.T) {
	var b strings.Builder
	w := sheet.NewWriter(&b, true)
	w.Head("note", "units")
	w.Row([]sheet.Cell{sheet.Text("a,\"b\"\nc"), sheet.Int(3)})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if diff := cmp.Diff([][]string{{"note", "units"}, {"a,\"b\"\nc", "3"}}, rows); !marked || err != nil || diff != "" {
		t.Error(marked, err, diff)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriterTellsOfAFullDisk(t *testing.T) {
	w := sheet.NewWriter(fullDisk{}, true)
	w.Row([]sheet.Cell{sheet.Int(1)})
	if w.Flush() == nil {
		t.Error("lost rows look like success")
	}
}

// FuzzText holds every text to it: what a program sees first is no formula.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"=1", " =1", "\u00a0＠", "x", "\r\n-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cell := sheet.Text(text).CSV()
		if strings.TrimPrefix(cell, "'") != strings.TrimPrefix(text, "'") {
			t.Fatalf("%q became %q", text, cell)
		}
		first := strings.TrimLeft(cell, " \u00a0\u3000\n")
		if first != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(first)[0]) {
			t.Fatalf("%q became %q", text, cell)
		}
	})
}
