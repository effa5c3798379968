package identity_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestDefaultTable(t *testing.T) {
	table := identity.DefaultTable()
	if table.Date() != "2024-12" {
		t.Errorf("got %s", table.Date())
	}
	cases := []struct {
		name, code string
		want       identity.Area
	}{
		{"in force", "110105", identity.Area{Listed: true}},
		{"ended", "110110", identity.Area{Listed: true, Last: 1986}},
		{"begun", "500154", identity.Area{Listed: true, First: 2015}},
		{"of 2020", "460302", identity.Area{Listed: true, First: 2016}},
		{"of 2021", "330113", identity.Area{Listed: true, First: 2016}},
		{"of 2023", "659012", identity.Area{Listed: true, First: 2016}},
		{"of 2024", "653228", identity.Area{Listed: true, First: 2016}},
		{"city without counties", "441900", identity.Area{Listed: true}},
		{"residence permit", "830000", identity.Area{Listed: true}},
		{"heading of districts", "440401", identity.Area{Plausible: true}},
		{"on real cards, in no list", "321119", identity.Area{Plausible: true}},
		{"unlisted", "110199", identity.Area{}},
		{"no code", "1101", identity.Area{}},
		{"no digits", "11010X", identity.Area{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := table.Lookup(c.code); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReadTable(t *testing.T) {
	table, err := identity.ReadTable(strings.NewReader("table 2027-12\n\n1101 99+1980-2010\n"))
	if err != nil {
		t.Fatal(err)
	}
	n := identity.CheckNumber(idv.NewSensitive("110199198808089917"), identity.Options{Today: today, Table: table})
	if n.Reason != identity.ReasonOK || table.Date() != "2027-12" {
		t.Errorf("got %s by the table of %s", n.Reason, table.Date())
	}
	if got, want := table.Lookup("110199"), (identity.Area{Listed: true, First: 1980, Last: 2010}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadTableRefuses(t *testing.T) {
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
			if _, err := identity.ReadTable(strings.NewReader(c.text)); err == nil {
				t.Error("got no error")
			}
		})
	}
}
