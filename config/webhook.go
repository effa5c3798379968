package config

import (
	"slices"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Webhook is told of alerts by an HTTP POST.
type Webhook struct {
	// Name is what logs call it.
	Name string `json:"name"`
	// Format is the shape of the message: generic is our own JSON, the others are
	// robots of the named messengers.
	Format string `json:"format"`
	// URL is a reference to the address, which holds a secret at most messengers.
	URL string `json:"url"`
	// Secret is a reference to the key that signs messages, where the robot has one.
	Secret string `json:"secret,omitzero"`
	// Network says how the webhook is reached, as for a provider.
	Network Network `json:"network,omitzero"`
}

// Subscription is a webhook that gets a message about each completed verification. The
// message has no personal data: the id, the verdict, the reason, the check, the app, the
// consent and the time.
type Subscription struct {
	// Name is what logs and the list of undelivered messages call it. Messages wait under
	// this name, so those of a renamed webhook are not sent any more.
	Name string `json:"name"`

	// URL is a reference to the address, https, or http for a loopback address.
	URL string `json:"url"`

	// Events are the types of the events that it gets; all if left out.
	Events []string `json:"events,omitzero"`

	// Secret is a reference to the key that signs messages: whsec_ and Base64 of 24 bytes or
	// more (Standard Webhooks).
	Secret string `json:"secret"`

	// OldSecret is a reference to the key before it. While it is given, messages have both
	// signatures, so that a receiver can change to the new key at any time.
	OldSecret string `json:"old_secret,omitzero"`

	// Tenants are the tenants whose verifications it gets; all if left out.
	Tenants []string `json:"tenants,omitzero"`

	// Apps are the apps whose verifications it gets; all if left out.
	Apps []string `json:"apps,omitzero"`

	// Network says how the webhook is reached, as for a provider.
	Network Network `json:"network,omitzero"`
}

// VerificationCompleted is the event that a verification is complete.
const VerificationCompleted = "verification.completed"

// Wants reports whether the webhook gets an event of a verification.
func (s *Subscription) Wants(event, tenant, app string) bool {
	has := func(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }
	return has(s.Events, event) && has(s.Tenants, tenant) && has(s.Apps, app)
}

// webhooks keeps the rules for the receivers of alerts and events.
func (v *validator) webhooks() {
	seen := map[string]bool{}
	for i, w := range v.config.Alerts.Webhooks {
		path := strictyaml.At("alerts.webhooks", i)
		v.receiver(path, w.Name, seen, w.URL, w.Network)
		if w.Secret != "" && !IsReference(w.Secret) {
			v.note(path+".secret", errReference.Error())
		}
	}
	seen = map[string]bool{}
	for i, s := range v.config.Webhooks {
		path := strictyaml.At("webhooks", i)
		v.receiver(path, s.Name, seen, s.URL, s.Network)
		if !IsReference(s.Secret) {
			v.note(path+".secret", errReference.Error())
		}
		switch {
		case s.OldSecret == "":
		case !IsReference(s.OldSecret):
			v.note(path+".old_secret", errReference.Error())
		case s.OldSecret == s.Secret:
			v.note(path+".old_secret", "is the same as secret; give the key before it, or leave it out")
		}
	}
}

// receiver keeps the rules that all webhooks have.
func (v *validator) receiver(path, name string, seen map[string]bool, url string, n Network) {
	if name == "" || seen[name] {
		v.note(path+".name", "is missing or taken; give each webhook a name of its own")
	}
	seen[name] = true
	if !IsReference(url) {
		v.note(path+".url", "must be a reference, env:NAME, file:PATH or exec:NAME: the address holds a secret")
	}
	v.network(path+".network", n)
}
