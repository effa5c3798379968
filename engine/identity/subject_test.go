package identity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func subject(name, number, mobile, card string) idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number),
		Mobile: idv.NewSensitive(mobile), BankCard: idv.NewSensitive(card),
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		check    idv.Check
		in, want idv.Subject
		document idv.Document
		flags    string
	}{
		{"clean", idv.CheckIDName, subject("张三", "11010519491231002X", "", ""), subject("张三", "11010519491231002X", "", ""), idv.Resident18, ""},
		{"folded", idv.CheckIDName, subject("张 三", "110105-19491231-002x", "", ""), subject("张三", "11010519491231002X", "", ""), idv.Resident18, ""},
		{"upgraded", idv.CheckIDName, subject("张三", "150102880730303", "", ""), subject("张三", "150102198807303035", "", ""), idv.Resident18, "legacy15"},
		{"what the check does not need is dropped unseen", idv.CheckIDName, subject("张三", "11010519491231002X", "junk", "junk"), subject("张三", "11010519491231002X", "", ""), idv.Resident18, ""},
		{"four claims", idv.CheckIDNameMobileBankCard, subject("张三", "11010519491231002X", "+86 138-0013-8000", "6222 0212 3456 7890 128"), subject("张三", "11010519491231002X", "13800138000", "6222021234567890128"), idv.Resident18, "mobile_zone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := identity.Normalize(c.in, c.check, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, claim := range []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard} {
				if g, w := got.Claims.Claim(claim), c.want.Claim(claim); !g.Equal(w) {
					t.Errorf("%s: got %q, want %q", claim, g.Reveal(), w.Reveal())
				}
			}
			if got.Document != c.document || got.Flags.String() != c.flags {
				t.Errorf("got %s, flags %s, want %s, %s", got.Document, got.Flags, c.document, c.flags)
			}
		})
	}
}

func TestNormalizeRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		check idv.Check
		in    idv.Subject
		field idv.Field
		code  identity.Reason
	}{
		{"typo", idv.CheckIDName, subject("张三", "110105194912310021", "", ""), idv.FieldIDNumber, "check_digit"},
		{"future", idv.CheckIDName, subject("测试", "11010120990101005X", "", ""), idv.FieldIDNumber, "birth_future"},
		{"no name", idv.CheckIDName, subject("", "11010519491231002X", "", ""), idv.FieldName, "empty"},
		{"no mobile", idv.CheckIDNameMobile, subject("张三", "11010519491231002X", "", ""), idv.FieldMobile, "empty"},
		{"wrong card", idv.CheckIDNameBankCard, subject("张三", "11010519491231002X", "", "6222021234567890129"), idv.FieldBankCard, "check_digit"},
		{"no check", idv.CheckNone, subject("张三", "11010519491231002X", "", ""), idv.FieldCheck, "unsupported"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := identity.Normalize(c.in, c.check, now)
			var e *idv.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Failure != idv.InvalidInput || e.Origin != idv.OriginEngine || e.Delivery != idv.NotSent || e.Charge != idv.NotCharged {
				t.Errorf("got %v of %v, %v, %v", e.Failure, e.Origin, e.Delivery, e.Charge)
			}
			if e.Field != c.field || e.Code != string(c.code) || strings.TrimSpace(e.Detail) == "" {
				t.Errorf("got %s, %s, %q", e.Field, e.Code, e.Detail)
			}
			if c.in.ContainedIn(err.Error()) || !got.Claims.IDNumber.IsZero() {
				t.Error("a refusal must not hold a claim")
			}
		})
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, input, want string
		check             func(idv.Sensitive) identity.Finding
		reason            identity.Reason
	}{
		{"mobile", "13800138000", "13800138000", identity.CheckMobile, "ok"},
		{"mobile with 0086", "0086 13800138000", "13800138000", identity.CheckMobile, "ok_normalized_spaces"},
		{"mobile with +86", "+8613800138000", "13800138000", identity.CheckMobile, "ok_normalized"},
		{"full-width mobile", "１３８００１３８０００", "13800138000", identity.CheckMobile, "ok_normalized_fullwidth"},
		{"short mobile", "1380013800", "", identity.CheckMobile, "length"},
		{"landline", "01012345678", "", identity.CheckMobile, "mobile_range"},
		{"12 is no mobile range", "12800138000", "", identity.CheckMobile, "mobile_range"},
		{"letter in a mobile", "1380013800O", "", identity.CheckMobile, "charset"},
		{"country code alone", "+86", "", identity.CheckMobile, "length"},
		{"no mobile", "", "", identity.CheckMobile, "empty"},
		{"card", "4111 1111 1111 1111", "4111111111111111", identity.CheckBankCard, "ok_normalized_spaces"},
		{"card of a bank without a check digit", "955880000000", "955880000000", identity.CheckBankCard, "ok"},
		{"UnionPay, wrong digit", "6222021234567890129", "", identity.CheckBankCard, "check_digit"},
		{"short card", "62220212345", "", identity.CheckBankCard, "length"},
		{"letter in a card", "62220212345678901O", "", identity.CheckBankCard, "charset"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := c.check(idv.NewSensitive(c.input))
			if got := f.Canonical().Reveal(); got != c.want || f.Reason != c.reason || f.Valid != accepted(c.reason) {
				t.Errorf("got %q, %s, want %q, %s", got, f.Reason, c.want, c.reason)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	seen := map[identity.Reason]bool{}
	for _, r := range identity.Reasons() {
		h := r.Help()
		if seen[r] || h.Cause.ZH == "" || h.Remedy.ZH == "" || h.Cause.EN == "" || h.Remedy.EN == "" {
			t.Errorf("%s: twice or without a text: %+v", r, h)
		}
		seen[r] = true
	}
	for _, v := range vectors(t) {
		if !seen[identity.Reason(v.Reason)] {
			t.Errorf("%s has no help", v.Reason)
		}
	}
	if got := identity.Reason("rain").Help(); got != (idv.Help{}) {
		t.Errorf("got %+v for no reason", got)
	}
}
