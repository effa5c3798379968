package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// outage simulates vendors that fail at random and people who consent to some of them and
// withdraw at random. It counts the calls that no consent covers.
type outage struct {
	random *rand.Rand
	store  *memory.Store
	record consent.Record // the present consent
	gone   bool           // it was withdrawn

	calls, failed, strayed, late int
}

// shaky is a vendor of the simulation.
type shaky struct {
	*enginetest.Provider

	name  string
	world *outage
}

func (s *shaky) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	w := s.world
	w.calls++
	if !w.record.Names(s.name + " Ltd") {
		w.strayed++
	}
	if w.gone {
		w.late++
	}
	if w.random.IntN(8) == 0 {
		_, err := w.store.ChangeConsent(ctx, w.record.Tenant, w.record.ID, consent.Event{Kind: consent.Withdraw})
		w.gone = err == nil
	}
	failures := []idv.Error{
		{Failure: idv.Maintenance, Delivery: idv.Answered}, {Failure: idv.Unavailable, Delivery: idv.NotSent}, {Failure: idv.Timeout, Delivery: idv.DeliveryUnknown},
		{Failure: idv.Garbled, Delivery: idv.Answered}, {Failure: idv.QuotaExhausted, Delivery: idv.RefusedByGateway}, {Failure: idv.Throttled, Delivery: idv.RefusedByGateway, Retry: time.Second},
	}
	if n := w.random.IntN(len(failures) + 3); n < len(failures) {
		w.failed++
		failure := failures[n]
		failure.Origin = idv.OriginVendor
		return idv.Answer{}, &failure
	}
	return idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01"}, nil
}

// TestOutagesStayWithinTheConsent checks that whatever fails and whenever a person
// withdraws, no vendor outside of the consent is called, and none after the withdrawal.
// The control at the end shows that the simulation notices such calls.
func TestOutagesStayWithinTheConsent(t *testing.T) {
	t.Parallel()
	rounds := 100_000
	if testing.Short() {
		rounds = 10_000
	}
	w := runOutages(t, rounds, consent.Required)
	t.Logf("%d verifications, %d calls, %d of them failed: outside the consent %d, after its withdrawal %d", rounds, w.calls, w.failed, w.strayed, w.late)
	if w.strayed+w.late > 0 || w.failed < rounds/10 {
		t.Error("a vendor was asked that must not be, or too little failed to tell")
	}
	if twin := runOutages(t, 1000, consent.Off); twin.strayed == 0 || twin.late == 0 {
		t.Error("the simulation does not notice an engine without consent")
	}
}

func runOutages(t *testing.T, rounds int, mode consent.Mode) *outage {
	w := &outage{random: rand.New(rand.NewPCG(1, 2))}
	// A new store now and then, since no person has ten thousand consents.
	const each = 500
	for done := 0; done < rounds; done += each {
		w.store = memory.New(100)
		runSome(t, w, min(each, rounds-done), mode)
	}
	return w
}

func runSome(t *testing.T, w *outage, rounds int, mode consent.Mode) {
	synctest.Test(t, func(t *testing.T) {
		ring := enginetest.Keyring(t)
		o := engine.Options{Store: w.store, Policy: engine.Policy{Keyring: ring, Consent: mode}}
		names := []string{"a", "b", "c", "d"}
		for _, name := range names {
			o.Providers = append(o.Providers, engine.ProviderConfig{
				Name: name, Provider: &shaky{enginetest.New(name), name, w}, Limits: guard.Limits{GateFirst: time.Second, GateMax: time.Second, BreakerOpen: time.Second},
			})
		}
		o.Routes = []route.Rule{{Check: idv.CheckIDName, Providers: names, MaxAttempts: 4, RetryUnknown: true}}
		e := enginetest.Engine(t, o)
		for n := range rounds {
			w.round(t, e, enginetest.Draft(ring, enginetest.Request(), w.some(names)...))
			if n%16 == 0 {
				time.Sleep(2 * time.Second) // gates open
				for _, name := range names {
					_ = e.Resume(name)
				}
			}
		}
	})
}

// some returns some of the vendors, by their legal names.
func (w *outage) some(names []string) []string {
	var list []string
	for _, name := range names {
		if w.random.IntN(2) == 0 {
			list = append(list, name+" Ltd")
		}
	}
	if list == nil {
		return []string{"none Ltd"}
	}
	return list
}

// round gives a consent and verifies on it twice.
func (w *outage) round(t *testing.T, e *engine.Engine, record consent.Record) {
	r := enginetest.Request()
	w.record, w.gone = record, false
	r.ConsentID = enginetest.Give(t, w.store, record)
	for range 2 {
		_, err := e.Verify(t.Context(), r)
		if err != nil && rule(err) == "" && !strings.Contains(fmt.Sprint(err), "unavailable") {
			t.Fatalf("Verify: %v", err)
		}
	}
}
