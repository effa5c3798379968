package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// guarded is an engine that requires consents, with what a test needs to make them.
type guarded struct {
	*engine.Engine
	store *memory.Store
	ring  *keyring.Keyring
	a, b  *enginetest.Provider
}

// newGuarded returns an engine that calls a, then b.
func newGuarded(t testing.TB, change func(*engine.Options)) *guarded {
	g := &guarded{store: memory.New(0), ring: enginetest.Keyring(t), a: enginetest.New("a"), b: enginetest.New("b")}
	o := enginetest.Options(g.a, g.b)
	o.Store, o.Policy = g.store, engine.Policy{Keyring: g.ring}
	if change != nil {
		change(&o)
	}
	g.Engine = enginetest.Engine(t, o)
	return g
}

// agreed returns a request with a consent to both recipients.
func (g *guarded) agreed(t testing.TB, change ...func(*consent.Record)) idv.Request {
	r := enginetest.Request()
	record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
	for _, f := range change {
		f(&record)
	}
	r.ConsentID = enginetest.Give(t, g.store, record)
	return r
}

func (g *guarded) asked() int { return g.a.Calls() + g.b.Calls() }

// rule returns the first rule of a denial, "" if it is none.
func rule(err error) string {
	var d *policy.Denial
	var e *idv.Error
	if errors.As(err, &d) && len(d.Decision.Rules) > 0 {
		return d.Decision.Rules[0]
	}
	if errors.As(err, &e) && e.Failure == idv.Denied {
		return e.Code
	}
	return ""
}

func TestConsentIsAskedFor(t *testing.T) {
	t.Parallel()
	child := func(r *idv.Request) {
		r.Subject.IDNumber = idv.NewSensitive("110105202001010015")
	}
	for _, test := range []struct {
		name   string
		record func(*consent.Record)
		change func(*idv.Request)
		want   string
	}{
		{"none named", nil, func(r *idv.Request) { r.ConsentID = "" }, "consent.missing"},
		{"one that is not there", nil, func(r *idv.Request) { r.ConsentID = "con_x" }, "consent.missing"},
		{"another tenant's", nil, func(r *idv.Request) { r.Tenant = "t2" }, "consent.missing"},
		{"another person's", nil, func(r *idv.Request) {
			r.Subject.IDNumber = idv.NewSensitive("110101199003070791")
		}, "consent.other_person"},
		{"another app's", nil, func(r *idv.Request) { r.App = "other" }, "consent.other_app"},
		{"for another purpose", nil, func(r *idv.Request) { r.Purpose = "marketing" }, "consent.other_purpose"},
		{"to other data", func(c *consent.Record) { c.Items = []idv.Claim{idv.ClaimName} }, nil, "consent.other_data"},
		{"to no recipient that could be called", func(c *consent.Record) { c.Recipients = c.Recipients[:1]; c.Recipients[0].Name = "c Ltd" }, nil, "consent.not_recipient"},
		{"a child's own", func(c *consent.Record) {}, child, "consent.needs_guardian"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGuarded(t, nil)
			r := enginetest.Request()
			if test.name == "a child's own" {
				child(&r)
			}
			record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
			if test.record != nil {
				test.record(&record)
			}
			r.ConsentID = enginetest.Give(t, g.store, record)
			if test.change != nil {
				test.change(&r)
			}
			_, err := g.Verify(t.Context(), r)
			if got := rule(err); got != test.want {
				t.Errorf("rule %q, want %q (%v)", got, test.want, err)
			}
			if _, err := g.Explain(t.Context(), r); rule(err) != test.want {
				t.Errorf("Explain says %v, and would not be what Verify does", err)
			}
			if idv.FailureOf(err) != idv.Denied || g.asked() != 0 {
				t.Errorf("failure %v, %d calls; want denied and none", idv.FailureOf(err), g.asked())
			}
		})
	}
}

