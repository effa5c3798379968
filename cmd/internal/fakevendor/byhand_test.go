package fakevendor

import (
	"slices"
	"testing"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestReplicaAgreesWithTheVendorByHand asks the vendor of idcert that is written from the
// guide, and the one that is made from the adapter, the same in each mode. They share no code,
// so what one of them gets wrong shows here.
func TestReplicaAgreesWithTheVendorByHand(t *testing.T) {
	t.Parallel()
	f, _ := assemble.Catalogue().Find(ByHand)
	made := newRig(t, f, nil)
	s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "v"}}})
	hand := &rig{factory: f, sandbox: s, vendor: s.Vendors()[0], fixtures: made.fixtures}
	hand.provider = hand.connect(t, nil, hand.vendor.Settings, timeout)
	for _, m := range sandbox.Modes() {
		if m == sandbox.ModeStall || m == sandbox.ModeSlowDrip { // cut off by time; TestConformance plays them
			continue
		}
		names := []string{"张三", "无记录", "异常", "坏姓名", "坏号码", "维护"}
		if !full() && slices.Contains(transportFaults(), m) {
			names = names[:1]
		}
		for _, name := range names {
			t.Run(string(m)+"/"+name, func(t *testing.T) {
				got, ok := made.played(t, m, name)
				want, byHand := hand.played(t, m, name)
				if ok != byHand {
					t.Fatalf("one has the mode, the other has not: %v, %v", ok, byHand)
				}
				got.ref = want.ref
				if want.charge == idv.ChargeUnknown {
					got.billed = want.billed // the guide does not say; each has a default of its own
				}
				if got != want {
					t.Errorf("made from the adapter: %+v\nwritten by hand:       %+v", got, want)
				}
			})
		}
	}
}

// played asks once in a mode, if the vendor has it.
func (r *rig) played(t *testing.T, m sandbox.Mode, name string) (result, bool) {
	t.Helper()
	if r.sandbox.SetScenario(sandbox.Scenario{Vendor: "v", Mode: m}) != nil {
		return result{}, false
	}
	return r.ask(t.Context(), r.provider, r.query(t, name)), true
}
