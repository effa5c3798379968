package words

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/rules"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		want Lang
	}{
		{"nothing set", nil, EN},
		{"LANG", map[string]string{"LANG": "zh_CN.UTF-8"}, ZH},
		{"LANG of another language", map[string]string{"LANG": "de_DE.UTF-8"}, EN},
		{"LC_ALL before LANG", map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, EN},
		{"LC_MESSAGES before LANG", map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, ZH},
		{"an empty LC_ALL does not count", map[string]string{"LC_ALL": "", "LANG": "ZH_cn"}, ZH},
		{"the C locale", map[string]string{"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, EN},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Detect(func(name string) (string, bool) { v, ok := test.env[name]; return v, ok })
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		lang Lang
		ok   bool
	}{"en": {EN, true}, "zh": {ZH, true}, "": {EN, false}, "zh_CN": {EN, false}, "ZH": {EN, false}} {
		if lang, ok := Parse(text); lang != want.lang || ok != want.ok {
			t.Errorf("Parse(%q) = %v, %v, want %v, %v", text, lang, ok, want.lang, want.ok)
		}
	}
}

// TestEveryCodeHasChinese fails for a code that was added without a word: it would stand alone in a
// Chinese table.
func TestEveryCodeHasChinese(t *testing.T) {
	t.Parallel()
	var codes []string
	for v := idv.Undetermined; v.Valid(); v++ {
		codes = append(codes, v.String())
	}
	for _, f := range idv.Failures() {
		codes = append(codes, f.String())
	}
	for d := idv.DeliveryUnknown; d.Valid(); d++ {
		codes = append(codes, d.String())
	}
	for c := idv.ChargeUnknown; c.Valid(); c++ {
		codes = append(codes, c.String())
	}
	for f := idv.FidelityUnknown; f.Valid(); f++ {
		codes = append(codes, f.String())
	}
	for _, c := range idv.Checks() {
		codes = append(codes, c.String())
		for _, claim := range c.Claims().List() {
			codes = append(codes, claim.String())
		}
	}
	for s := ledger.StateUnknown; s <= ledger.StateVoided; s++ {
		codes = append(codes, s.String())
	}
	for a := ledger.Bought; a <= ledger.WrittenOff; a++ {
		codes = append(codes, a.String())
	}
	for _, s := range []consent.State{
		consent.Drafted, consent.Presented, consent.Given, consent.Refused, consent.Withdrawn, consent.Expired, consent.Superseded,
	} {
		codes = append(codes, string(s))
	}
	for _, a := range []consent.Action{consent.Checkbox, consent.TypedName, consent.Signature, consent.Spoken} {
		codes = append(codes, string(a))
	}
	for _, p := range []plugins.Phase{plugins.Starting, plugins.Ready, plugins.Restarting, plugins.Failed, plugins.Stopped} {
		codes = append(codes, string(p))
	}
	for _, b := range policy.Bases() {
		codes = append(codes, string(b))
	}
	for _, e := range []rules.Effect{rules.Allow, rules.Require, rules.Deny} {
		codes = append(codes, e.String())
	}
	for _, code := range codes {
		if got := Code(code, ZH); got == code || !strings.HasSuffix(got, "（"+code+"）") {
			t.Errorf("%s has no Chinese word: %s", code, got)
		}
		if got := Code(code, EN); got != code {
			t.Errorf("got %q, want %q", got, code)
		}
	}
}

func TestCodeWithDetails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ lang, want string }{
		{EN, "denied (consent.missing)"}, {ZH, "不允许（denied，consent.missing）"},
	} {
		if got := Code("denied", test.lang, "consent.missing"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := Code("from a caller", ZH); got != "from a caller" {
		t.Errorf("got %q", got)
	}
}

// TestEveryCodeHasWords fails for a code that was added without a text: it would
// get that of the default branch.
func TestEveryCodeHasWords(t *testing.T) {
	t.Parallel()
	seen := map[idv.Text]string{}
	once := func(code string, text idv.Text) {
		if text.EN == "" || text.ZH == "" || text.In(EN) != text.EN || text.In(ZH) != text.ZH {
			t.Errorf("%s: a text is missing: %+v", code, text)
		}
		if other := seen[text]; other != "" {
			t.Errorf("%s and %s have one text", code, other)
		}
		seen[text] = code
	}
	for v := idv.Undetermined; v.Valid(); v++ {
		once(v.String(), Verdict(v))
	}
	for c := idv.ChargeUnknown; c.Valid(); c++ {
		once(c.String(), Charge(c))
	}
	for _, d := range idv.Documents() {
		once(string(d), Document(d))
		if Document(d) == Document(idv.DocumentUnknown) {
			t.Errorf("%s has no name", d)
		}
	}
	for _, w := range []idv.SkipReason{
		idv.SkipUnsupportedCheck, idv.SkipUnsupportedDocument, idv.SkipMaintenance, idv.SkipQuotaExhausted, idv.SkipCredentials,
		idv.SkipThrottled, idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipBusy, idv.SkipRecovering, idv.SkipUnsupportedScript, idv.SkipDrained, idv.SkipNotConsented, idv.SkipPolicy, idv.SkipPluginNotReady, idv.SkipAlreadyAsked,
	} {
		once(string(w), SkipReason(w))
		if SkipReason(w).EN == string(w) {
			t.Errorf("%s has no words", w)
		}
	}
}