func TestConsentIsRecorded(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	r := g.agreed(t)
	v := verify(t, g.Engine, r)
	if v.Verdict != idv.Match || v.Basis != "consent" || v.ConsentID != r.ConsentID || v.Token != g.ring.Token(r.Tenant, r.Subject.IDNumber) {
		t.Errorf("verdict %v, basis %q, consent %q, token %q", v.Verdict, v.Basis, v.ConsentID, v.Token)
	}
}

// A guardian's consent speaks for a child.
func TestGuardianAgrees(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	r := enginetest.Request()
	r.Subject.IDNumber = idv.NewSensitive("110105202001010015")
	record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
	record.Guardian = consent.Guardian{Subject: g.ring.Token(r.Tenant, enginetest.Person().IDNumber), Relation: "mother"}
	r.ConsentID = enginetest.Give(t, g.store, record)
	if v := verify(t, g.Engine, r); v.Verdict != idv.Match {
		t.Errorf("verdict %v", v.Verdict)
	}
}

// Failover never leaves the recipients that the person agreed to.
func TestFailoverStaysWithinTheConsent(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	g.a.Then(enginetest.Fail(idv.Maintenance, idv.Answered))
	r := g.agreed(t, func(c *consent.Record) { c.Recipients = c.Recipients[:1] })
	v := verify(t, g.Engine, r)
	if v.Verdict != idv.Undetermined || v.Reason != "maintenance" || g.b.Calls() != 0 {
		t.Errorf("verdict %v, reason %q, %d calls of a vendor that the person did not agree to", v.Verdict, v.Reason, g.b.Calls())
	}
	if len(v.Skipped) != 1 || v.Skipped[0].Reason != idv.SkipNotConsented {
		t.Errorf("left out %+v", v.Skipped)
	}
}

// withdrawer lets the person withdraw while the first vendor is being asked.
type withdrawer struct {
	idv.Provider

	now func()
}

func (w withdrawer) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	w.now()
	return w.Provider.Ask(ctx, q)
}

func TestWithdrawalActsBeforeTheNextCall(t *testing.T) {
	t.Parallel()
	var g *guarded
	var r idv.Request
	g = newGuarded(t, func(o *engine.Options) {
		o.Providers[0].Provider = withdrawer{o.Providers[0].Provider, func() {
			if _, err := g.store.ChangeConsent(t.Context(), r.Tenant, r.ConsentID, consent.Event{Kind: consent.Withdraw}); err != nil {
				t.Errorf("withdrawing: %v", err)
			}
		}}
	})
	g.a.Then(enginetest.Fail(idv.Maintenance, idv.Answered))
	r = g.agreed(t)
	v := verify(t, g.Engine, r)
	if v.Reason != "denied" || len(v.Attempts) != 1 || g.b.Calls() != 0 {
		t.Errorf("reason %q, %d attempts, %d calls after the withdrawal", v.Reason, len(v.Attempts), g.b.Calls())
	}
	if _, err := g.Verify(t.Context(), r); rule(err) != "consent.withdrawn" {
		t.Errorf("the next question: %v", err)
	}
}

func TestUsesOfAConsent(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	g.a.Then(enginetest.Fail(idv.Maintenance, idv.Answered))
	r := g.agreed(t, func(c *consent.Record) { c.MaxUses = 1 })
	if v := verify(t, g.Engine, r); v.Verdict != idv.Match || len(v.Attempts) != 2 {
		t.Fatalf("verdict %v after %d attempts; both are of one use", v.Verdict, len(v.Attempts))
	}
	if _, err := g.Verify(t.Context(), r); rule(err) != "consent.used_up" {
		t.Errorf("the second verification: %v", err)
	}
}

// drainer takes both vendors out between the intent and the call.
type drainer struct {
	*memory.Store

	engine **engine.Engine
}

func (d drainer) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	held, err := d.Store.Hold(ctx, i)
	return held, errors.Join(err, (*d.engine).Drain("a", time.Time{}), (*d.engine).Drain("b", time.Time{}))
}

