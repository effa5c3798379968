package identity_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestCheckNumberRecognised(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, input string
		kind        idv.Document
		reason      identity.Reason
		canonical   string
		flags       string
	}{
		{"future birth", "11010120990101005X", idv.Resident18, "birth_future", "", ""},
		{"wrong check digit", "110105194912310021", idv.Resident18, "check_digit", "", ""},
		{"truncated by a spreadsheet", "110105194912310000", idv.Resident18, "check_digit", "", "spreadsheet_truncated"},
		{"floated by a spreadsheet", "1.10105E+17", idv.DocumentUnknown, "length", "", "spreadsheet_float"},
		{"floated, full-width", "１．１Ｅ＋１７", idv.DocumentUnknown, "length", "", "spreadsheet_float"},
		{"spaces and invisible marks", "\ufeff110105 19491231 002X\u200b", idv.Resident18, "ok_normalized_invisible", "11010519491231002X", ""},
		{"hyphens, strict", "110105-19491231-002X", idv.DocumentUnknown, "length", "", ""},
		{"roman ten, strict", "11010519491231002Ⅹ", idv.Resident18, "charset", "", ""},
		{"foreigner's card", "911124198108030024", idv.ForeignPR18, "ok", "911124198108030024", ""},
		{"foreigner's card, specimen of Jiangsu", "932682198501010017", idv.ForeignPR18, "ok", "932682198501010017", ""},
		{"foreigner's old card", "KAZ110090123105", idv.ForeignPR15, "ok", "KAZ110090123105", "century_inferred"},
		{"Hong Kong card", "A123456(3)", idv.HKID, "ok", "A1234563", ""},
		{"Hong Kong card, wrong digit", "A123456(4)", idv.HKID, "check_digit", "", ""},
		{"Hong Kong card, full-width brackets", "A123456（3）", idv.HKID, "ok_normalized_fullwidth", "A1234563", ""},
		{"Macau card", "1234567(8)", idv.MacauBIR, "ok", "12345678", ""},
		{"Taiwan card, wrong digit", "A123456788", idv.TaiwanID, "check_digit", "", ""},
		{"Taiwan certificate", "A800000014", idv.TaiwanARC, "ok", "A800000014", ""},
		{"Hong Kong permit with count", "H1234567801", idv.HKMOPermit, "ok", "H1234567801", ""},
		{"Hong Kong permit of a foreigner", "HA1234567", idv.HKMOPermit, "ok", "HA1234567", "type_ambiguous,foreign_holder"},
		{"Taiwan permit that may be a Macau card", "12345678", idv.TaiwanPermit, "ok", "12345678", "type_ambiguous"},
		{"ICAO's specimen", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", idv.PassportMRZLine2, "ok", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "century_inferred,nationality_unlisted"},
		{"military", "军字第1234567号", idv.DocumentUnknown, "unsupported_military_id", "", ""},
		{"not UTF-8", "\xff\xfe0105194912310", idv.DocumentUnknown, "charset", "", ""},
		{"very long", strings.Repeat("1", 10<<20), idv.DocumentUnknown, "length", "", ""},
		{"only spaces", " \t\u3000", idv.DocumentUnknown, "empty", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(c.input), identity.Options{Today: today})
			if n.Type != c.kind || n.Reason != c.reason || n.Valid != accepted(c.reason) {
				t.Errorf("got %q, %v, %s, want %q, %s", n.Type, n.Valid, n.Reason, c.kind, c.reason)
			}
			if got := n.Canonical().Reveal(); got != c.canonical || n.Flags.String() != c.flags {
				t.Errorf("got %q, flags %s, want %q, %s", got, n.Flags, c.canonical, c.flags)
			}
		})
	}
}

func TestCheckNumberHeldToItsKind(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, input string
		want        idv.Document
		reason      identity.Reason
	}{
		{"residence permit as resident number", "810000199408230021", idv.Resident18, "province"},
		{"Taiwan's permit as Hong Kong's", "830000199201300022", idv.HKMOResidence, "province"},
		{"resident number as residence permit", "11010519491231002X", idv.TWResidence, "province"},
		{"foreigner's card without the 9", "11010519491231002X", idv.ForeignPR18, "charset"},
		{"15 digits as 18", "150102880730303", idv.Resident18, "length"},
		{"old Taiwan permit", "A1234567", idv.TaiwanPermit, "ok"},
		{"old Taiwan certificate", "AC01234567", idv.TaiwanARC, "ok"},
		{"old Taiwan certificate, second letter E", "AE01234567", idv.TaiwanARC, "charset"},
		{"Taiwan card as certificate", "A123456789", idv.TaiwanARC, "charset"},
		{"Macau card of eight digits", "12345678", idv.MacauBIR, "ok"},
		{"an unknown kind", "11010519491231002X", "loyalty_card", "unsupported"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(c.input), identity.Options{Want: c.want, Today: today})
			if n.Reason != c.reason || n.Type != c.want {
				t.Errorf("got %s of %s, want %s of %s", n.Reason, n.Type, c.reason, c.want)
			}
		})
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, input, want, birth string }{
		{"hutool's", "150102880730303", "150102198807303035", "1988-07-30"},
		{"reserved sequence, more than 130 years ago", "150102880730996", "", "1888-07-30"},
		{"reserved sequence, within 130 years", "150102990730997", "150102189907309974", "1899-07-30"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(c.input), identity.Options{Today: today})
			if n.Upgraded.Reveal() != c.want || n.Birth.String() != c.birth {
				t.Errorf("got %q born %s, want %q, %s", n.Upgraded.Reveal(), n.Birth, c.want, c.birth)
			}
		})
	}
}

func TestPermitParts(t *testing.T) {
	t.Parallel()
	cases := []struct{ input, lifetime, issue string }{
		{"H1234567801", "H12345678", "01"},
		{"H12345678", "H12345678", ""},
		{"MA1234567", "MA1234567", ""},
		{"2234567802", "22345678", "02"},
	}
	for _, c := range cases {
		t.Run(c.input, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(c.input), identity.Options{Today: today})
			if n.Lifetime.Reveal() != c.lifetime || n.Issue != c.issue {
				t.Errorf("got %q, %q, want %q, %q", n.Lifetime.Reveal(), n.Issue, c.lifetime, c.issue)
			}
		})
	}
}
