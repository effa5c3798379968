package identity_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestIdentifier(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		fault            idv.TextFault
	}{
		{"plain", "PO-2026 17", "PO-2026 17", idv.TextFits},
		{"none", "", "", idv.TextFits},
		{"a trailing tab", "PO-17\t", "PO-17", idv.TextFits},
		{"spaces at both ends", "  PO-17 \r\n", "PO-17", idv.TextFits},
		{"a no-break space", "\u00a0PO-17\u00a0", "PO-17", idv.TextFits},
		{"a wide space", "\u3000PO-17", "PO-17", idv.TextFits},
		{"a zero-width space", "PO\u200b-17\u200b", "PO-17", idv.TextFits},
		{"a byte order mark", "\ufeffPO-17", "PO-17", idv.TextFits},
		{"bidirectional marks", "\u202aPO-17\u202c\u200e", "PO-17", idv.TextFits},
		{"a soft hyphen", "PO\u00ad-17", "PO-17", idv.TextFits},
		{"a variation selector", "PO-17\ufe0f", "PO-17", idv.TextFits},
		{"full width", "ＰＯ－１７", "PO-17", idv.TextFits},
		{"a no-break space within", "PO\u00a017", "PO 17", idv.TextFits},
		{"Chinese", "开户 核验", "开户 核验", idv.TextFits},
		{"a decomposed accent", "re\u0301sume\u0301", "résumé", idv.TextFits},
		{"case is kept", "po-17", "po-17", idv.TextFits},

		{"two spaces within", "PO  17", "PO  17", idv.TextAmbiguous},
		{"a tab within", "PO\t17", "PO\t17", idv.TextHidden},
		{"a line end within", "PO\n17", "PO\n17", idv.TextHidden},
		{"a thin space within", "PO\u200917", "PO\u200917", idv.TextAmbiguous},
		{"a long dash", "PO–17", "PO–17", idv.TextAmbiguous},
		{"a minus", "PO−17", "PO−17", idv.TextAmbiguous},
		{"a compatibility character", "PO①", "PO①", idv.TextAmbiguous},
		{"only spaces", " \t\u3000", "", idv.TextBlank},
		{"nothing that shows", "\u200b\ufeff", "", idv.TextBlank},
		{"not UTF-8", "PO\xff", "PO\xff", idv.TextNotUTF8},
		{"a bidirectional mark within", "PO\u202e17", "PO\u202e17", idv.TextHidden},
		{"a control character", "PO\x1b17", "PO\x1b17", idv.TextHidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, fault := identity.Identifier(tt.text); got != tt.want || fault != tt.fault {
				t.Errorf("Identifier(%q) = %q, %d; want %q, %d", tt.text, got, fault, tt.want, tt.fault)
			}
		})
	}
}

// TestIdentifierIsStable: the form of a form is itself, whatever the text.
func TestIdentifierIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("A1-１ａ \t\u00a0\u200b\u202e\ufeff\u0301①–")))).Draw(t, "text")
		form, fault := identity.Identifier(text)
		if fault != idv.TextFits {
			return
		}
		if again, fault := identity.Identifier(form); again != form || fault != idv.TextFits {
			t.Fatalf("%q has the form %q, which has the form %q with fault %d", text, form, again, fault)
		}
	})
}

func FuzzIdentifier(f *testing.F) {
	for _, seed := range []string{"", "PO-17\t", "ＰＯ\u200b", "\xff", "a\u0301", "ｶﾞ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, fault := identity.Identifier(text)
		if fault == idv.TextFits && form != "" && idv.CheckText(form, idv.MaxName) != idv.TextFits {
			t.Errorf("the form %q of %q cannot be kept", form, text)
		}
	})
}
