package sqlstore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heyan-id/heyan/engine/route"
)

// goldenWindows are a window that recurs and a single one.
func goldenWindows() []route.Window {
	return []route.Window{
		{ID: "cal_recurs", Provider: "alpha", Cron: "30 2 * * 0", Duration: 90 * time.Minute, Zone: "Asia/Shanghai", Reason: "每周维护", Created: goldenTime(1)},
		{ID: "cal_once", Provider: "beta", From: goldenTime(1000), To: goldenTime(2000), Created: goldenTime(2)},
	}
}

// goldenWindowsAreThere reads the windows of a golden database; before 0011 there were none.
func goldenWindowsAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var want []route.Window
	if folder >= "0011" {
		want = goldenWindows()
	}
	got, err := s.Windows(t.Context())
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("the maintenance windows: %v; -written +read:\n%s", err, diff)
	}
}
