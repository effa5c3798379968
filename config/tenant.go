package config

import (
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Tenant is one of several organizations that share the daemon. What it leaves out is that of
// policy.
type Tenant struct {
	// Name is what keys, tokens and the command line call the tenant.
	Name string `json:"name"`
	// Controller is who asks, as the tenant's people are told.
	Controller Party `json:"controller,omitzero"`
	// Notice is the name of the text that the tenant's people see.
	Notice string `json:"notice,omitzero"`
	// GuardianNotice is the name of the text that a guardian sees.
	GuardianNotice string `json:"guardian_notice,omitzero"`
	// Language is that of the notice if a request names none.
	Language string `json:"language,omitzero"`
	// Notices is a folder of the tenant's own notices, in place of policy.consent.notices.
	Notices string `json:"notices,omitzero"`
	// Withdraw says how a person takes a consent back. With a controller of its own, a tenant
	// that leaves it out has the contact of that.
	Withdraw string `json:"withdraw,omitzero"`
	// Purposes are what may be asked for, in place of all of policy.purposes.
	Purposes []Purpose `json:"purposes,omitzero"`
	// Limits bound how often the tenant asks, in place of all of policy.limits.
	Limits []Limit `json:"limits,omitzero"`
	// Honeytokens is a reference to the tenant's list, in place of that of policy.abuse.
	Honeytokens string `json:"honeytokens,omitzero"`
	// Retention says how long the tenant's records are kept. A time of 0 is that of policy.
	Retention Retention `json:"retention,omitzero"`
}

// HasTenant reports whether tenants has an entry of a name.
func (c *Config) HasTenant(name string) bool {
	return slices.ContainsFunc(c.Tenants, func(t Tenant) bool { return t.Name == name })
}

// PolicyOf returns the policy of a tenant.
func (c *Config) PolicyOf(t *Tenant) Policy {
	p := c.Policy
	if t.Controller != (Party{}) {
		p.Consent.Controller, p.Consent.Withdraw = t.Controller, ""
	}
	for _, text := range []struct {
		own  string
		into *string
	}{
		{t.Notice, &p.Consent.Notice}, {t.GuardianNotice, &p.Consent.GuardianNotice}, {t.Language, &p.Consent.Language},
		{t.Notices, &p.Consent.Notices}, {t.Withdraw, &p.Consent.Withdraw}, {t.Honeytokens, &p.Abuse.Honeytokens},
	} {
		if text.own != "" {
			*text.into = text.own
		}
	}
	for _, age := range []struct {
		own  time.Duration
		into *time.Duration
	}{
		{t.Retention.Verifications, &p.Retention.Verifications}, {t.Retention.Uncalled, &p.Retention.Uncalled}, {t.Retention.Consents, &p.Retention.Consents},
	} {
		if age.own != 0 {
			*age.into = age.own
		}
	}
	if len(t.Purposes) > 0 {
		p.Purposes = t.Purposes
	}
	if len(t.Limits) > 0 {
		p.Limits = t.Limits
	}
	return p
}

// policyOf returns the policy of a tenant by its name, the general one if the tenant has no entry.
func (c *Config) policyOf(name string) Policy {
	if i := slices.IndexFunc(c.Tenants, func(t Tenant) bool { return t.Name == name }); i >= 0 {
		return c.PolicyOf(&c.Tenants[i])
	}
	return c.Policy
}

// tenantPaths maps what a tenant may state to its place in the policy.
func tenantPaths() map[string]string {
	return map[string]string{
		"controller": "policy.consent.controller", "notice": "policy.consent.notice", "guardian_notice": "policy.consent.guardian_notice",
		"language": "policy.consent.language", "notices": "policy.consent.notices", "withdraw": "policy.consent.withdraw",
		"purposes": "policy.purposes", "limits": "policy.limits", "honeytokens": "policy.abuse.honeytokens", "retention": "policy.retention",
	}
}

// TenantPath returns the path of a setting of the policy at a tenant, or the path as it is if
// tenants do not have the setting.
func TenantPath(tenant int, path string) string {
	for key, general := range tenantPaths() {
		if rest, ok := strings.CutPrefix(path, general); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strictyaml.At("tenants", tenant) + "." + key + rest
		}
	}
	return path
}

// kindOf returns the kind of a path. A tenant's settings have the rules of those that they
// replace.
func kindOf(path string) string {
	kind := strictyaml.Kind(path)
	rest, ok := strings.CutPrefix(kind, "tenants[].")
	if !ok {
		return kind
	}
	key, end := rest, len(rest)
	if i := strings.IndexAny(rest, ".["); i >= 0 {
		key, end = rest[:i], i
	}
	if general, ok := tenantPaths()[key]; ok {
		return general + rest[end:]
	}
	return kind
}

// tenants keeps the rules of the policy for each tenant. Faults of what a tenant does not
// state are those of the policy.
func (v *validator) tenants() {
	seen := map[string]bool{}
	for i := range v.config.Tenants {
		t := &v.config.Tenants[i]
		if t.Name == "" || seen[t.Name] {
			v.note(strictyaml.At("tenants", i)+".name", "is missing or taken; give each tenant a name of its own")
		}
		seen[t.Name] = true
		own := &validator{config: v.config, known: v.known}
		own.config.Policy = v.config.PolicyOf(t)
		own.policy()
		for _, f := range own.faults {
			if general := slices.ContainsFunc(v.faults, func(g strictyaml.Fault) bool { return g.Path == f.Path && g.Text == f.Text }); !general {
				v.note(TenantPath(i, f.Path), f.Text)
			}
		}
	}
}
