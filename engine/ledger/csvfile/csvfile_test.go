package csvfile_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cell csvfile.Cell
		want string
	}{
		{"words", csvfile.Text("order 4711"), "order 4711"},
		{"empty", csvfile.Text(""), ""},
		{"formula", csvfile.Text("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0"},
		{"plus", csvfile.Text("+1"), "'+1"},
		{"minus", csvfile.Text("-1"), "'-1"},
		{"at", csvfile.Text("@SUM(A1)"), "'@SUM(A1)"},
		{"tab", csvfile.Text("\tx"), `'\u0009x`},
		{"carriage return", csvfile.Text("\rx"), `'\u000dx`},
		{"spaces before it", csvfile.Text("  =1+1"), "'  =1+1"},
		{"a no-break space before it", csvfile.Text("\u00a0=1+1"), "'\u00a0=1+1"},
		{"an ideographic space before it", csvfile.Text("\u3000@x"), "'\u3000@x"},
		{"a line break before it", csvfile.Text("\n=1"), `'\u000a=1`},
		{"an invisible mark before it", csvfile.Text("\ufeff\u200b=1"), `'\ufeff\u200b=1`},
		{"a color", csvfile.Text("a\x1b[31m"), `a\u001b[31m`},
		{"a control character of C1", csvfile.Text("a\u009b2J"), `a\u009b2J`},
		{"another direction", csvfile.Text("a\u202eb"), `a\u202eb`},
		{"not UTF-8", csvfile.Text("a\xffb"), `a\ufffdb`},
		{"full-width equals", csvfile.Text("＝1"), "'＝1"},
		{"full-width plus", csvfile.Text("＋1"), "'＋1"},
		{"full-width minus", csvfile.Text("－1"), "'－1"},
		{"full-width at", csvfile.Text("＠x"), "'＠x"},
		{"a sign in the middle", csvfile.Text("a=b"), "a=b"},
		{"an apostrophe already", csvfile.Text("'=1"), "'=1"},
		{"negative number", csvfile.Int(-7), "-7"},
		{"negative amount", csvfile.Amount(idv.Money{Micros: -69_000, Currency: idv.CNY}), "-0.069"},
		{"negative fraction", csvfile.Fixed(-1.25, 1), "-1.2"},
		{"time", csvfile.Time(time.Date(2026, 11, 7, 16, 0, 0, 0, time.UTC)), "2026-11-08 00:00:00+08:00"},
		{"no time", csvfile.Time(time.Time{}), ""},
		{"nothing", csvfile.Cell{}, ""},
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
	t.Parallel()
	tests := []struct{ text, want string }{
		{"开户 opening", "开户 opening"},
		{"a\x1b[2Jb", `a\u001b[2Jb`},
		{"a\nb\tc", `a\u000ab\u0009c`},
		{"a\u202eb", `a\u202eb`},
		{"=1", "=1"},
	}
	for _, tt := range tests {
		if got := csvfile.Text(tt.text).Plain(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWriter(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := csvfile.NewWriter(&b, true)
	w.Head("note", "units")
	w.Row([]csvfile.Cell{csvfile.Text("a,\"b\"\nc"), csvfile.Int(3)})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if diff := cmp.Diff([][]string{{"note", "units"}, {`a,"b"\u000ac`, "3"}}, rows); !marked || err != nil || diff != "" {
		t.Error(marked, err, diff)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriterTellsOfAFullDisk(t *testing.T) {
	t.Parallel()
	w := csvfile.NewWriter(fullDisk{}, true)
	w.Row([]csvfile.Cell{csvfile.Int(1)})
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
		cell := csvfile.Text(text).CSV()
		if strings.TrimPrefix(cell, "'") != strings.TrimPrefix(idv.Visible(text), "'") || strings.ContainsFunc(cell, idv.IsControl) {
			t.Fatalf("%q became %q", text, cell)
		}
		first := strings.TrimLeft(cell, " \u00a0\u3000\n")
		if first != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(first)[0]) {
			t.Fatalf("%q became %q", text, cell)
		}
	})
}
