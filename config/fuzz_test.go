package config

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzLoad reads any text beside any variable. It must not panic, and what stands
// in a setting, unless it is a reference or a bare URL, must be shown nowhere.
func FuzzLoad(f *testing.F) {
	f.Add(valid, "HEYAN_LISTEN", "127.0.0.1:1")
	f.Add(Example, "HEYAN_PROVIDERS__2__SETTINGS__APPCODE", "x")
	f.Add("providers: [{use: idcert, settings: {appcode: a, base_url: b, apcode: c}}]", "HEYAN_STORE__DSN", "https://u@")
	f.Add("a: &x [1, *x]\n<<: {b: 1}", "HEYAN_ROUTES__0__PROVIDERS__0", "")
	f.Add("providers: [{settings: &s {a: b}}, {settings: *s}, {<<: {name: c}}]", "HEYAN_X", "")
	f.Add("? [1]\n: {1: 2}\n", "HEYAN_", "")
	f.Add("providers: [~, {settings: {1: 2, ~: 3}}, !!binary aGk=]", "HEYAN___", "env:")
	f.Add("telemetry: {sample_ratio: .nan}\ntimeout: 2001-01-01\n---\nx", "HEYAN_PROVIDERS__99999999999999999999", "1")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		tree, faults := parseFile("fuzz", []byte(text))
		if tree == nil {
			if len(faults) == 0 {
				t.Error("there is no tree, and nothing says why")
			}
			return
		}
		secret := value + planted
		if showSetting(secret) != masked {
			secret = planted
		}
		plant(tree, secret)
		l, faults := decode("fuzz", tree, []string{name + "=" + value, "HEYAN_PROVIDERS__0__SETTINGS__X=" + secret})
		shown := fmt.Sprint(faults.sorted(), l.Validate(known), l.Values(), Diff(l, &Loaded{Config: Defaults()}))
		for _, p := range l.Config.Providers {
			shown += fmt.Sprintf("%+v", p)
		}
		if strings.Contains(shown, planted) {
			t.Errorf("the secret is shown: %s", shown)
		}
	})
}

// plant puts the secret in the place of every text in a setting.
func plant(tree map[string]any, secret string) {
	list, _ := tree["providers"].([]any)
	for _, item := range list {
		provider, _ := item.(map[string]any)
		settings, _ := provider["settings"].(map[string]any)
		for name := range settings {
			settings[name] = secret
		}
	}
}
