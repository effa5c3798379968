package sandbox_test

import (
	"sync"
	"testing"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestObserve checks that each call is observed with what it costs, and that the same person
// has the same fingerprint at all vendors.
func TestObserve(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var events []sandbox.Event
	s := sandboxtest.Start(t, sandbox.Config{Observe: func(e sandbox.Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	}})
	a, b := s.Vendors()[0], s.Vendors()[1]
	ask(t, a, "11010519491231002X", "张三")
	ask(t, b, "11010519491231002X", "张三")
	setMode(t, s, sandbox.ModeMaintenance)
	ask(t, a, "11010519491231002X", "张三")
	setMode(t, s, sandbox.ModeThrottled429)
	ask(t, a, "11010519491231002X", "张三")

	mu.Lock()
	defer mu.Unlock()
	want := []struct {
		vendor, code string
		billed, any  bool
	}{{a.Name, "01", true, true}, {b.Name, "01", true, true}, {a.Name, "9999", false, true}, {a.Name, "T429PA", false, false}}
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	for i, w := range want {
		e := events[i]
		if e.Vendor != w.vendor || e.Code != w.code || e.Billed != w.billed || (e.Person != "") != w.any || e.At.IsZero() {
			t.Errorf("event %d is %+v, want %+v", i, e, w)
		}
		if w.any && e.Person != events[0].Person {
			t.Errorf("event %d has another person", i)
		}
	}
}