// A use is returned if no provider received the data.
func TestUseIsReturned(t *testing.T) {
	t.Parallel()
	var g *guarded
	var drained *engine.Engine
	g = newGuarded(t, func(o *engine.Options) { o.Store = drainer{o.Store.(*memory.Store), &drained} })
	drained = g.Engine
	r := g.agreed(t, func(c *consent.Record) { c.MaxUses = 1 })
	v := verify(t, g.Engine, r)
	record, err := g.store.Consent(t.Context(), r.Tenant, r.ConsentID)
	if err != nil || record.Used != 0 || g.asked() != 0 {
		t.Errorf("used %d times, %v; want 0, since no provider received the data: %+v", record.Used, err, v.Skipped)
	}
}

// An outage takes no use of a consent as long as no data was sent. Once data was sent, the
// use is taken, whatever the outcome.
func TestOutageTakesNoUse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		a, b idv.Delivery
		want int
	}{
		{"neither was reached", idv.NotSent, idv.NotSent, 0},
		{"the second got the data", idv.NotSent, idv.DeliveryUnknown, 1},
		{"a gateway got the data", idv.RefusedByGateway, idv.NotSent, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGuarded(t, nil)
			g.a.Then(enginetest.Fail(idv.Unavailable, test.a))
			g.b.Then(enginetest.Fail(idv.Unavailable, test.b))
			r := g.agreed(t, func(c *consent.Record) { c.MaxUses = 1 })
			if v := verify(t, g.Engine, r); v.Verdict != idv.Undetermined || len(v.Attempts) != 2 {
				t.Fatalf("%v after %d attempts, want undetermined after 2", v.Verdict, len(v.Attempts))
			}
			record, err := g.store.Consent(t.Context(), r.Tenant, r.ConsentID)
			if err != nil || record.Used != test.want {
				t.Errorf("%d uses are taken, want %d, %v", record.Used, test.want, err)
			}
		})
	}
}

func TestRepeatedRequestNeedsNoSecondUse(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	r := g.agreed(t, func(c *consent.Record) { c.MaxUses = 1 })
	r.IdempotencyKey = "k"
	first := verify(t, g.Engine, r)
	if again := verify(t, g.Engine, r); again.ID != first.ID || g.asked() != 1 {
		t.Errorf("got %s after %s, %d calls", again.ID, first.ID, g.asked())
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode consent.Mode
		id   string
		want string // the rule that denies
	}{
		{consent.External, "", "consent.missing"}, {consent.External, "theirs", ""}, {consent.Off, "", ""},
	} {
		t.Run(test.mode.String()+" "+test.id, func(t *testing.T) {
			g := newGuarded(t, func(o *engine.Options) { o.Policy.Consent = test.mode })
			r := enginetest.Request()
			r.ConsentID = test.id
			v, err := g.Verify(t.Context(), r)
			if rule(err) != test.want || test.want == "" && v.ConsentID != test.id {
				t.Errorf("rule %q, want %q; consent %q", rule(err), test.want, v.ConsentID)
			}
		})
	}
}

func TestPurposes(t *testing.T) {
	t.Parallel()
	purposes := []policy.Purpose{
		{Name: "test", Apps: []string{"app"}},
		{Name: "realname", Basis: policy.ByStatutoryDuty, Reference: "Cybersecurity Law art. 26"},
		{Name: "protection", Basis: policy.ByStatutoryDuty, Reference: "Minors Network Protection Regulation art. 31", Minors: policy.MinorsAllow},
		{Name: "adults", Minors: policy.MinorsDeny},
	}
	child := idv.NewSensitive("110105202001010015")
	for _, test := range []struct {
		name   string
		change func(*idv.Request)
		want   string
		basis  idv.Basis
	}{
		{"consent", nil, "", "consent"},
		{"one that is not listed", func(r *idv.Request) { r.Purpose = "curiosity" }, policy.RulePurpose, ""},
		{"not this app's", func(r *idv.Request) { r.App = "other" }, policy.RulePurposeOfApp, ""},
		{"the law's", func(r *idv.Request) { r.Purpose, r.ConsentID = "realname", "" }, "", "statutory_duty"},
		{"the law's, for a child", func(r *idv.Request) { r.Purpose, r.Subject.IDNumber = "realname", child }, policy.RuleMinor, ""},
		{"a law for children", func(r *idv.Request) { r.Purpose, r.Subject.IDNumber = "protection", child }, "", "statutory_duty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGuarded(t, func(o *engine.Options) { o.Policy.Purposes = purposes })
			r := g.agreed(t)
			if test.change != nil {
				test.change(&r)
			}
			v, err := g.Verify(t.Context(), r)
			if rule(err) != test.want || v.Basis != test.basis {
				t.Errorf("rule %q, basis %q, %v", rule(err), v.Basis, err)
			}
		})
	}
	if _, err := engine.New(engine.Options{Policy: engine.Policy{Purposes: []policy.Purpose{{Name: "x", Basis: policy.ByContract}}}}); err == nil {
		t.Error("a basis without a reference was accepted")
	}
}

