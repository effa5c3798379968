package identity_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

var today = identity.Date{Year: 2026, Month: 11, Day: 24}

// vector is a row of testdata/identity.csv.
type vector struct{ Input, Type, Valid, Reason, Birth, Sex, AddressCode, Notes string }

func vectors(t *testing.T) []vector {
	t.Helper()
	file, err := os.Open("testdata/identity.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	for _, r := range rows[1:] {
		list = append(list, vector{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]})
	}
	return list
}

// summary is what the vectors say of a number.
type summary struct{ Valid, Reason, Birth, Sex, AddressCode string }

func summarize(n identity.Number) summary {
	valid := "false"
	if n.Valid {
		valid = "true"
	}
	return summary{valid, string(n.Reason), n.Birth.String(), string(n.Sex), n.AddressCode}
}

func TestVectorsOfAGivenType(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Type+" "+v.Notes, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(v.Input),
				identity.Options{Want: idv.Document(v.Type), Today: today, Lenient: true})
			want := summary{v.Valid, v.Reason, v.Birth, v.Sex, v.AddressCode}
			if diff := cmp.Diff(want, summarize(n)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// One row is meant for a kind of document that its form is not that of.
func TestVectorsRecognised(t *testing.T) {
	t.Parallel()
	otherwise := map[string]identity.Reason{
		"H123456789": identity.ReasonCheckDigit, // the form of a Taiwan identity card
		"X12345678":  identity.ReasonPassport,
	}
	for _, v := range vectors(t) {
		t.Run(v.Type+" "+v.Notes, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(v.Input), identity.Options{Today: today, Lenient: true})
			want := summary{v.Valid, v.Reason, v.Birth, v.Sex, v.AddressCode}
			if reason, ok := otherwise[v.Input]; ok {
				want.Reason = string(reason)
			}
			if diff := cmp.Diff(want, summarize(n)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if n.Valid && string(n.Type) != v.Type {
				t.Errorf("recognised as %q, want %q", n.Type, v.Type)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, input, want string }{
		{"clean", "11010519491231002X", `{"valid":true,"reason":"ok","type":"resident18","masked":"1*****************"}`},
		{"changed", "11010519491231002x", `{"valid":true,"reason":"ok_normalized_lower_x","type":"resident18","changes":["normalized_lower_x"],"masked":"1*****************"}`},
		{"flagged", "110199198808089917", `{"valid":true,"reason":"ok_address_unlisted","type":"resident18","flags":["address_unlisted"],"masked":"1*****************"}`},
		{"of no document", "12345", `{"valid":false,"reason":"length","masked":"*****"}`},
		{"empty", "", `{"valid":false,"reason":"empty"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(c.input), identity.Options{Today: today})
			got, err := json.Marshal(n)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}
