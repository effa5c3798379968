package alert_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
)

// TestStateIsFixed pins the file that keeps the state over a restart. With another name
// for a member every warning would be given again, or never.
func TestStateIsFixed(t *testing.T) {
	t.Parallel()
	const stored = `{"alpha":{"bought":10000,"lots":2,"percent":20,"days":7,"used_up":true,"closed":"quota_exhausted"},"beta":{}}`
	want := alert.State{
		"alpha": {Bought: 10000, Lots: 2, Percent: 20, Days: 7, UsedUp: true, Closed: idv.SkipQuotaExhausted}, "beta": {},
	}
	var got alert.State
	if err := json.Unmarshal([]byte(stored), &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("read %+v, %v; want %+v", got, err, want)
	}
	if text, err := json.Marshal(want); err != nil || string(text) != stored {
		t.Errorf("written %s, %v; want %s", text, err, stored)
	}
	full := reflect.ValueOf(want["alpha"])
	for i := range full.NumField() {
		if full.Field(i).IsZero() {
			t.Errorf("the stored text lacks %s; add it, and keep reading a text without it", full.Type().Field(i).Name)
		}
	}
}
