package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// zeroCache is a vendor that promises fresh data.
type zeroCache struct{ idv.Provider }

func (z zeroCache) Describe() idv.Descriptor {
	d := z.Provider.Describe()
	d.NoStore = true
	return d
}

func TestReuse(t *testing.T) {
	t.Parallel()
	const purposeTime, vendorTime = 10 * time.Minute, 4 * time.Minute
	for _, test := range []struct {
		name   string
		set    func(*engine.Options)
		change func(*idv.Request)
		after  time.Duration
		want   int // calls for the two questions
	}{
		{"within the shortest time", nil, nil, vendorTime - time.Minute, 1},
		{"after the vendor's time", nil, nil, vendorTime + time.Second, 2},
		{"after the purpose's time", func(o *engine.Options) { o.Providers[0].CacheTTL = time.Hour }, nil, purposeTime + time.Second, 2},
		{"the purpose does not allow it", func(o *engine.Options) { o.Policy.Purposes[0].CacheTTL = 0 }, nil, 0, 2},
		{"the vendor does not allow it", func(o *engine.Options) { o.Providers[0].CacheTTL = 0 }, nil, 0, 2},
		{"the vendor promises fresh data", func(o *engine.Options) { o.Providers[0].Provider = zeroCache{o.Providers[0].Provider} }, nil, 0, 2},
		{"a rule forbids it", func(o *engine.Options) {
			o.Policy.Rules = &decider{says: policy.Decision{Allowed: true, Obligations: policy.Obligations{NoReuse: true}}}
		}, nil, 0, 2},
		{"another name", nil, func(r *idv.Request) { r.Subject.Name = idv.NewSensitive("李四") }, 0, 2},
		{"another purpose", nil, func(r *idv.Request) { r.Purpose = "other" }, 0, 2},
		{"another app", nil, func(r *idv.Request) { r.App = "other" }, 0, 2},
		{"another tenant", nil, func(r *idv.Request) { r.Tenant = "t2" }, 0, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGuarded(t, func(o *engine.Options) {
					o.Policy.Consent = consent.Off
					o.Policy.Purposes = []policy.Purpose{{Name: "test", CacheTTL: purposeTime}, {Name: "other", CacheTTL: purposeTime}}
					o.Providers[0].CacheTTL = vendorTime
					if test.set != nil {
						test.set(o)
					}
				})
				r := enginetest.Request()
				said := enginetest.Answer(idv.Mismatch)
				said.Answer.Fields[idv.ClaimName] = idv.FieldMismatched
				g.a.Then(said)
				first := verify(t, g.Engine, r)
				synctest.Wait() // the cache takes it in
				time.Sleep(test.after)
				if test.change != nil {
					test.change(&r)
				}
				second := verify(t, g.Engine, r)
				if g.asked() != test.want {
					t.Fatalf("%d calls, want %d", g.asked(), test.want)
				}
				checkReused(t, first, second, test.want == 1)
			})
		})
	}
}

func checkReused(t *testing.T, first, second idv.Verification, want bool) {
	t.Helper()
	if (second.Reused != nil) != want {
		t.Fatalf("reused: %+v, want %v", second.Reused, want)
	}
	if !want {
		return
	}
	known, possible := second.Cost()
	switch {
	case second.Reused.Verification != first.ID || second.ID == first.ID:
		t.Errorf("the answer is said to be from %s, not %s", second.Reused.Verification, first.ID)
	case second.Verdict != first.Verdict || second.Fields != first.Fields || first.Fields.IsZero() || len(second.Attempts) != 0 || known.Micros != 0 || possible.Micros != 0:
		t.Errorf("verdict %v, attempts %v, cost %v", second.Verdict, second.Attempts, known)
	case !second.Reused.At.Equal(first.Evidence[0].Time) || second.Reused.Until.Sub(second.Reused.At) != 4*time.Minute:
		t.Errorf("from %v until %v", second.Reused.At, second.Reused.Until)
	}
}

// An answer that is given again needs a consent too, and takes one of its uses.
func TestReuseNeedsConsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuarded(t, func(o *engine.Options) {
			o.Policy.Purposes = []policy.Purpose{{Name: "test", CacheTTL: time.Hour}}
			o.Providers[0].CacheTTL = time.Hour
		})
		r := g.agreed(t, func(c *consent.Record) { c.MaxUses = 2 })
		verify(t, g.Engine, r)
		synctest.Wait()
		if v := verify(t, g.Engine, r); v.Reused == nil {
			t.Fatal("the answer was not given again")
		}
		if _, err := g.Verify(t.Context(), r); rule(err) != "consent.used_up" {
			t.Errorf("the third question: %v", err)
		}
		other := g.agreed(t, func(c *consent.Record) { c.Recipients = c.Recipients[1:] })
		if v := verify(t, g.Engine, other); v.Reused != nil || v.Attempts[0].Provider != "b" {
			t.Errorf("an answer of a vendor that this consent does not name: %+v", v)
		}
	})
}

// After a person was erased nothing of them is answered from memory.
func TestForgetAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuarded(t, func(o *engine.Options) {
			o.Policy = engine.Policy{Consent: consent.Off, Purposes: []policy.Purpose{{Name: "test", CacheTTL: time.Hour}}}
			o.Providers[0].CacheTTL = time.Hour
		})
		verify(t, g.Engine, enginetest.Request())
		synctest.Wait()
		g.PurgeCache()
		if v := verify(t, g.Engine, enginetest.Request()); v.Reused != nil {
			t.Error("the answer was given again")
		}
	})
}

// A person who was erased in the store, by another node or a tool beside this process,
// is asked about anew.
func TestErasedElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuarded(t, func(o *engine.Options) {
			o.Policy.Consent, o.Policy.Purposes = consent.Off, []policy.Purpose{{Name: "test", CacheTTL: time.Hour}}
			o.Providers[0].CacheTTL = time.Hour
		})
		r := enginetest.Request()
		verify(t, g.Engine, r)
		synctest.Wait()
		if v := verify(t, g.Engine, r); v.Reused == nil {
			t.Fatal("the answer was not given again")
		}
		tokens := g.ring.Tokens(r.Tenant, r.Subject.IDNumber)
		if _, err := g.store.Erase(t.Context(), r.Tenant, tokens, "er_1"); err != nil {
			t.Fatal(err)
		}
		if v := verify(t, g.Engine, r); v.Reused != nil {
			t.Error("the answer of an erased person was given again")
		}
	})
}
