package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
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
	f.Fuzz(func(t *testing.T, yaml, name, value string) {
		var parser strictyaml.Parser
		tree, err := parser.Unmarshal([]byte(yaml))
		if err != nil {
			return
		}
		secret := value + planted
		if showSetting(secret) != strictyaml.Masked {
			secret = planted
		}
		plant(tree, secret)
		spoilt, err := json.Marshal(tree) // JSON is YAML
		if err != nil {
			t.Fatal(err)
		}
		l, faults := merged(&strictyaml.Parser{File: "fuzz"}, text(spoilt), []string{name + "=" + value, "HEYAN_PROVIDERS__0__SETTINGS__X=" + secret})
		if l == nil {
			t.Fatal(faults)
		}
		shown := fmt.Sprint(faults.Sorted(), l.Validate(known), l.Values(), Diff(l.Config, Defaults()))
		for _, p := range l.Config.Providers {
			shown += fmt.Sprintf("%+v", p)
		}
		if strings.Contains(shown, planted) {
			t.Errorf("the secret is shown: %s", shown)
		}
	})
}

// text is a text in memory, as koanf reads one.
type text []byte

func (t text) ReadBytes() ([]byte, error) { return t, nil }

func (t text) Read() (map[string]any, error) { return nil, errors.ErrUnsupported }

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
