package identity

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestDefaultTable(t *testing.T) {
	t.Parallel()
	table := DefaultTable()
	if table.Date() != "2024-12" {
		t.Errorf("got %s", table.Date())
	}
	cases := []struct {
		name string
		code int
		want span
	}{
		{"in force", 110105, span{last: spanOpen}},
		{"ended", 110110, span{last: 86}},
		{"begun", 500154, span{first: 115, last: spanOpen}},
		{"of 2020", 460302, span{first: 116, last: spanOpen}},
		{"of 2021", 330113, span{first: 116, last: spanOpen}},
		{"of 2023", 659012, span{first: 116, last: spanOpen}},
		{"of 2024", 653228, span{first: 116, last: spanOpen}},
		{"city without counties", 441900, span{last: spanOpen}},
		{"residence permit", 830000, span{last: spanOpen}},
		{"heading of districts", 440401, span{}},
		{"on real cards, in no list", 321119, span{}},
		{"unlisted", 110199, span{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := table.span(c.code); got != c.want {
				t.Errorf("%d: got %+v, want %+v", c.code, got, c.want)
			}
		})
	}
	for code, want := range map[int]bool{440401: true, 321119: true, 110199: false, 990001: false} {
		if got := table.plausible(code); got != want {
			t.Errorf("%d: plausible %v, want %v", code, got, want)
		}
	}
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	table, err := ReadTable(strings.NewReader("table 2027-12\n\n1101 99+1980-2010\n"))
	if err != nil {
		t.Fatal(err)
	}
	n := CheckNumber(idv.NewSensitive("110199198808089917"), Options{Today: Date{2026, 11, 24}, Table: table})
	if n.Reason != ReasonOK || table.Date() != "2027-12" {
		t.Errorf("got %s by the table of %s", n.Reason, table.Date())
	}
	if got, want := table.span(110199), (span{80, 110}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadTableRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text string }{
		{"nothing", ""},
		{"no head", "1101 01\n"},
		{"head without a month", "table 2024\n"},
		{"short prefecture", "table 2024-12\n110 01\n"},
		{"prefecture twice", "table 2024-12\n1101 01\n1101 02\n"},
		{"short code", "table 2024-12\n1101 1\n"},
		{"year without a sign", "table 2024-12\n1101 011986\n"},
		{"year of two digits", "table 2024-12\n1101 01-86\n"},
		{"year out of range", "table 2024-12\n1101 01-1899\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ReadTable(strings.NewReader(c.text)); err == nil {
				t.Error("got no error")
			}
		})
	}
}
