package idv_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// A name of one word at a vendor that takes two has a next step of its own; another
// unsupported claim has that of the document.
func TestAdviceForANameOfOneWord(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{idv.CodeNameParts: "give_full_name", "": "other_document"} {
		a := idv.Attempt{Failed: true, Failure: idv.Unsupported, Origin: idv.OriginEngine, VendorCode: code}
		steps := idv.Advise(idv.Undetermined, idv.Unsupported, []idv.SkipReason{a.Obstacle()})
		if len(steps) != 1 || steps[0].Code != want {
			t.Errorf("the code %q: got %v, want %s", code, steps, want)
		}
	}
}
