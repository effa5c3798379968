package config_test

import (
	"slices"
	"testing"

	"github.com/heyan-id/heyan/config"
)

func TestNeedsRestart(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"listen": true, "admin_listen": true, "store.dsn": true, "store": true, "tls.mode": true, "tls.cert": false, "idempotency.key": true,
		"idempotency.expiry": false, "policy.keys[0].secret": true, "policy.keys": true, "policy.lost_keys[3]": true, "policy.consent.receipt_key": true,
		"policy.consent.mode": false, "log.format": true, "log.level": false, "providers[0].settings.appcode": false, "listener": false, "": false,
	} {
		if got := config.NeedsRestart(path); got != want {
			t.Errorf("%q: got %v, want %v", path, got, want)
		}
	}
}

// TestRunningDiff: what a daemon shows is enough to find each difference, also of a setting
// that is not shown, and holds no literal secret.
func TestRunningDiff(t *testing.T) {
	t.Parallel()
	provider := func(base, region, key string) config.Config {
		c := config.Defaults()
		p := config.DefaultProvider()
		p.Name, p.Settings = "p", config.Settings{"base_url": base, "region": region, "key": key}
		c.Providers = []config.Provider{p}
		return c
	}
	running := config.Show(provider("https://vendor.example/v1", "cn-north-1", "env:OLD"), "salt")
	for _, test := range []struct {
		name string
		next config.Config
		want []config.Change
	}{
		{"nothing", provider("https://vendor.example/v1", "cn-north-1", "env:OLD"), nil},
		{"a reference", provider("https://vendor.example/v1", "cn-north-1", "env:NEW"), []config.Change{{Path: "providers[0].settings.key", From: "env:OLD", To: "env:NEW"}}},
		{"the path of an address", provider("https://vendor.example/v2", "cn-north-1", "env:OLD"), []config.Change{{Path: "providers[0].settings.base_url", From: "https://vendor.example/***", To: "https://vendor.example/***"}}},
		{"a masked setting", provider("https://vendor.example/v1", "cn-north-2", "env:OLD"), []config.Change{{Path: "providers[0].settings.region", From: "***", To: "***"}}},
	} {
		if got := running.Diff(test.next); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
	moved := provider("https://vendor.example/v1", "cn-north-1", "env:OLD")
	moved.Listen = "127.0.0.1:1"
	if got := running.Diff(moved); len(got) != 1 || !got[0].Restart {
		t.Errorf("another address: got %+v, want one change that needs a restart", got)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	c := config.Defaults()
	p := config.DefaultProvider()
	p.Name, p.Declared, p.Settings, p.Network.CAFile = "p", "a.yaml", config.Settings{"key": "file:followed"}, "ca.pem"
	c.Providers = []config.Provider{p}
	c.Policy.Rules, c.Policy.Consent.Notices = []string{"pack:minors", "rules.yaml"}, "notices"
	c.Policy.Abuse.Honeytokens, c.Idempotency.Key = "file:tokens", "file:restart"
	c.Alerts.Webhooks = []config.Webhook{{Name: "w", URL: "file:url", Secret: "env:SECRET"}}
	want := []config.File{
		{"providers[0].declared", "a.yaml"}, {"policy.rules[1]", "rules.yaml"}, {"policy.consent.notices", "notices"},
		{"policy.abuse.honeytokens", "tokens"}, {"alerts.webhooks[0].url", "url"},
	}
	got := config.Files(c)
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("%+v is missing", f)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
