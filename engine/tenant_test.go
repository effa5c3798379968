package engine_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// TestPolicyOfATenant: a tenant's policy replaces the general one in Verify and Explain, also
// for a tenant whose name is written in another form.
func TestPolicyOfATenant(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, func(o *engine.Options) {
		o.Policy.Consent, o.Policy.Purposes = consent.Off, []policy.Purpose{{Name: "open"}}
		o.Tenants = map[idv.Tenant]engine.Policy{"acme": {Consent: consent.Off, Purposes: []policy.Purpose{{Name: "lend", CacheTTL: time.Hour}}}}
	})
	for _, tt := range []struct {
		tenant  idv.Tenant
		purpose string
		allowed bool
	}{{"other", "open", true}, {"other", "lend", false}, {"acme", "lend", true}, {"acme", "open", false}, {"ａｃｍｅ", "lend", true}, {"ａｃｍｅ", "open", false}} {
		r := enginetest.Request()
		r.Tenant, r.Purpose = tt.tenant, tt.purpose
		_, err := g.Verify(t.Context(), r)
		_, explained := g.Explain(t.Context(), r)
		if (err == nil) != tt.allowed || (explained == nil) != tt.allowed {
			t.Errorf("%s asks for %s: %v, explained %v", tt.tenant, tt.purpose, err, explained)
		}
	}
}

// TestPoliciesShareAKeyring: tokens of one tenant under two keyrings could not be found again.
func TestPoliciesShareAKeyring(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	other, err := keyring.New(keyring.Key{ID: "other", Secret: idv.NewSensitive("another secret of at least 32 characters")})
	if err != nil {
		t.Fatal(err)
	}
	o.Policy = engine.Policy{Keyring: enginetest.Keyring(t)}
	o.Tenants = map[idv.Tenant]engine.Policy{"acme": {Keyring: other}}
	if _, err := engine.New(o); err == nil {
		t.Error("a tenant may have another keyring")
	}
	o.Tenants = map[idv.Tenant]engine.Policy{"acme": {Purposes: []policy.Purpose{{Name: "a", Basis: "fun"}}}}
	if _, err := engine.New(o); err == nil {
		t.Error("the purposes of a tenant are not validated")
	}
}
