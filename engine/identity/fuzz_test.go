package identity_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"110105200501011", "11010519491231002X", "11010519491231002X; DROP", "330106880808ab1", "1.10105E+17", "A123456(3)",
		"HA1234567", "\xff\xfe", "１１０１０５", "()", "(((", "+86", strings.Repeat("1", 1000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, lenient := range []bool{false, true} {
			checkNumberInvariants(t, input, identity.Options{Today: today, Lenient: lenient})
		}
		identity.CheckMobile(idv.NewSensitive(input))
		identity.CheckBankCard(idv.NewSensitive(input))
	})
}

// accepted reports whether a reason is one of acceptance, by its word.
func accepted(r identity.Reason) bool { return strings.HasPrefix(string(r), "ok") }

// checkNumberInvariants tests what holds for every input: an accepted number is
// accepted again in its one form, unchanged and as the same kind.
func checkNumberInvariants(t *testing.T, input string, opts identity.Options) {
	t.Helper()
	n := identity.CheckNumber(idv.NewSensitive(input), opts)
	if n.Valid != accepted(n.Reason) || n.Reason.Help() == (idv.Help{}) {
		t.Fatalf("valid %v with reason %q", n.Valid, n.Reason)
	}
	if !n.Valid {
		if !n.Canonical().IsZero() {
			t.Fatal("a rejected number has a canonical form")
		}
		return
	}
	opts.Want = n.Type
	again := identity.CheckNumber(n.Canonical(), opts)
	if !again.Valid || again.Changes != 0 || !again.Canonical().Equal(n.Canonical()) {
		t.Fatalf("the one form is not stable: %s, changes %s", again.Reason, again.Changes)
	}
	if n.Changes == 0 && n.Canonical().Reveal() != input {
		t.Fatal("changed without saying so")
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"张三", "阿卜杜拉•买买提", "王\uE863", "⻢⼈", "O’NEIL, ANNE", "张\uFFFD", "\xd5\xc5", "··", strings.Repeat("é", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, lenient := range []bool{false, true} {
			n := identity.CheckName(idv.NewSensitive(input), identity.Options{Lenient: lenient})
			if n.Valid != accepted(n.Reason) || n.Reason.Help() == (idv.Help{}) {
				t.Fatalf("valid %v with reason %q", n.Valid, n.Reason)
			}
			if !n.Valid {
				continue
			}
			again := identity.CheckName(n.Canonical(), identity.Options{})
			if !again.Valid || again.Changes != 0 {
				t.Fatalf("the one form is not stable: %s, changes %s", again.Reason, again.Changes)
			}
			if n.Changes == 0 && n.Canonical().Reveal() != input {
				t.Fatal("changed without saying so")
			}
		}
	})
}

func FuzzMRZ(f *testing.F) {
	for _, seed := range []string{
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C36UTO<<<<<<0<1204159<<<<<<<<<<<<<<<0", strings.Repeat("<", 44), strings.Repeat("张", 44),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		checkNumberInvariants(t, input, identity.Options{Today: today, Want: idv.PassportMRZLine2})
	})
}

func FuzzTable(f *testing.F) {
	f.Add("table 2024-12\n1101 01 10-1986 18+2015\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := identity.ReadTable(strings.NewReader(text))
		if (table == nil) == (err == nil) {
			t.Fatalf("got table %v, error %v", table != nil, err)
		}
	})
}
