package identity_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// Unicode says by NFKC what the Kangxi radicals look like; the table must agree.
func TestKangxiRadicals(t *testing.T) {
	for r := rune(0x2F00); r <= 0x2FD5; r++ {
		want := norm.NFKC.String(string(r))
		if got := identity.CheckName(idv.NewSensitive(string(r)), identity.Options{}).Canonical().Reveal(); got != want {
			t.Errorf("%U: got %q, want %q", r, got, want)
		}
	}
}

// The private-use points of GBK are mapped without a gap; those whose official
// character is a mere radical are refused after it, unless it is a known one.
func TestPrivateUse(t *testing.T) {
	for r := rune(0xE815); r <= 0xE864; r++ {
		f := identity.CheckName(idv.NewSensitive("王"+string(r)), identity.Options{})
		if !f.Flags.Has(identity.FlagPUAMapped) || f.Flags.Has(identity.FlagPUAUnmapped) {
			t.Errorf("%U: flags %s", r, f.Flags)
		}
	}
}