// decider decides as it is told and remembers what it saw.
type decider struct {
	says policy.Decision
	saw  policy.Facts
}

func (d *decider) Decide(f policy.Facts) policy.Decision {
	d.saw = f
	return d.says
}

func TestRulesDecide(t *testing.T) {
	t.Parallel()
	d := &decider{says: policy.Deny(policy.Reason{Rule: "night", ZH: "夜间不核验。", EN: "Not at night."})}
	g := newGuarded(t, func(o *engine.Options) { o.Policy.Rules = d })
	r := g.agreed(t)
	if _, err := g.Verify(t.Context(), r); rule(err) != "night" || g.asked() != 0 {
		t.Errorf("got %v, %d calls", err, g.asked())
	}
	d.says = policy.Decision{Allowed: true, Rules: []string{"care"}, Obligations: policy.Obligations{Limited: true, Recipients: []string{"b Ltd"}, Review: true}}
	v := verify(t, g.Engine, r)
	if !v.Review || len(v.Rules) != 1 || v.Attempts[0].Provider != "b" || v.Skipped[0].Reason != idv.SkipPolicy {
		t.Errorf("review %v, rules %v, asked %+v, left out %+v", v.Review, v.Rules, v.Attempts, v.Skipped)
	}
	if d.saw.Age < 70 || d.saw.Region != "11" || d.saw.Basis != "consent" || !d.saw.Consent.Valid || len(d.saw.Consent.Recipients) != 2 {
		t.Errorf("the rules saw %+v", d.saw)
	}
	plan, err := g.Explain(t.Context(), r)
	if err != nil || !plan.Review || len(plan.Steps) != 1 || plan.Steps[0].Provider != "b" {
		t.Errorf("Explain says %+v, %v", plan, err)
	}
}

// A text that no database keeps is the caller's mistake, and no fault of the store.
func TestIllegibleTexts(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[idv.Field]func(*idv.Request){
		idv.FieldApp: func(r *idv.Request) { r.App = "a\x00" }, idv.FieldPurpose: func(r *idv.Request) { r.Purpose = "a\nb" },
		idv.FieldConsentID: func(r *idv.Request) { r.ConsentID = "\xff" }, idv.FieldIdempotencyKey: func(r *idv.Request) { r.IdempotencyKey = "\u0085" },
	} {
		t.Run(field.String(), func(t *testing.T) {
			g := newGuarded(t, nil)
			r := g.agreed(t)
			spoil(&r)
			_, err := g.Verify(t.Context(), r)
			if e := idv.AsError(err); e.Failure != idv.InvalidInput || e.Field != field || g.asked() != 0 {
				t.Errorf("%v", err)
			}
		})
	}
}

