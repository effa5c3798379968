package identity_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestCleanChecksDoNotAllocate(t *testing.T) {
	opts := identity.Options{Today: today}
	number, unlisted, name := idv.NewSensitive("11010519491231002X"), idv.NewSensitive("110199198808089917"), idv.NewSensitive("阿卜杜拉·买买提")
	cases := []struct {
		name string
		run  func()
	}{
		{"number", func() { identity.CheckNumber(number, opts) }},
		{"flagged number", func() { identity.CheckNumber(unlisted, opts) }},
		{"name", func() { identity.CheckName(name, opts) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, c.run); got != 0 {
				t.Errorf("got %v allocations", got)
			}
		})
	}
}
