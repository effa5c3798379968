package consents_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
)

const seed = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func defaults() consents.NoticeDefaults {
	return consents.NoticeDefaults{
		Controller: consent.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}, Notice: "identity-check", GuardianNotice: "identity-check-guardian",
		Language: "zh-CN", Titles: map[string]string{"open": "确认开户人的姓名与证件号码相符", "lend": "办理贷款"}, Uses: 3, Valid: 2 * 24 * time.Hour,
		MinReview: time.Second, Pause: time.Hour, Verifications: 180 * 24 * time.Hour, Consents: 1095 * 24 * time.Hour,
	}
}

type fixture struct {
	*consents.Service
	store  *memory.Store
	ring   *keyring.Keyring
	forgot int
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	b := &fixture{store: memory.New(0), ring: enginetest.Keyring(t)}
	notices, err := notice.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := receipt.NewSigner(idv.NewSensitive(seed))
	if err != nil {
		t.Fatal(err)
	}
	b.Service, err = consents.New(consents.Options{
		Store: b.store, Keyring: b.ring, Notices: notices, Signer: signer, Defaults: defaults(), PurgeCache: func() { b.forgot++ },
		Recipients: func(_ context.Context, c idv.Check, document idv.Document) ([]consent.Party, error) {
			if c != idv.CheckIDName {
				return nil, nil
			}
			switch document {
			case idv.NigeriaNIN: // of which no provider takes the number
				return nil, nil
			case idv.HKID:
				return []consent.Party{{Name: "b Ltd", Contact: "400-000-0003"}}, nil
			}
			return []consent.Party{{Name: "a Ltd", Contact: "400-000-0002"}, {Name: "b Ltd", Contact: "400-000-0003"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func draft() consents.Draft {
	return consents.Draft{
		Tenant: "t1", App: "app", Purpose: "open", Check: idv.CheckIDName, Subject: enginetest.Person(), Channel: "web", Presenter: "sign-up",
	}
}

// agree presents a draft to the person and records the agreement.
func (b *fixture) agree(t *testing.T, d consents.DraftResult) consent.Record {
	t.Helper()
	ctx := context.Background()
	r := d.Record
	if _, err := b.Change(ctx, r.Tenant, r.ID, consent.Event{Kind: consent.Present}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	r, err := b.Change(ctx, r.Tenant, r.ID, consent.Event{Kind: consent.Give, Text: r.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	return r
}

// TestConsentLifecycle follows one consent: drafted, presented, given, used by a
// verification, receipted, exported and erased.
func TestConsentLifecycle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		ctx := t.Context()
		drafted, err := b.Draft(ctx, draft())
		if err != nil {
			t.Fatal(err)
		}
		text := drafted.Text.Reveal()
		for _, want := range []string{"张三", "11010519491231002X", "某某商城有限公司", "a Ltd", "400-000-0003", "确认开户人", "3次", "2天", "180天"} {
			if !strings.Contains(text, want) {
				t.Errorf("the notice does not contain %q:\n%s", want, text)
			}
		}
		record := b.agree(t, drafted)
		checkNothingInClear(t, record)
		again, err := b.Text(ctx, "t1", record.ID)
		if err != nil || !again.Body.Equal(drafted.Text) {
			t.Errorf("the text that is rendered again differs: %v", err)
		}
		v := b.verify(t, record)
		b.receipt(t, record)
		b.copy(t, record, v)
		b.erase(t, record, v)
	})
}

// checkNothingInClear fails if the stored record contains the name or number.
func checkNothingInClear(t *testing.T, r consent.Record) {
	t.Helper()
	stored, err := json.Marshal(r)
	if err != nil || enginetest.Person().ContainedIn(string(stored)) || enginetest.Person().ContainedIn(string(r.Sealed)) {
		t.Errorf("the record contains the person's name or number, %v", err)
	}
}

// verify verifies the person with the consent.
func (b *fixture) verify(t *testing.T, record consent.Record) idv.Verification {
	t.Helper()
	o := enginetest.Options(enginetest.New("a"))
	o.Store, o.Policy = b.store, engine.Policy{Keyring: b.ring}
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := enginetest.Request()
	r.Purpose, r.ConsentID = "open", record.ID
	v, err := e.Verify(t.Context(), r)
	if err != nil || v.Verdict != idv.Match {
		t.Fatalf("verdict %v, %v", v.Verdict, err)
	}
	return v
}

func (b *fixture) receipt(t *testing.T, record consent.Record) {
	t.Helper()
	doc, err := b.Receipt(t.Context(), "t1", record.ID)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := receipt.Verify(doc, b.Signer.Keys()...)
	if err != nil || signed.Body.RecordID != record.ID || signed.Body.State() != consent.Given {
		t.Errorf("the receipt: %v", err)
	}
	if enginetest.Person().ContainedIn(string(doc)) {
		t.Error("the receipt holds the person's name or number")
	}
}

func (b *fixture) copy(t *testing.T, record consent.Record, v idv.Verification) {
	t.Helper()
	e, err := b.Export(t.Context(), "t1", idv.Subject{IDNumber: idv.NewSensitive("11010519491231002x")})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Consents) != 1 || len(e.Verifications) != 1 || e.Verifications[0].ID != v.ID || !enginetest.Person().ContainedIn(e.Texts[record.ID].Body.Reveal()) {
		t.Errorf("the copy holds %d consents, %d verifications", len(e.Consents), len(e.Verifications))
	}
	for _, who := range []struct {
		tenant idv.Tenant
		number string
	}{{"t2", "11010519491231002X"}, {"t1", "110101199003070791"}} {
		if f, err := b.Find(t.Context(), who.tenant, idv.Subject{IDNumber: idv.NewSensitive(who.number)}); err != nil || len(f.Consents)+len(f.Verifications) != 0 {
			t.Errorf("another person is found: %+v, %v", f, err)
		}
	}
}

func (b *fixture) erase(t *testing.T, record consent.Record, v idv.Verification) {
	t.Helper()
	ctx := t.Context()
	person := enginetest.Person()
	doc, err := b.Erase(ctx, "t1", person)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := receipt.VerifyErasure(doc, b.Signer.Keys()...)
	if err != nil || proof.Body.Consents != 1 || proof.Body.Verifications != 1 || proof.Body.KeysDestroyed != 1 || b.forgot != 1 {
		t.Errorf("the proof: %+v, %v; answers forgotten %d times", proof.Body, err, b.forgot)
	}
	found, err := b.Find(ctx, "t1", person)
	if err != nil || len(found.Consents)+len(found.Verifications) != 0 || len(found.Erasures) != 1 {
		t.Errorf("found after it: %+v, %v", found, err)
	}
	if _, err := b.Text(ctx, "t1", record.ID); !errors.Is(err, consent.ErrErased) {
		t.Errorf("the text after it: %v", err)
	}
	left, err := b.store.Verification(ctx, "t1", v.ID)
	if err != nil || left.Subject != (idv.MaskedSubject{}) || left.Token != "" || left.Erased != proof.Body.ID {
		t.Errorf("what is left: %+v, %v", left.Subject, err)
	}
	if r, err := b.Consent(ctx, "t1", record.ID); err != nil || r.State != consent.Withdrawn {
		t.Errorf("the consent is %v, %v", r.State, err)
	}
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	child := idv.Subject{Name: idv.NewSensitive("小明"), IDNumber: idv.NewSensitive("110105202001010015")}
	sibling := idv.Subject{Name: idv.NewSensitive("小红"), IDNumber: idv.NewSensitive("110105202001010023")}
	for _, test := range []struct {
		name  string
		spoil func(*consents.Draft)
		want  string
	}{
		{"a wrong number", func(d *consents.Draft) { d.Subject.IDNumber = idv.NewSensitive("110105194912310021") }, "check_digit"},
		{"no purpose", func(d *consents.Draft) { d.Purpose = "" }, "purpose"},
		{"a purpose that cannot be read", func(d *consents.Draft) { d.Purpose = "open\x00" }, "invisible character"},
		{"no check", func(d *consents.Draft) { d.Check = 0 }, "check"},
		{"a check without a route", func(d *consents.Draft) { d.Check = idv.CheckIDNameMobile }, "no route"},
		{"a document that no provider takes", func(d *consents.Draft) {
			d.Subject = idv.Subject{Name: idv.NewSensitive("Test Person"), IDNumber: idv.NewSensitive("11111111111"), Document: idv.NigeriaNIN}
			d.OfAge = true
		}, "no provider of this check takes the document ng_nin"},
		{"a recipient that does not take the document", func(d *consents.Draft) {
			d.Subject.IDNumber, d.OfAge, d.Recipients = idv.NewSensitive("A1234563"), true, []string{"a Ltd"}
		}, "does not take this document"},
		{"a recipient without a route", func(d *consents.Draft) { d.Recipients = []string{"c Ltd"} }, "recipients"},
		{"more uses than the default", func(d *consents.Draft) { d.Uses = 4 }, "policy.consent.uses"},
		{"half a day", func(d *consents.Draft) { d.Valid = 12 * time.Hour }, "whole days"},
		{"longer than the default", func(d *consents.Draft) { d.Valid = 72 * time.Hour }, "policy.consent.valid"},
		{"an unknown notice", func(d *consents.Draft) { d.Notice = "no-such-notice" }, "notice list"},
		{"an unknown language", func(d *consents.Draft) { d.Language = "fr" }, "notice list"},
		{"the bad example", func(d *consents.Draft) { d.Notice = "vendor-letter" }, "example"},
		{"an unknown blank", func(d *consents.Draft) { d.Values = map[string]string{"colour": "red"} }, "no such blank"},
		{"a reserved blank", func(d *consents.Draft) { d.Values = map[string]string{"purpose": "red"} }, "values names purpose"},
		{"an unknown channel", func(d *consents.Draft) { d.Channel = "张三" }, "channel must be one of web"},
		{"a child alone", func(d *consents.Draft) { d.Subject = child }, "needs_guardian"},
		{"a child declared to be of age", func(d *consents.Draft) { d.Subject, d.OfAge = child, true }, "needs_guardian"},
		{"a child for itself", func(d *consents.Draft) {
			d.Subject, d.Guardian = child, &consents.Guardian{Subject: child, Relation: "self"}
		}, "child itself"},
		{"a guardian without a relation", func(d *consents.Draft) {
			d.Subject, d.Guardian = child, &consents.Guardian{Subject: enginetest.Person()}
		}, "relation"},
		{"a guardian who is a child", func(d *consents.Draft) {
			d.Subject, d.Guardian = child, &consents.Guardian{Subject: sibling, Relation: "brother"}
		}, "under 18"},
		{"a guardian for an adult", func(d *consents.Draft) {
			d.Guardian = &consents.Guardian{Subject: sibling, Relation: "son"}
		}, "decides alone"},
		{"an adult's notice for a guardian", func(d *consents.Draft) {
			d.Subject, d.Guardian, d.Notice = child, &consents.Guardian{Subject: enginetest.Person(), Relation: "母亲"}, "identity-check"
		}, "other variant"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := draft()
			test.spoil(&d)
			_, err := newFixture(t).Draft(t.Context(), d)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if d.Subject.ContainedIn(err.Error()) {
				t.Error("the error holds the person's name or number")
			}
		})
	}
}

func TestGuardianDraft(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	d := draft()
	d.Subject = idv.Subject{Name: idv.NewSensitive("小明"), IDNumber: idv.NewSensitive("110105202001010015")}
	d.Guardian = &consents.Guardian{Subject: enginetest.Person(), Relation: "母亲"}
	drafted, err := b.Draft(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if text := drafted.Text.Reveal(); !strings.Contains(text, "张三") || !strings.Contains(text, "小明") || drafted.Record.Guardian.Subject == "" {
		t.Errorf("the text does not name both:\n%s", text)
	}
}

// TestRefusalIsRespected: a person who refused is not asked again before the pause ends.
func TestRefusalIsRespected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		first, err := b.Draft(t.Context(), draft())
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []consent.Kind{consent.Present, consent.Refuse} {
			if _, err := b.Change(t.Context(), "t1", first.Record.ID, consent.Event{Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Draft(t.Context(), draft()); !errors.Is(err, consent.AskedTooSoon) {
			t.Errorf("asked again at once: %v", err)
		}
		time.Sleep(defaults().Pause + time.Second)
		if _, err := b.Draft(t.Context(), draft()); err != nil {
			t.Errorf("asked again after the pause: %v", err)
		}
	})
}

func TestEnglish(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	d := draft()
	d.Language = "en"
	drafted, err := b.Draft(t.Context(), d)
	if err != nil || !bytes.Contains([]byte(drafted.Text.Reveal()), []byte("180 days")) {
		t.Errorf("%v\n%s", err, drafted.Text.Reveal())
	}
}

// A number of the person in app or purpose would stay in clear after an erasure.
func TestNumbersInDrafts(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[idv.Field]func(*consents.Draft, string){
		idv.FieldApp: func(d *consents.Draft, s string) { d.App = s }, idv.FieldPurpose: func(d *consents.Draft, s string) { d.Purpose = "办理贷款 " + s },
	} {
		synctest.Test(t, func(t *testing.T) {
			in := draft()
			spoil(&in, in.Subject.IDNumber.Reveal())
			if _, err := newFixture(t).Draft(t.Context(), in); idv.AsError(err).Field != field || in.Subject.NumberIn(err.Error()) {
				t.Errorf("%s: %v", field, err)
			}
		})
	}
}

// A notice must say to people what their data are for; a word of programs does not.
func TestPurposeWithoutWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		purpose string
		refused bool
	}{{"open", false}, {"account_opening", true}, {"loan-2", true}, {"办理贷款", false}, {"opening an account", false}} {
		t.Run(tc.purpose, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := draft()
				in.Purpose = tc.purpose
				_, err := newFixture(t).Draft(t.Context(), in)
				if got := err != nil; got != tc.refused || got && idv.AsError(err).Field != idv.FieldPurpose {
					t.Errorf("%v, want refused %v", err, tc.refused)
				}
			})
		})
	}
}
