package engine

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// Policy is what a request must pass before a provider is called. The zero value
// requires a stored consent of the person, for any purpose.
type Policy struct {
	Consent  consent.Mode
	Purposes []policy.Purpose // the allowed purposes; if empty, any that the person consented to
	Rules    policy.Decider   // nil: no rules besides the built-in ones
	Abuse    *abuse.Detector  // nil: no limits, and guessing is not detected

	// Keyring makes the tokens that stand for people. Nodes that share a store must share
	// it. It is needed unless consents are off and no answer is reused. If nil, a random one
	// is made for a memory store; any other store is refused, since what it keeps under
	// random tokens could not be found after a restart.
	Keyring *keyring.Keyring
}

// prepare validates a policy for a store and fills in its defaults.
func (p *Policy) prepare(s store.Store, sticky bool) (*policy.Purposes, error) {
	purposes, err := policy.NewPurposes(p.Purposes)
	if err != nil || p.Keyring != nil || p.Consent == consent.Off && !p.reuses() && !p.doubts() && !sticky {
		return purposes, err
	}
	if durable(s) {
		return nil, errors.New("Policy.Keyring: nil beside a durable store, so people could not be found after a restart; " +
			"make one with keyring.New from a secret that is kept apart from the store")
	}
	p.Keyring, err = keyring.New(keyring.Key{ID: "random", Secret: idv.NewSensitive(rand.Text() + rand.Text())})
	return purposes, err
}

// durable reports whether a store may outlive the process, so that random keys would
// lock it out of its own data.
func durable(s store.Store) bool {
	_, inMemory := s.(*memory.Store)
	return s != nil && !inMemory
}

// reuses reports whether any purpose allows an earlier answer to be reused.
func (p *Policy) reuses() bool {
	for i := range p.Purposes {
		if p.Purposes[i].CacheTTL > 0 {
			return true
		}
	}
	return false
}

// doubts reports whether any purpose allows a second opinion, which is counted.
func (p *Policy) doubts() bool {
	return slices.ContainsFunc(p.Purposes, func(one policy.Purpose) bool { return one.SecondOpinions > 0 })
}

// tenantPolicy is a prepared policy.
type tenantPolicy struct {
	policy   Policy
	purposes *policy.Purposes
}

// addPolicies prepares the policies of the options. One keyring serves all tenants, since its
// tokens differ by tenant.
func (e *Engine) addPolicies(o *Options) error {
	e.general = &tenantPolicy{policy: o.Policy}
	sticky := slices.ContainsFunc(o.Routes, func(r route.Rule) bool { return r.Mode == route.Sticky })
	var err error
	if e.general.purposes, err = e.general.policy.prepare(o.Store, sticky); err != nil {
		return err
	}
	e.tenants = map[idv.Tenant]*tenantPolicy{}
	for _, name := range slices.Sorted(maps.Keys(o.Tenants)) {
		t := &tenantPolicy{policy: o.Tenants[name]}
		if t.policy.Keyring == nil {
			t.policy.Keyring = e.general.policy.Keyring
		}
		if t.policy.Keyring != e.general.policy.Keyring {
			return fmt.Errorf("Options.Tenants[%s].Keyring: is not that of Policy; leave it nil", name)
		}
		if t.purposes, err = t.policy.prepare(o.Store, sticky); err != nil {
			return fmt.Errorf("Options.Tenants[%s]: %w", name, err)
		}
		e.tenants[name] = t
	}
	return nil
}

// policyOf returns the policy of a tenant, whose name is compared in its canonical form.
func (e *Engine) policyOf(t idv.Tenant) *tenantPolicy {
	if len(e.tenants) > 0 {
		name, _ := identity.Identifier(string(t))
		if own := e.tenants[idv.Tenant(name)]; own != nil {
			return own
		}
	}
	return e.general
}

// reuses reports whether any purpose of any tenant allows an earlier answer to be reused.
func (e *Engine) reuses() bool {
	reuses := e.general.policy.reuses()
	for _, t := range e.tenants {
		reuses = reuses || t.policy.reuses()
	}
	return reuses
}
