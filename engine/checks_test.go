package engine_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// everyClaim is a synthetic person with all claims.
func everyClaim() idv.Subject {
	s := enginetest.Person()
	s.Mobile, s.BankCard = idv.NewSensitive("+86 199-0000-0000"), idv.NewSensitive("6222 0212 3456 7890 128")
	return s
}

// TestEveryCheck makes a verification of each check, with its consent: the provider gets the
// claims of the check in canonical form and no other, and the result masks them.
func TestEveryCheck(t *testing.T) {
	t.Parallel()
	canonical := idv.Subject{
		Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X"), Mobile: idv.NewSensitive("19900000000"),
		BankCard: idv.NewSensitive("6222021234567890128"),
	}
	masked := map[idv.Claim]string{
		idv.ClaimName: "张*", idv.ClaimIDNumber: "1*****************", idv.ClaimMobile: "1**********", idv.ClaimBankCard: "6******************",
	}
	for _, check := range idv.Checks() {
		t.Run(check.String(), func(t *testing.T) {
			t.Parallel()
			a := enginetest.New("a").For(check)
			store, ring := memory.New(0), enginetest.Keyring(t)
			o := enginetest.Options(a)
			o.Store, o.Policy = store, engine.Policy{Keyring: ring}
			e := enginetest.Engine(t, o)
			r := enginetest.Request()
			r.Check, r.Subject, r.IdempotencyKey = check, canonical, "key"
			record := enginetest.Draft(ring, r, "a Ltd")
			record.OfAge = true
			r.ConsentID = enginetest.Give(t, store, record)
			r.Subject = everyClaim()
			v, err := e.Verify(t.Context(), r)
			if err != nil || v.Verdict != idv.Match || v.Check != check || v.Token != record.Subject {
				t.Fatalf("got %v of %v, %v", v.Verdict, v.Check, err)
			}
			shown := map[idv.Claim]string{
				idv.ClaimName: v.Subject.Name, idv.ClaimIDNumber: v.Subject.IDNumber, idv.ClaimMobile: v.Subject.Mobile, idv.ClaimBankCard: v.Subject.BankCard,
			}
			for claim, mask := range masked {
				sent := a.Queries()[0].Subject.Claim(claim)
				if !check.Claims().Has(claim) {
					mask = ""
				}
				if (mask != "") != sent.Equal(canonical.Claim(claim)) || (mask == "") != sent.IsZero() || shown[claim] != mask {
					t.Errorf("%s: sent %v, shown %q; want %q", claim, !sent.IsZero(), shown[claim], mask)
				}
			}
			again := r
			again.Subject = canonical
			if second, err := e.Verify(t.Context(), again); err != nil || second.ID != v.ID || a.Calls() != 1 {
				t.Errorf("the same person, written otherwise, under the same key: %s, %v, %d calls", second.ID, err, a.Calls())
			}
			if _, err := e.Explain(t.Context(), r); err != nil {
				t.Errorf("Explain: %v", err)
			}
		})
	}
}

// byCard is an engine with consents for people who are known by their card.
func byCard(t *testing.T, change func(*engine.Options)) (*engine.Engine, *enginetest.Provider, func(func(*consent.Record)) idv.Request) {
	t.Helper()
	a := enginetest.New("a").For(idv.CheckNameBankCard)
	store, ring := memory.New(0), enginetest.Keyring(t)
	o := enginetest.Options(a)
	o.Store, o.Policy = store, engine.Policy{Keyring: ring}
	if change != nil {
		change(&o)
	}
	return enginetest.Engine(t, o), a, func(change func(*consent.Record)) idv.Request {
		r := enginetest.Request()
		r.Check = idv.CheckNameBankCard
		r.Subject = idv.Subject{Name: idv.NewSensitive("张三"), BankCard: idv.NewSensitive("6222021234567890128")}
		record := enginetest.Draft(ring, r, "a Ltd")
		record.OfAge = true
		if change != nil {
			change(&record)
		}
		r.ConsentID = enginetest.Give(t, store, record)
		return r
	}
}

// TestCardWithoutNumber shows what is denied where no ID number says who and how old the
// person is.
func TestCardWithoutNumber(t *testing.T) {
	t.Parallel()
	purpose := func(p policy.Purpose) func(*engine.Options) {
		p.Name = "test"
		return func(o *engine.Options) { o.Policy.Purposes = []policy.Purpose{p} }
	}
	for _, test := range []struct {
		name   string
		engine func(*engine.Options)
		record func(*consent.Record)
		change func(*idv.Request)
		want   string // the rule that denies
	}{
		{"covered", nil, nil, nil, ""},
		{"another card", nil, nil, func(r *idv.Request) { r.Subject.BankCard = idv.NewSensitive("6222021234567890003") }, "consent.other_person"},
		{"another name", nil, nil, func(r *idv.Request) { r.Subject.Name = idv.NewSensitive("李四") }, "consent.other_name"},
		{"the age not declared", nil, func(c *consent.Record) { c.OfAge = false }, nil, "consent.needs_guardian"},
		{"a purpose that denies minors", purpose(policy.Purpose{Minors: policy.MinorsDeny}), nil, nil, "minor"},
		{"another legal basis", purpose(policy.Purpose{Basis: policy.ByOtherLaw, Reference: "a law, art. 1"}), nil, nil, "minor"},
		{"another legal basis that covers minors", purpose(policy.Purpose{Basis: policy.ByOtherLaw, Reference: "a law, art. 1", Minors: policy.MinorsAllow}), nil, nil, ""},
		{"consents kept elsewhere", func(o *engine.Options) { o.Policy.Consent = consent.External }, nil, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, a, agreed := byCard(t, test.engine)
			r := agreed(test.record)
			if test.change != nil {
				test.change(&r)
			}
			v, err := e.Verify(t.Context(), r)
			if rule(err) != test.want || (a.Calls() == 1) != (test.want == "") || test.want == "" && (err != nil || v.Document != "" || v.Token == "") {
				t.Errorf("rule %q, %d calls, %v; want %q", rule(err), a.Calls(), err, test.want)
			}
		})
	}
}

