package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// siren counts the alarms by their dimension.
type siren map[abuse.Dimension]int

func (s siren) Alarm(e abuse.Event) { s[e.Dimension]++ }

// watched returns a guarded engine with a detector of guessing, a honeytoken and alarms.
func watched(t *testing.T, heard siren, config abuse.Config) *guarded {
	t.Helper()
	return newGuarded(t, func(o *engine.Options) {
		canaries, err := abuse.NewHoneytokens(o.Policy.Keyring, map[idv.Tenant][]idv.Sensitive{"t1": {idv.NewSensitive(canary)}})
		if err != nil {
			t.Fatal(err)
		}
		config.Indexer, config.Alarms, config.Honeytokens = o.Policy.Keyring, heard, canaries
		if o.Policy.Abuse, err = abuse.New(config); err != nil {
			t.Fatal(err)
		}
	})
}

const canary = "110105199003070113"

// Verify and Explain both report without a call whether a consent covers a number. A
// caller who knows only its id cannot find out by trying whose it is.
func TestWhoseConsentIsNotGuessed(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(context.Context, *guarded, idv.Request) error{
		"Verify":  func(ctx context.Context, g *guarded, r idv.Request) error { _, err := g.Verify(ctx, r); return err },
		"Explain": func(ctx context.Context, g *guarded, r idv.Request) error { _, err := g.Explain(ctx, r); return err },
	} {
		t.Run(name, func(t *testing.T) {
			heard := siren{}
			g := watched(t, heard, abuse.Config{})
			r := g.agreed(t)
			for i := range 6 {
				wrong := r
				wrong.Subject = idv.Subject{Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive(others[i])}
				err := ask(t.Context(), g, wrong)
				if told := rule(err) == "consent.other_person"; told != (i < 3) {
					t.Errorf("try %d: %v", i+1, err)
				}
			}
			if err := ask(t.Context(), g, r); idv.FailureOf(err) != idv.SubjectLimited || g.asked() != 0 {
				t.Errorf("the right one after six wrong ones: %v, %d calls", err, g.asked())
			}
			if heard[abuse.NumbersPerConsent] == 0 {
				t.Errorf("alarms %v", heard)
			}
		})
	}
}

// others are numbers of other synthetic people.
var others = [...]string{
	"110105199003071095", "110105199003072071", "110105199003073058", "110105199003074034", "110105199003075010", "110105199003076072",
}

// A honeytoken raises an alarm without a consent too, since a thief has none.
func TestCanaryWithoutConsent(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"no consent": "", "an unknown one": "con_unknown"} {
		t.Run(name, func(t *testing.T) {
			heard := siren{}
			g := watched(t, heard, abuse.Config{})
			r := enginetest.Request()
			r.Subject.IDNumber, r.ConsentID = idv.NewSensitive(canary), id
			if _, err := g.Verify(t.Context(), r); idv.FailureOf(err) != idv.SubjectLimited || heard[abuse.HoneytokenUsed] != 1 {
				t.Errorf("%v, alarms %v", err, heard)
			}
		})
	}
}

// A request for which no provider is available uses up no limit.
func TestAwayVendorsUseUpNoLimit(t *testing.T) {
	t.Parallel()
	g := watched(t, siren{}, abuse.Config{Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 2}}})
	r := g.agreed(t)
	for _, name := range []string{"a", "b"} {
		if err := g.Drain(name, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if v := verify(t, g.Engine, r); v.Verdict != idv.Undetermined || g.asked() != 0 {
			t.Fatalf("%v, %d calls", v.Verdict, g.asked())
		}
	}
	if err := g.Resume("a"); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, g.Engine, r); v.Verdict != idv.Match {
		t.Errorf("after the vendor is back: %v", v.Reason)
	}
}

// A purpose that denies minors denies them in every mode of consent.
func TestMinorsDenyInEveryMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []consent.Mode{consent.Required, consent.External, consent.Off} {
		t.Run(mode.String(), func(t *testing.T) {
			g := newGuarded(t, func(o *engine.Options) {
				o.Policy.Consent, o.Policy.Purposes = mode, []policy.Purpose{{Name: "test", Minors: policy.MinorsDeny}}
			})
			r := enginetest.Request()
			r.ConsentID, r.Subject.IDNumber = "theirs", idv.NewSensitive(child)
			if _, err := g.Verify(t.Context(), r); rule(err) != policy.RuleMinor || g.asked() != 0 {
				t.Errorf("a child: %v, %d calls", err, g.asked())
			}
		})
	}
}

const child = "110105202001010015"
