package assemble_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestCredentialsHash: the hash is the same for the same secrets under the same keys, and tells
// nothing else apart.
func TestCredentialsHash(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	hashes := func(secret, key string) (provider, account string) {
		c, env := ofSandbox(s)
		c.Accounts = []config.Account{{Name: "shared", Vendor: "idcert", Settings: config.Settings{"appcode": "env:A_CODE"}}}
		for i := range c.Providers {
			c.Providers[i].Account = "shared"
			c.Providers[i].Settings = config.Settings{"base_url": s.Vendors()[0].URL}
		}
		env["A_CODE"], env["PEOPLE"] = secret, key
		c.Policy.Keys = []config.Key{{ID: "k1", Secret: "env:PEOPLE"}}
		app := build(t, c, env)
		if got := app.Credentials(true, "other") + app.Credentials(false, "other"); got != "" {
			t.Errorf("the hash of unknown names is %q, want none", got)
		}
		return app.Credentials(false, c.Providers[0].Name), app.Credentials(true, "shared")
	}
	const secret, other = "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee"
	key := strings.Repeat("k", 32)
	provider, account := hashes(secret, key)
	if again, too := hashes(secret, key); again != provider || too != account || provider == account {
		t.Errorf("the hashes are %q and %q, another node has %q and %q", provider, account, again, too)
	}
	for _, changed := range [][2]string{{other, key}, {secret, strings.Repeat("x", 32)}} {
		if p, a := hashes(changed[0], changed[1]); p == provider || a == account || p == "" || a == "" {
			t.Errorf("with another secret or key the hashes are %q and %q", p, a)
		}
	}
}

// TestProductsOfOneAccount: the keys of the account sign for all its products, and keys that
// the vendor refuses stop them all after one call.
func TestProductsOfOneAccount(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{"good keys": "", "refused keys": "0123456789abcdef0123456789abcdef"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Config{})
			c, env := ofSandbox(s)
			c.Accounts = []config.Account{{Name: "shared", Vendor: "idcert", Settings: config.Settings{"appcode": "env:A_CODE"}}}
			for i := range c.Providers {
				c.Providers[i].Account = "shared"
				c.Providers[i].Settings = config.Settings{"base_url": s.Vendors()[0].URL}
			}
			if code != "" {
				env["A_CODE"] = code
			}
			app := build(t, c, env)
			v, err := app.Engine.Verify(t.Context(), request("张三", "11010519491231002X"))
			if err != nil {
				t.Fatal(err)
			}
			if code == "" {
				if v.Verdict != idv.Match {
					t.Errorf("got %v, %v, want a match", v.Verdict, v.Reason)
				}
				return
			}
			if len(v.Attempts) != 1 || len(v.Skipped) != 1 || v.Skipped[0].Reason != idv.SkipCredentials {
				t.Errorf("attempts %+v, skipped %+v; want one call, and the other product skipped for its credentials", v.Attempts, v.Skipped)
			}
		})
	}
}
