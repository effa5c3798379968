package sqlstore

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// goldenFindings are a finding of each kind; together they have every member set.
func goldenFindings() []idv.Finding {
	f := idv.Finding{Provider: "alpha", Version: "1.2.0", Count: 3, First: goldenTime(1), Last: goldenTime(2)}
	code, missing, added, seen := f, f, f, f
	code.Kind, code.Type, code.Code = idv.FindingCode, "vendor", "0/77"
	missing.Kind, missing.Path, missing.Code = idv.FindingMissing, "/result/name", "01"
	added.Kind, added.Path, added.Type = idv.FindingNew, "/result/?", "string"
	seen.Kind, seen.Path, seen.Type = idv.FindingSeen, "/list/*", "object"
	return []idv.Finding{code, missing, added, seen}
}

// goldenFindingsAreThere reads the findings of a golden database; before 0012 there were none.
func goldenFindingsAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var want []idv.Finding
	if folder >= "0012" {
		want = goldenFindings()
	}
	got, err := s.Findings(t.Context(), "")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("the findings: %v; -written +read:\n%s", err, diff)
	}
}

// goldenHoldsOf returns the holds as a version of a folder reads them; before 0012 the phase was
// not kept with a hold.
func goldenHoldsOf(folder string) []ledger.Hold {
	list := goldenHolds()
	for i := range list {
		if a := &list[i].Outcome; folder >= "0012" && a.Failed {
			a.Phase = idv.PhaseEcho
		}
	}
	return list
}
