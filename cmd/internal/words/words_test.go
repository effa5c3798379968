package words

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
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
		idv.SkipThrottled, idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipBusy, idv.SkipDrained, idv.SkipNotConsented, idv.SkipPolicy, idv.SkipPluginNotReady,
	} {
		once(string(w), SkipReason(w))
		if SkipReason(w).EN == string(w) {
			t.Errorf("%s has no words", w)
		}
	}
}
