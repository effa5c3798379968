package fakevendor

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestLedgerAgreesWithTheMeter asks through a whole engine for each verdict and some failures
// of every product that answers for Chinese documents. What the ledger has posted was billed,
// what it has voided was not.
func TestLedgerAgreesWithTheMeter(t *testing.T) {
	t.Parallel()
	for _, f := range assemble.Catalogue().Factories() {
		d := f.Descriptor
		if !d.Supports(d.Check, idv.Resident18) || d.Check == idv.CheckNameBankCard {
			continue // the engine would refuse the person before any call
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, f, nil)
			for _, name := range []string{"张三", "无记录", "异常", "坏姓名", "维护"} {
				r.verify(t, d, name)
			}
		})
	}
}

// verify asks an engine of its own, since a failure closes the provider.
func (r *rig) verify(t *testing.T, d idv.Descriptor, name string) {
	t.Helper()
	s := memory.New(100)
	before := r.sandbox.Stats()["v"].Billed
	e := enginetest.Engine(t, engine.Options{
		Providers: []engine.ProviderConfig{{Name: "v", Provider: r.provider, Recipient: "a company"}}, Store: s,
		Policy: engine.Policy{Consent: consent.Off}, FingerprintKey: []byte("a fingerprint key for tests only"),
	})
	v, err := e.Verify(t.Context(), idv.Request{Tenant: "t1", App: "app", Check: d.Check, Purpose: "test", Subject: idv.Subject{
		Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive("11010519491231002X"),
		Mobile: idv.NewSensitive("13800138000"), BankCard: idv.NewSensitive("6228480402564890018"),
	}.Only(d.Check.Claims())})
	if err != nil || len(v.Attempts) != 1 {
		t.Errorf("%s: %d attempts, %v", name, len(v.Attempts), err)
		return
	}
	billed := r.sandbox.Stats()["v"].Billed - before
	lots, err := s.Lots(t.Context(), "v")
	if err != nil || len(lots) != 1 {
		t.Fatalf("%d lots, %v", len(lots), err)
	}
	posted, unknown := lots[0].Posted, lots[0].Unknown
	if billed < posted || billed > posted+unknown {
		t.Errorf("%s: the vendor billed %d, the ledger posted %d and left %d unknown", name, billed, posted, unknown)
	}
	if strings.TrimSpace(v.Attempts[0].VendorCode) == "" {
		t.Errorf("%s: no code in the attempt", name)
	}
}
