package rules

import (
	"errors"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// mustParse makes a set of a text that has no fault.
func mustParse(t testing.TB, text string) *Set {
	t.Helper()
	s, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// faultLines returns the faults of an error, one a line.
func faultLines(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("not a list of faults: %v", err)
	}
	return strings.Split(faults.Error(), "\n")
}

// compareFaults wants one fault for each line, in this order, beginning with it.
func compareFaults(t testing.TB, err error, want []string) {
	t.Helper()
	got := faultLines(t, err)
	if len(got) != len(want) {
		t.Fatalf("got %d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range got {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

// adult is the facts of an ordinary question.
func adult() policy.Facts {
	return policy.Facts{
		Tenant: "acme", App: "shop", Check: "id_name", Document: "resident18", Purpose: "account_opening", Region: "11", Age: 30, Hour: 12, Weekday: 3,
		Consent: policy.ConsentFacts{State: "given", Valid: true, Recipients: []string{"甲公司", "乙公司"}},
	}
}