// TestNamesOfACardAreNotGuessed shows that names are counted against the card, and that two
// people do not share a counter because neither has an ID number.
func TestNamesOfACardAreNotGuessed(t *testing.T) {
	t.Parallel()
	heard := siren{}
	e, a, _ := byCard(t, func(o *engine.Options) {
		o.Policy.Consent = consent.Off
		var err error
		if o.Policy.Abuse, err = abuse.New(abuse.Config{Indexer: o.Policy.Keyring, Alarms: heard}); err != nil {
			t.Fatal(err)
		}
	})
	ask := func(name, card string) error {
		r := enginetest.Request()
		r.Check, r.Subject = idv.CheckNameBankCard, idv.Subject{Name: idv.NewSensitive(name), BankCard: idv.NewSensitive(card)}
		_, err := e.Verify(t.Context(), r)
		return err
	}
	for i, name := range []string{"甲甲", "乙乙", "丙丙", "丁丁"} {
		if err := ask(name, "6222021234567890128"); (err == nil) != (i < 3) {
			t.Errorf("name %d of a card: %v", i+1, err)
		}
	}
	if err := ask("戊戊", "6222021234567890003"); err != nil {
		t.Errorf("another card: %v", err)
	}
	if a.Calls() != 4 || heard[abuse.NamesPerNumber] != 1 {
		t.Errorf("%d calls, alarms %v", a.Calls(), heard)
	}
}

// TestCheckDigitsOfACardAreNotGuessed: the local check refuses wrong check digits at no
// cost, so the fourth digit for the same card is denied, also the right one.
func TestCheckDigitsOfACardAreNotGuessed(t *testing.T) {
	t.Parallel()
	e, a, _ := byCard(t, func(o *engine.Options) {
		o.Policy.Consent = consent.Off
		var err error
		if o.Policy.Abuse, err = abuse.New(abuse.Config{Indexer: o.Policy.Keyring}); err != nil {
			t.Fatal(err)
		}
	})
	for i, last := range []string{"1", "2", "3", "8"} {
		r := enginetest.Request()
		r.Check, r.Subject = idv.CheckNameBankCard, idv.Subject{Name: idv.NewSensitive("张三"), BankCard: idv.NewSensitive("622202123456789012" + last)}
		_, err := e.Verify(t.Context(), r)
		if want := map[bool]idv.Failure{true: idv.InvalidInput, false: idv.SubjectLimited}[i < 3]; idv.FailureOf(err) != want {
			t.Errorf("digit %d: %v, want %v", i+1, err, want)
		}
	}
	if a.Calls() != 0 {
		t.Errorf("%d calls", a.Calls())
	}
}

// TestDocumentsAreNotMixedUp: the same digits as a CPF and as a NIN are two people, for
// consents and under an idempotency key.
func TestDocumentsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, nil)
	r := enginetest.Request()
	r.Subject = idv.Subject{Name: idv.NewSensitive("TEST PERSON"), IDNumber: idv.NewSensitive("52998224725"), Document: idv.BrazilCPF}
	record := enginetest.Draft(g.ring, r, "a Ltd", "b Ltd")
	record.OfAge = true
	r.ConsentID, r.IdempotencyKey = enginetest.Give(t, g.store, record), "key"
	r.Subject.Name, r.Subject.IDNumber = idv.NewSensitive("Test Person"), idv.NewSensitive("529.982.247-25")
	v, err := g.Verify(t.Context(), r)
	if err != nil || v.Document != idv.BrazilCPF || g.a.Queries()[0].Document != idv.BrazilCPF {
		t.Fatalf("the CPF: %v, %v", v.Document, err)
	}
	r.Subject.IDNumber, r.Subject.Document = idv.NewSensitive("52998224725"), idv.NigeriaNIN
	if _, err := g.Verify(t.Context(), r); err == nil {
		t.Error("the NIN has the CPF's result")
	}
	r.IdempotencyKey = ""
	if _, err := g.Verify(t.Context(), r); rule(err) != "consent.other_person" {
		t.Errorf("the NIN with the CPF's consent: %v", err)
	}
	r.Subject.Document = ""
	if _, err := g.Verify(t.Context(), r); idv.FailureOf(err) != idv.InvalidInput {
		t.Errorf("eleven digits without a document: %v", err)
	}
	if g.asked() != 1 {
		t.Errorf("%d calls", g.asked())
	}
}
