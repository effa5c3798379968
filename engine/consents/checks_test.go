package consents_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/lint"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// answersAll makes the service answer for the recipients of every check, in texts to which
// the linter does not object.
func answersAll(b *fixture) {
	b.Defaults.Controller.Name, b.Defaults.Uses, b.Defaults.Withdraw = "测试商城有限公司", 10, "在“我的—隐私”页面点击撤回同意，或者拨打客服电话"
	b.Recipients = func(context.Context, idv.Check, idv.Document) ([]consent.Party, error) {
		return []consent.Party{{Name: "a Ltd", Contact: "400-000-0002"}}, nil
	}
}

// everyClaim is a synthetic person with all claims.
func everyClaim() idv.Subject {
	s := enginetest.Person()
	s.Mobile, s.BankCard = idv.NewSensitive("19900000000"), idv.NewSensitive("6222021234567890128")
	return s
}

// TestConsentOfEveryCheck follows the consent of each check: its notice and its receipt name
// each claim that is sent and no other, the linter has no objection to the notice, and the
// consent covers that check and no check with more claims.
func TestConsentOfEveryCheck(t *testing.T) {
	t.Parallel()
	words := map[string][]string{"zh-CN": {"姓名", "证件号码", "手机号码", "银行卡号"}, "en": {"name", "ID number", "mobile number", "bank card number"}}
	for _, check := range idv.Checks() {
		for language, items := range words {
			t.Run(check.String()+" "+language, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := newFixture(t)
					answersAll(b)
					d := draft()
					d.Check, d.Subject, d.Language, d.OfAge = check, everyClaim(), language, true
					if language == "en" {
						b.Defaults.Titles = map[string]string{"open": "confirm that your details belong together, to open an account"}
						b.Defaults.Controller.Name = "Test Shop Ltd"
						b.Defaults.Withdraw = "press Withdraw on the page My privacy, or call us"
					}
					drafted, err := b.Draft(t.Context(), d)
					if err != nil {
						t.Fatal(err)
					}
					text := drafted.Text.Reveal()
					line := itemsOf(text)
					for _, claim := range []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard} {
						if got, want := strings.Contains(line, items[claim]), check.Claims().Has(claim); got != want {
							t.Errorf("the notice names %s: %v, want %v in %q", claim, got, want, line)
						}
					}
					if found := lint.Lint(text); len(found) != 0 {
						t.Errorf("the linter objects: %+v", found)
					}
					record := b.agree(t, drafted)
					checkNothingInClear(t, record)
					b.namesItems(t, record, check)
					b.covers(t, record, check)
				})
			})
		}
	}
}

// itemsOf returns the line of a notice that lists what is used.
func itemsOf(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "本次核验只用到") || strings.HasPrefix(line, "We use only") {
			return line
		}
	}
	return ""
}

