package idv_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestCheckText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       idv.TextFault
	}{
		{"none", "", idv.TextFits},
		{"words", "订单 2026-11 (Nr. 7)", idv.TextFits},
		{"wide space", "张\u3000三", idv.TextFits},
		{"as long as allowed", strings.Repeat("长", 20), idv.TextFits},
		{"too long", strings.Repeat("长", 21), idv.TextTooLong},
		{"not UTF-8", "a\xff", idv.TextNotUTF8},
		{"half a character", "a\xe5\xbc", idv.TextNotUTF8},
		{"replaced byte", "a\ufffd", idv.TextNotUTF8},
		{"NUL", "a\x00", idv.TextHidden},
		{"terminal sequence", "\x1b[2Ja", idv.TextHidden},
		{"delete", "a\x7f", idv.TextHidden},
		{"forged line", "a\r\nb", idv.TextHidden},
		{"line separator", "a\u2028b", idv.TextHidden},
		{"right to left", "a\u202eb", idv.TextHidden},
		{"isolate", "a\u2067b", idv.TextHidden},
		{"zero width", "a\u200bb", idv.TextHidden},
		{"byte order mark", "\ufeffa", idv.TextHidden},
		{"soft hyphen", "a\u00adb", idv.TextHidden},
		{"tag", "a\U000e0041", idv.TextHidden},
		{"variation selector", "辻\U000e0100", idv.TextHidden},
		{"filler", "a\u3164", idv.TextHidden},
		{"spaces", " \u3000\u00a0", idv.TextBlank},
		{"braille without dots", "\u2800", idv.TextBlank},
		{"controls alone", "\x00\x01", idv.TextBlank},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := idv.CheckText(test.text, 20)
			if got != test.want {
				t.Errorf("got %d (%s), want %d", got, got.Help(), test.want)
			}
			if fits := test.want == idv.TextFits; (got.Help() == "") != fits || (got.Rule() == "") != fits {
				t.Errorf("help %q, rule %q", got.Help(), got.Rule())
			}
		})
	}
}

func TestTextError(t *testing.T) {
	t.Parallel()
	err := idv.CheckTexts(idv.KeptText{Field: "id", Text: "a"}, idv.KeptText{Field: "note", Text: "a\x1b"}, idv.KeptText{Field: "app", Text: "\x00"})
	var fault *idv.TextError
	if !errors.As(err, &fault) || fault.Field != "note" || fault.Fault != idv.TextHidden {
		t.Fatalf("got %v", err)
	}
	if e := idv.AsError(err); e.Failure != idv.InvalidInput || e.Code != "charset" || !strings.HasPrefix(e.Detail, "note has a control") || e.Charge != idv.NotCharged {
		t.Errorf("got %+v", e)
	}
}

// FuzzCheckText: a text that fits is what every store keeps byte for byte and no terminal
// or browser shows otherwise; a cleaned text always fits.
func FuzzCheckText(f *testing.F) {
	for _, seed := range []string{"", "订单 7", "a\x00", "\xff", "a\u202eb", "\u3164", "\u2800 ", "\r\n", strings.Repeat("x", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if idv.CheckText(text, idv.MaxName) == idv.TextFits {
			bad := func(r rune) bool {
				return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
			}
			if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) || utf8.RuneCountInString(text) > idv.MaxName || idv.IsBlank(text) {
				t.Errorf("%q fits", text)
			}
			if idv.CleanText(text, idv.MaxName) != text {
				t.Errorf("%q is changed, although it fits", text)
			}
		}
		if clean := idv.CleanText(text, idv.MaxName); idv.CheckText(clean, idv.MaxName) != idv.TextFits {
			t.Errorf("%q is cleaned to %q, which does not fit", text, clean)
		}
	})
}
