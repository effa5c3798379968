package config

import (
	"slices"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// Dropin is the address that answers in the form of vendors, for programs written for them.
type Dropin struct {
	// Listen is the address, as host:port. Without it there is none.
	Listen string `json:"listen,omitzero" reload:"restart"`
	// Clients say what requests are made for, since a vendor's form has no place for it. The
	// first one that fits the tenant and app of a key counts; other keys are refused.
	Clients []DropinClient `json:"clients,omitzero"`
}

// DropinClient says what the requests of some keys are made for.
type DropinClient struct {
	// Tenant is that of the keys; default if it is left out.
	Tenant string `json:"tenant,omitzero"`
	// App is the app that requests are made as. The key must have it, or no apps. If it is left
	// out, the app is the only one of the key, or none.
	App string `json:"app,omitzero"`
	// Purpose is the one of policy that every request has.
	Purpose string `json:"purpose,omitzero"`
	// ConsentID is the reference that every request has: where you, as the controller, keep the
	// consents of the people. It is for policy.consent.mode external only.
	ConsentID string `json:"consent_id,omitzero"`
}

// dropin keeps the rules for the drop-in address, and that a request of a client can be allowed.
func (v *validator) dropin() {
	d := v.config.Dropin
	if d.Listen == "" {
		if len(d.Clients) > 0 {
			v.note("dropin.listen", "is missing; give the address of the drop-in front, or leave clients out")
		}
		return
	}
	if len(d.Clients) == 0 {
		v.note("dropin.clients", "is missing, so that every key is refused; give an entry with the purpose of the requests")
	}
	if !slices.ContainsFunc(v.config.Routes, func(r Route) bool { return r.Check == idv.CheckIDName.String() }) {
		v.note("dropin.listen", "needs a route for the check id_name")
	}
	seen := map[[2]string]bool{}
	for i := range d.Clients {
		c, path := &d.Clients[i], strictyaml.At("dropin.clients", i)
		if id := [2]string{c.Tenant, c.App}; seen[id] {
			v.note(path, "has tenant and app of one before it, so it never counts; keep one of the two")
		} else {
			seen[id] = true
		}
		if len(v.config.Tenants) > 0 && !v.config.HasTenant(c.Tenant) {
			v.note(path+".tenant", "is none of tenants; add it there, or correct the name")
			continue
		}
		v.dropinPurpose(path, c)
	}
}

// dropinPurpose keeps the rules for what the requests of a client are for.
func (v *validator) dropinPurpose(path string, c *DropinClient) {
	p, mode := v.config.policyOf(c.Tenant), v.config.Policy.Consent.Mode
	purpose := policy.Purpose{}
	if len(p.Purposes) > 0 {
		at := slices.IndexFunc(p.Purposes, func(one Purpose) bool { return one.Name == c.Purpose })
		if at < 0 {
			v.note(path+".purpose", "is none of the purposes of the tenant's policy; write the name of one of them")
			return
		}
		purpose = p.Purposes[at].Policy()
		if len(purpose.Apps) > 0 && c.App != "" && !slices.Contains(purpose.Apps, c.App) {
			v.note(path+".app", "is none of the apps of the purpose; add it there, or choose another purpose")
		}
	}
	switch asks := purpose.NeedsConsent(); {
	case asks && mode == "required":
		v.note(path+".purpose", "rests on the consent of each person, which a vendor's form cannot name; give a purpose with another basis, "+
			"or set policy.consent.mode to external if you keep the consents yourself")
	case asks && mode == "external" && c.ConsentID == "":
		v.note(path+".consent_id", "is missing; write the reference under which you keep the consents of these people, such as a form and its version")
	case c.ConsentID != "" && (!asks || mode == "off"):
		v.note(path+".consent_id", "has no effect, since the purpose does not rest on consent or policy.consent.mode is off; leave it out")
	}
}
