package identity_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestMobile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		reason   identity.Reason
		flags    string
	}{
		{"clean", "13800138000", "ok", ""},
		{"with the country", "+86 138-0013-8000", "ok_normalized_spaces", "mobile_zone"},
		{"with 0086", "008613800138000", "ok_normalized", "mobile_zone"},
		{"with brackets", "(+86)13800138000", "ok_normalized_brackets", "mobile_zone"},
		{"in full width", "１３８００１３８０００", "ok_normalized_fullwidth", ""},
		{"virtual 170", "17000000000", "ok", "mobile_virtual"},
		{"virtual 171", "17100000000", "ok", "mobile_virtual"},
		{"virtual 162", "16200000000", "ok", "mobile_virtual"},
		{"virtual 165", "16500000000", "ok", "mobile_virtual"},
		{"virtual 167", "16700000000", "ok", "mobile_virtual"},
		{"Unicom 166", "16600000000", "ok", ""},
		{"satellite 174", "17400000000", "ok", ""},
		{"Broadnet", "19200000000", "ok", "mobile_broadnet"},
		{"machines 148", "14800000000", "ok", "mobile_iot"},
		{"machines 140", "14000000000", "ok", "mobile_iot"},
		{"data cards 145", "14500000000", "ok", "mobile_data"},
		{"data cards 147", "14700000000", "ok", "mobile_data"},
		{"not assigned 154", "15400000000", "ok", "mobile_segment_unlisted"},
		{"not assigned 163", "16300000000", "ok", "mobile_segment_unlisted"},
		{"not assigned 179", "17900000000", "ok", "mobile_segment_unlisted"},
		{"not assigned 194", "19400000000", "ok", "mobile_segment_unlisted"},
		{"199", "19900000000", "ok", ""},
		{"a machine of 13 digits", "1064800000000", "length", ""},
		{"a landline", "01012345678", "mobile_range", ""},
		{"12", "12000000000", "mobile_range", ""},
		{"too short", "1380013800", "length", ""},
		{"a letter", "1380013800O", "charset", ""},
		{"Hong Kong", "+85260000000", "mobile_country", ""},
		{"nothing", "", "empty", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := identity.CheckMobile(idv.NewSensitive(test.in))
			if f.Reason != test.reason || f.Flags.String() != test.flags {
				t.Errorf("got %s [%s], want %s [%s]", f.Reason, f.Flags, test.reason, test.flags)
			}
		})
	}
}

func TestBankCard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		reason   identity.Reason
		flags    string
	}{
		{"UnionPay, 19 digits", "6222021234567890128", "ok", ""},
		{"UnionPay in groups", "6222 0212 3456 7890 128", "ok_normalized_spaces", ""},
		{"UnionPay, wrong check digit", "6222021234567890120", "check_digit", ""},
		{"UnionPay of 14 digits without a check digit", "62220212345678", "ok", "luhn_failed"},
		{"another network", "4111111111111111", "ok", "card_range_other"},
		{"another network, wrong check digit", "4111111111111112", "ok", "luhn_failed,card_range_other"},
		{"12 digits", "620000000000", "ok", "luhn_failed"},
		{"11 digits", "62000000000", "length", ""},
		{"20 digits", "62220212345678901280", "length", ""},
		{"a letter", "62220212345678901O8", "charset", ""},
		{"nothing", "", "empty", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := identity.CheckBankCard(idv.NewSensitive(test.in))
			if f.Reason != test.reason || f.Flags.String() != test.flags {
				t.Errorf("got %s [%s], want %s [%s]", f.Reason, f.Flags, test.reason, test.flags)
			}
		})
	}
}

func FuzzMobileAndCard(f *testing.F) {
	for _, seed := range []string{"+86 138-0013-8000", "0086", "6222 0212 3456 7890 128", "+", "00", "\xff", "１３８００１３８０００"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		abroad := subject("TEST PERSON", "66666666Q", input, "")
		abroad.Document = idv.SpainDNI
		if s, err := identity.Normalize(abroad, idv.CheckIDNameMobile, now); err == nil {
			again := abroad
			again.Mobile = s.Claims.Mobile
			if twice, err := identity.Normalize(again, idv.CheckIDNameMobile, now); err != nil || !twice.Claims.Mobile.Equal(s.Claims.Mobile) {
				t.Fatalf("the international form is not stable: %v", err)
			}
		}
		for name, check := range map[string]func(idv.Sensitive) identity.Finding{"mobile": identity.CheckMobile, "card": identity.CheckBankCard} {
			found := check(idv.NewSensitive(input))
			if found.Valid != accepted(found.Reason) || found.Reason.Help() == (idv.Help{}) {
				t.Fatalf("%s: valid %v with reason %q", name, found.Valid, found.Reason)
			}
			if !found.Valid {
				continue
			}
			if again := check(found.Canonical()); !again.Valid || again.Changes != 0 || !again.Canonical().Equal(found.Canonical()) {
				t.Fatalf("%s: the one form is not stable: %s", name, again.Reason)
			}
		}
	})
}

func BenchmarkMobile(b *testing.B) {
	raw := idv.NewSensitive("13800138000")
	b.ReportAllocs()
	for b.Loop() {
		identity.CheckMobile(raw)
	}
}

func BenchmarkBankCard(b *testing.B) {
	raw := idv.NewSensitive("6222021234567890128")
	b.ReportAllocs()
	for b.Loop() {
		identity.CheckBankCard(raw)
	}
}