func (b *fixture) namesItems(t *testing.T, record consent.Record, check idv.Check) {
	t.Helper()
	doc, err := b.Receipt(t.Context(), "t1", record.ID)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := receipt.Verify(doc, b.Signer.Keys()...)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, item := range signed.Body.Processing.Items {
		got = append(got, item.Type)
	}
	for _, claim := range check.Claims().List() {
		want = append(want, claim.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the receipt names %v, want %v", got, want)
	}
	if everyClaim().ContainedIn(string(doc)) {
		t.Error("the receipt holds a claim")
	}
}

// covers verifies every check with the consent of one.
func (b *fixture) covers(t *testing.T, record consent.Record, agreed idv.Check) {
	t.Helper()
	for _, check := range idv.Checks() {
		a := enginetest.New("a").For(check)
		o := enginetest.Options(a)
		o.Store, o.Policy = b.store, engine.Policy{Keyring: b.ring}
		e, err := engine.New(o)
		if err != nil {
			t.Fatal(err)
		}
		r := enginetest.Request()
		r.Check, r.Subject, r.Purpose, r.ConsentID = check, everyClaim(), "open", record.ID
		v, err := e.Verify(t.Context(), r)
		samePerson := agreed.Claims().Has(idv.ClaimIDNumber) == check.Claims().Has(idv.ClaimIDNumber)
		if want := samePerson && check.Claims()&^agreed.Claims() == 0; (err == nil) != want || (a.Calls() == 1) != want {
			t.Errorf("the consent of %s for %s: %v, %d calls", agreed, check, err, a.Calls())
		}
		if err != nil && idv.FailureOf(err) != idv.Denied {
			t.Errorf("%s: %v, want denied", check, err)
		}
		if err == nil && v.Token != record.Subject {
			t.Errorf("%s: the verification has another person's token", check)
		}
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// byCard is a draft for a check without an ID number.
func byCard() consents.Draft {
	d := draft()
	d.Check, d.OfAge = idv.CheckNameBankCard, true
	d.Subject = idv.Subject{Name: idv.NewSensitive("张三"), BankCard: idv.NewSensitive("6222 0212 3456 7890 128")}
	return d
}

// TestPersonByCard follows a person without an ID number: found, copied and erased by the
// card alone, also beside an ID number that has records of its own.
func TestPersonByCard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		answersAll(b)
		ctx := t.Context()
		drafted, err := b.Draft(ctx, byCard())
		if err != nil {
			t.Fatal(err)
		}
		if text := drafted.Text.Reveal(); !strings.Contains(text, "银行卡号：6222021234567890128") || strings.Contains(text, "（证件号码") || drafted.Record.Notice.Name != consents.CardNotice {
			t.Errorf("the notice is %s:\n%s", drafted.Record.Notice.Name, text)
		}
		b.agree(t, drafted)
		other, err := b.Draft(ctx, draft())
		if err != nil {
			t.Fatal(err)
		}
		card := idv.Subject{BankCard: idv.NewSensitive("6222021234567890128")}
		both := idv.Subject{IDNumber: enginetest.Person().IDNumber, BankCard: card.BankCard}
		for _, test := range []struct {
			name   string
			person idv.Subject
			want   []string
		}{
			{"by the card", card, []string{drafted.Record.ID}},
			{"by the ID number", enginetest.Person(), []string{other.Record.ID}},
			{"by both", both, []string{drafted.Record.ID, other.Record.ID}},
			{"by another card", idv.Subject{BankCard: idv.NewSensitive("6222021234567890003")}, nil},
		} {
			e, err := b.Export(ctx, "t1", test.person)
			var got []string
			for _, c := range e.Consents {
				got = append(got, c.ID)
				if e.AsGuardian(&c) || e.Texts[c.ID].Body.IsZero() {
					t.Errorf("%s: %s is a guardian's, or has no text", test.name, c.ID)
				}
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%s: found %v, %v; want %v", test.name, got, err, test.want)
			}
		}
		if _, err := b.Erase(ctx, "t1", both); err != nil {
			t.Fatal(err)
		}
		left, err := b.Find(ctx, "t1", both)
		if err != nil || len(left.Consents) != 0 || len(left.Erasures) == 0 {
			t.Errorf("after the erasure: %d consents, %d erasures, %v", len(left.Consents), len(left.Erasures), err)
		}
	})
}

// TestPersonByCardIsRefused shows what a check without an ID number cannot do, and that it
// says so.
func TestPersonByCardIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*consents.Draft)
		want   func(error) bool
	}{
		{"without a declaration of age", func(d *consents.Draft) { d.OfAge = false }, func(err error) bool { return errors.Is(err, consent.NeedsGuardian) }},
		{"for a child", func(d *consents.Draft) {
			d.OfAge, d.Guardian = false, &consents.Guardian{Subject: enginetest.Person(), Relation: "母亲"}
		}, isMember("guardian")},
		{"with a notice that names an ID number", func(d *consents.Draft) { d.Notice = "identity-check" }, func(err error) bool { return err != nil && strings.Contains(err.Error(), "person_number") }},
		{"with a wrong card", func(d *consents.Draft) { d.Subject.BankCard = idv.NewSensitive("6222021234567890120") }, func(err error) bool {
			e := idv.AsError(err)
			return e.Field == idv.FieldBankCard && e.Code == "check_digit"
		}},
		{"without a card", func(d *consents.Draft) { d.Subject = enginetest.Person() }, func(err error) bool {
			e := idv.AsError(err)
			return e.Field == idv.FieldBankCard && e.Code == "empty"
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			answersAll(b)
			d := byCard()
			test.change(&d)
			if _, err := b.Draft(t.Context(), d); !test.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func isMember(name string) func(error) bool {
	return func(err error) bool {
		var fault *consents.DraftError
		return errors.As(err, &fault) && fault.Member == name
	}
}
