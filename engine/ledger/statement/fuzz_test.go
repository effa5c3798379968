package statement

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// sane fails if a file that was accepted holds what Read promises to refuse.
func sane(t *testing.T, data string) {
	t.Helper()
	f, err := Read(t.Context(), strings.NewReader(data))
	if err != nil {
		if len(f.Windows) != 0 {
			t.Errorf("%d windows with error %v", len(f.Windows), err)
		}
		return
	}
	seen, sum := map[string]bool{}, int64(0)
	for i, w := range f.Windows {
		if w.Serial == "" || seen[w.Serial] || w.Units < 0 || !w.From.Before(w.To) || w.To.Sub(w.From) > 24*time.Hour {
			t.Errorf("window %d is %+v", i, w)
		}
		if i > 0 && w.From.Before(f.Windows[i-1].From) {
			t.Errorf("window %d is out of order", i)
		}
		seen[w.Serial] = true
		sum += w.Units
	}
	if sum != f.Units {
		t.Errorf("%d units in all, the windows add up to %d", f.Units, sum)
	}
}

func FuzzRead(f *testing.F) {
	book, err := os.ReadFile("testdata/guide.xlsx")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{guideCSV, "\ufeff" + guideCSV, strings.ReplaceAll(guideCSV, ",", "\t"), string(book), "PK\x03\x04", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(sane)
}

func FuzzSheet(f *testing.F) {
	f.Add("455784350650", "2018-03-19 10:50:01 - 2018-03-19 11:00:01", "7次")
	f.Add("", "=1+1", "1E9")
	f.Fuzz(func(t *testing.T, serial, period, units string) {
		for _, cell := range []string{serial, period, units} {
			if len(cell) > 1000 || !utf8.ValidString(cell) {
				t.Skip("no spreadsheet holds it")
			}
		}
		sane(t, sheet(t, map[string]any{"B3": serial, "C3": period, "D3": units}))
	})
}

func FuzzPeriod(f *testing.F) {
	f.Add("2018-03-19 10:50:01 - 2018-03-19 11:00:01")
	f.Add("2018/03/19　10:50:01～2018/03/19 11:00:01")
	f.Fuzz(func(t *testing.T, text string) {
		from, to, what := parsePeriod(text)
		if what == "" && !from.Before(to) {
			t.Errorf("%s – %s", from, to)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("流水编号,处理时间,备注,消耗\n")
	for i := range 4_464 {
		from := at("00:00:01").Add(time.Duration(i) * 10 * time.Minute)
		text.WriteString("4557" + from.Format("0102150405") + "," + from.Format(time.DateTime) + " - " + from.Add(10*time.Minute).Format(time.DateTime) + ",套餐包消耗,7次\n")
	}
	for b.Loop() {
		if f, err := Read(b.Context(), strings.NewReader(text.String())); err != nil || len(f.Windows) != 4_464 {
			b.Fatal(len(f.Windows), err)
		}
	}
}