// A number of the person in a text of the request would stand in clear in logs, messages and the
// ledger, and stay there after an erasure.
func TestNumbersInTexts(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[idv.Field]func(*idv.Request, string){
		idv.FieldApp: func(r *idv.Request, s string) { r.App = s }, idv.FieldPurpose: func(r *idv.Request, s string) { r.Purpose = s },
		idv.FieldConsentID: func(r *idv.Request, s string) { r.ConsentID = s },
	} {
		t.Run(field.String(), func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			g := newGuarded(t, func(o *engine.Options) { o.Telemetry.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			r := g.agreed(t)
			number := r.Subject.IDNumber.Reveal()
			spoil(&r, "person "+number)
			_, err := g.Verify(t.Context(), r)
			if e := idv.AsError(err); e.Failure != idv.InvalidInput || e.Field != field || !strings.Contains(err.Error(), "number of the person") || g.asked() != 0 {
				t.Errorf("got %v after %d calls", err, g.asked())
			}
			if text := log.String() + err.Error(); strings.Contains(text, number) || !strings.Contains(text, "request refused") {
				t.Errorf("got %s", text)
			}
		})
	}
}

// A blank text would count as given: " " as the id of a consent that the caller keeps.
func TestBlankTexts(t *testing.T) {
	t.Parallel()
	for field, set := range map[idv.Field]func(*idv.Request, string){
		idv.FieldApp: func(r *idv.Request, s string) { r.App = s }, idv.FieldPurpose: func(r *idv.Request, s string) { r.Purpose = s },
		idv.FieldConsentID:      func(r *idv.Request, s string) { r.ConsentID = s },
		idv.FieldIdempotencyKey: func(r *idv.Request, s string) { r.IdempotencyKey = s },
	} {
		t.Run(field.String(), func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{" ", "\u3000\u00a0", "\u200b", "\u2800", "\u3164\ufe0f", " \u2060\ufeff "} {
				g := newGuarded(t, func(o *engine.Options) { o.Policy.Consent = consent.External })
				r := g.agreed(t)
				set(&r, text)
				for name, ask := range map[string]func() error{
					"Verify":  func() error { _, err := g.Verify(t.Context(), r); return err },
					"Explain": func() error { _, err := g.Explain(t.Context(), r); return err },
				} {
					p := engine.ProblemOf(ask())
					if p.Failure != idv.InvalidInput || p.Field != field || !slices.Equal(p.Rules, []string{"empty"}) || !strings.Contains(p.Detail, "leave it out") {
						t.Errorf("%s with %+q: %+v", name, text, p)
					}
				}
				if g.asked() != 0 {
					t.Errorf("%+q: %d calls", text, g.asked())
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var d decider
	d.says.Allowed = true
	g := newGuarded(t, func(o *engine.Options) {
		guard, err := abuse.New(abuse.Config{Indexer: o.Policy.Keyring, Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 2}}})
		if err != nil {
			t.Fatal(err)
		}
		o.Policy.Abuse, o.Policy.Rules = guard, &d
	})
	r := g.agreed(t)
	for range 2 {
		verify(t, g.Engine, r)
	}
	if d.saw.Counts.SubjectDay != 2 {
		t.Errorf("the rules saw a count of %d, want 2", d.saw.Counts.SubjectDay)
	}
	_, err := g.Verify(t.Context(), r)
	var denial *policy.Denial
	if !errors.As(err, &denial) || denial.Failure != idv.SubjectLimited || denial.Retry <= 0 || denial.Retry > 24*time.Hour || g.asked() != 2 {
		t.Errorf("the third question: %v, %d calls", err, g.asked())
	}
}

// Guessing check digits costs no call, and is stopped all the same.
func TestMistypedNumbersAreCounted(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, func(o *engine.Options) {
		guard, err := abuse.New(abuse.Config{Indexer: o.Policy.Keyring})
		if err != nil {
			t.Fatal(err)
		}
		o.Policy.Abuse = guard
	})
	r := g.agreed(t)
	var last error
	for digit := range 9 {
		wrong := r
		wrong.Subject.IDNumber = idv.NewSensitive("11010519491231002" + string(rune('0'+digit)))
		_, last = g.Verify(t.Context(), wrong)
	}
	if idv.FailureOf(last) != idv.SubjectLimited {
		t.Errorf("the ninth digit: %v", last)
	}
	if _, err := g.Verify(t.Context(), r); idv.FailureOf(err) != idv.SubjectLimited || g.asked() != 0 {
		t.Errorf("the right one after it: %v, %d calls", err, g.asked())
	}
}
