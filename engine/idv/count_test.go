package idv_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 2: "2 calls", -1: "-1 calls", 21: "21 calls"} {
		if got := idv.Count(n, "call"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
