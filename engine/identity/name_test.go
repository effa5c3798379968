package identity_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, input, want string // want: the canonical name, "" if refused
		reason            identity.Reason
		flags             identity.Flags
		changes           identity.Changes
	}{
		{name: "plain", input: "张三", want: "张三", reason: "ok"},
		{name: "one character", input: "张", want: "张", reason: "ok", flags: identity.FlagShort},
		{name: "the character 〇", input: "李〇", want: "李〇", reason: "ok"},
		{name: "separator", input: "阿卜杜拉·买买提", want: "阿卜杜拉·买买提", reason: "ok"},
		{name: "bullet", input: "阿卜杜拉•买买提", want: "阿卜杜拉·买买提", reason: "ok_normalized", flags: identity.FlagDotFolded, changes: identity.ChangeDots},
		{name: "katakana dot", input: "阿卜杜拉・买买提", want: "阿卜杜拉·买买提", reason: "ok_normalized", flags: identity.FlagDotFolded, changes: identity.ChangeDots},
		{name: "GBK name character", input: "王䶮", want: "王䶮", reason: "ok", flags: identity.FlagRareExt},
		{name: "Extension I", input: "王\U0002EBF0", want: "王\U0002EBF0", reason: "ok", flags: identity.FlagRareExt},
		{name: "Extension J", input: "王\U000323B0", want: "王\U000323B0", reason: "ok", flags: identity.FlagRareExt},
		{name: "gap after Extension B", input: "王\U0002A6E0", reason: "charset"},
		{name: "private use with an official form", input: "王\uE863", want: "王䶮", reason: "ok_normalized", flags: identity.FlagPUAMapped | identity.FlagRareExt, changes: identity.ChangePUA},
		{name: "private use in Extension B", input: "王\uE831", want: "王\U000215D7", reason: "ok_normalized", flags: identity.FlagPUAMapped | identity.FlagRareExt, changes: identity.ChangePUA},
		{name: "private use without one", input: "王\uE000", reason: "pua_unmapped", flags: identity.FlagPUAUnmapped},
		{name: "Kangxi radicals", input: "⾼⽂⽩", want: "高文白", reason: "ok_normalized", flags: identity.FlagRadicalFolded, changes: identity.ChangeRadicals},
		{name: "radicals supplement", input: "⻢龙", want: "马龙", reason: "ok_normalized", flags: identity.FlagRadicalFolded, changes: identity.ChangeRadicals},
		{name: "compatibility ideograph", input: "\uF9D1\uFA18", want: "六礼", reason: "ok_normalized", changes: identity.ChangeNFC},
		{name: "unified compatibility ideograph", input: "王\uFA0E", want: "王\uFA0E", reason: "ok", flags: identity.FlagRareExt},
		{name: "spaces", input: " 张\u3000三 ", want: "张三", reason: "ok_normalized_spaces", changes: identity.ChangeSpaces},
		{name: "zero width and variation selector", input: "张\u200b三\ufe00", want: "张三", reason: "ok_normalized_invisible", changes: identity.ChangeInvisible},
		{name: "traditional stays", input: "張龍", want: "張龍", reason: "ok"},
		{name: "mixed scripts", input: "张A", want: "张A", reason: "ok", flags: identity.FlagMixedScript},
		{name: "Latin", input: "JOHN SMITH", want: "JOHN SMITH", reason: "ok"},
		{name: "Latin of several kinds", input: " O’Neil,  Anne‐Marie ", want: "O'NEIL, ANNE-MARIE", reason: "ok_normalized_upper", changes: identity.ChangeUpper | identity.ChangeSpaces | identity.ChangeHyphens | identity.ChangeQuotes},
		{name: "full-width Latin", input: "ＪＯＨＮ", want: "JOHN", reason: "ok_normalized_fullwidth", changes: identity.ChangeFullwidth},
		{name: "accent", input: "JOSÉ", reason: "charset"},
		{name: "dot in Latin", input: "J·SMITH", reason: "dot_position"},
		{name: "leading dot", input: "·张三", reason: "dot_position"},
		{name: "trailing dot", input: "张三·", reason: "dot_position"},
		{name: "doubled dot", input: "张··三", reason: "dot_position"},
		{name: "digit", input: "张3", reason: "charset"},
		{name: "only marks", input: "-", reason: "charset"},
		{name: "other script", input: "김철수", reason: "charset"},
		{name: "enclosed ideograph, which NFKC would rewrite", input: "㈱张", reason: "charset"},
		{name: "empty", input: "", reason: "empty"},
		{name: "only spaces", input: " \u3000", reason: "empty", changes: identity.ChangeSpaces},
		{name: "replacement character", input: "张\uFFFD", reason: "encoding"},
		{name: "not UTF-8", input: "\xd5\xc5\xc8\xfd", reason: "encoding"},
		{name: "50 characters", input: strings.Repeat("张", 50), want: strings.Repeat("张", 50), reason: "ok"},
		{name: "51 characters", input: strings.Repeat("张", 51), reason: "length"},
		{name: "very long", input: strings.Repeat("张", 1<<20), reason: "length"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := identity.CheckName(idv.NewSensitive(c.input), identity.Options{})
			if got := f.Canonical().Reveal(); got != c.want || f.Reason != c.reason || f.Valid != (c.want != "") {
				t.Errorf("got %q, %v, %s, want %q, %s", got, f.Valid, f.Reason, c.want, c.reason)
			}
			if f.Flags != c.flags || f.Changes != c.changes {
				t.Errorf("got flags %s, changes %s, want %s, %s", f.Flags, f.Changes, c.flags, c.changes)
			}
		})
	}
}

func TestCheckNameLenient(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, input, want string
		opts              identity.Options
	}{
		{"full stop, strict", "买买提.艾力", "", identity.Options{}},
		{"full stop", "买买提.艾力", "买买提·艾力", identity.Options{Lenient: true}},
		{"full-width full stop", "买买提．艾力", "买买提·艾力", identity.Options{Lenient: true}},
		{"star", "买买提*艾力", "买买提·艾力", identity.Options{Lenient: true}},
		{"star at the end is a mask", "买*", "", identity.Options{Lenient: true}},
		{"two stars are a mask", "买**力", "", identity.Options{Lenient: true}},
		{"unmapped private use, on request", "王\uE000·力", "王\uE000·力", identity.Options{SendUnmapped: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := identity.CheckName(idv.NewSensitive(c.input), c.opts).Canonical().Reveal(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Unicode says by NFKC what the Kangxi radicals look like; the table must agree.
func TestKangxiRadicals(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	for r := rune(0xE815); r <= 0xE864; r++ {
		f := identity.CheckName(idv.NewSensitive("王"+string(r)), identity.Options{})
		if !f.Flags.Has(identity.FlagPUAMapped) || f.Flags.Has(identity.FlagPUAUnmapped) {
			t.Errorf("%U: flags %s", r, f.Flags)
		}
	}
}
