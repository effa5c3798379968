package assemble

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
	"github.com/heyan-id/heyan/policy/rules"
)

// CheckPolicy reads what a configuration names of policy: the files of rules and
// notices, and the list of honeytokens if it is a file that is there. It opens no store and
// fetches no key. The error lists every fault with its path.
func CheckPolicy(c config.Config) error {
	_, _, ruled := loadRules(c.Policy)
	faults := []error{checkNotices(c.Policy.Consent), ruled, checkHoneytokens(c.Policy.Abuse.Honeytokens)}
	for i := range c.Tenants {
		p := c.PolicyOf(&c.Tenants[i])
		if p.Consent.Notices != c.Policy.Consent.Notices || p.Consent.Notice != c.Policy.Consent.Notice || p.Consent.GuardianNotice != c.Policy.Consent.GuardianNotice ||
			p.Consent.Language != c.Policy.Consent.Language {
			faults = append(faults, tenantFault(i, checkNotices(p.Consent)))
		}
		faults = append(faults, tenantFault(i, checkHoneytokens(c.Tenants[i].Honeytokens)))
	}
	return errors.Join(faults...)
}

// tenantFault returns an error about the policy of a tenant with the paths of its settings.
func tenantFault(tenant int, err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, one := range many.Unwrap() {
			list = append(list, tenantFault(tenant, one))
		}
		return errors.Join(list...)
	}
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		return err
	}
	moved := slices.Clone(faults)
	for i := range moved {
		if moved[i].File == "" {
			moved[i].Path = config.TenantPath(tenant, moved[i].Path)
		}
	}
	return moved
}

// ofTenant returns the options with the policy of a tenant in place of the general one.
func (o Options) ofTenant(i int) Options {
	o.Config.Policy = o.Config.PolicyOf(&o.Config.Tenants[i])
	o.tenant = idv.Tenant(o.Config.Tenants[i].Name)
	return o
}

// tenantPolicies makes the engine's policies of the tenants.
func tenantPolicies(o Options, ring *keyring.Keyring) (map[idv.Tenant]engine.Policy, error) {
	policies := map[idv.Tenant]engine.Policy{}
	var faults []error
	for i, t := range o.Config.Tenants {
		p, err := enginePolicy(o.ofTenant(i), ring)
		faults = append(faults, tenantFault(i, err))
		policies[idv.Tenant(t.Name)] = p
	}
	return policies, errors.Join(faults...)
}

// enginePolicy makes the engine's policy of a configuration.
func enginePolicy(o Options, ring *keyring.Keyring) (p engine.Policy, err error) {
	c := o.Config.Policy
	p.Keyring = ring
	p.Consent, _ = consent.ParseMode(c.Consent.Mode) // Validate knows it
	for _, one := range c.Purposes {
		p.Purposes = append(p.Purposes, one.Policy())
	}
	set, counts, err := loadRules(c)
	if err != nil {
		return p, errors.Join(err, checkNotices(c.Consent))
	}
	if set != nil { // a nil *Set must not become a decider that is there
		p.Rules = set
	}
	p.Abuse, err = limiter(o, ring, counts)
	return p, errors.Join(err, checkNotices(c.Consent))
}

// loadRules reads the files of rules, and returns the counts that they ask for.
func loadRules(c config.Policy) (*rules.Set, []string, error) {
	if len(c.Rules) == 0 {
		return nil, nil, nil
	}
	set, err := rules.Load(c.Rules...)
	if err != nil {
		return nil, nil, fmt.Errorf("policy.rules: %w", err)
	}
	return set, set.Counts(), nil
}

// limiter returns what counts requests and stops guessing; nil if nothing is counted.
// Without consents, as with the sandbox, one number with many names is the usual way to try
// things, so abuse is not detected.
func limiter(o Options, ring *keyring.Keyring, counts []string) (*abuse.Detector, error) {
	c := o.Config.Policy
	g := abuse.Config{Indexer: ring, Remember: c.Abuse.Window, Block: c.Abuse.BlockFor, Alarms: o.Alarms}
	for _, l := range c.Limits {
		g.Limits = append(g.Limits, abuse.Limit{Per: abuse.Per(l.Per), Window: abuse.Window(l.Window), Most: l.Most})
	}
	var err error
	if g.Limits, err = g.Limits.With(counts...); err != nil {
		return nil, fmt.Errorf("policy.rules: %w", err)
	}
	if c.Abuse.Off || c.Consent.Mode == consent.Off.String() {
		g.Thresholds = abuse.Unwatched()
		if len(g.Limits) == 0 && c.Abuse.Honeytokens == "" {
			return nil, nil
		}
	}
	if g.Honeytokens, err = honeytokens(o, ring); err != nil {
		return nil, err
	}
	return abuse.New(g)
}

// OpenKeyring opens the store and the keyring alone, for commands that work on API keys. The
// caller closes the store.
func OpenKeyring(ctx context.Context, o Options) (*keyring.Keyring, store.Store, error) {
	if err := checkStore(o.Config.Store); err != nil {
		return nil, nil, err
	}
	o.made = new(madeKeys)
	known, err := peopleOf(o)
	if err != nil {
		return nil, nil, errors.Join(err, o.made.remove())
	}
	s, err := OpenStore(ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, o.made.remove())
	}
	o.made.keep()
	if err := known.check(ctx, s); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return known.ring, s, nil
}

// KeyringOf returns the keyring of an open store: for commands that need it for some of their
// acts only.
func KeyringOf(ctx context.Context, o Options, s store.Store) (*keyring.Keyring, error) {
	o.made = new(madeKeys)
	known, err := peopleOf(o)
	if err == nil {
		err = known.check(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(err, o.made.remove())
	}
	return known.ring, nil
}

// OpenConsents opens the store and the consent service alone, for commands that call no
// vendor. It needs no vendor's secret. A plugin is started, and stopped again, only if a
// consent is drafted for it, to read its recipient and its documents. The caller closes the
// store.
func OpenConsents(ctx context.Context, o Options) (*consents.Service, store.Store, error) {
	ring, s, err := OpenKeyring(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	rules, err := enginePolicy(o, ring)
	tenants, tenantErr := tenantPolicies(o, ring)
	if err := errors.Join(err, tenantErr); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	signer, err := signer(o)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	d, err := newConsents(o, s, rules, tenants, signer, func(ctx context.Context, p config.Provider) (idv.Descriptor, error) {
		d, _, err := Describe(ctx, p)
		return d, err
	})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return d, s, nil
}

// newConsents returns the consent service of a store.
func newConsents(o Options, s store.Store, p engine.Policy, tenants map[idv.Tenant]engine.Policy, signer *receipt.Signer, known describing) (*consents.Service, error) {
	general, err := consentOptions(o.Config.Policy, p)
	if err != nil {
		return nil, err
	}
	c := consents.Options{
		Store: s, Keyring: p.Keyring, Notices: general.Notices, Signer: signer, Defaults: general.Defaults, Purposes: general.Purposes, Abuse: general.Abuse,
		Tenants: map[idv.Tenant]consents.TenantOptions{},
		Recipients: func(ctx context.Context, c idv.Check, document idv.Document) ([]consent.Party, error) {
			return known.recipients(ctx, o.Config, c, document)
		},
	}
	for i, t := range o.Config.Tenants {
		name := idv.Tenant(t.Name)
		if c.Tenants[name], err = consentOptions(o.ofTenant(i).Config.Policy, tenants[name]); err != nil {
			return nil, tenantFault(i, err)
		}
	}
	return consents.New(c)
}

// consentOptions returns what of the consent service a policy says.
func consentOptions(c config.Policy, p engine.Policy) (t consents.TenantOptions, err error) {
	if t.Notices, err = noticeCatalogue(c.Consent); err != nil {
		return t, err
	}
	t.Purposes, err = policy.NewPurposes(p.Purposes)
	t.Defaults, t.Abuse = terms(c), p.Abuse
	return t, err
}

func terms(c config.Policy) consents.NoticeDefaults {
	t := consents.NoticeDefaults{
		Controller: consent.Party(c.Consent.Controller), Notice: c.Consent.Notice, GuardianNotice: c.Consent.GuardianNotice,
		Language: c.Consent.Language, Titles: map[string]string{}, Uses: c.Consent.Uses, Valid: c.Consent.Valid, MinReview: c.Consent.MinReview,
		Pause: c.Consent.Pause, Withdraw: c.Consent.Withdraw, Storage: c.Consent.Storage, Verifications: c.Retention.Verifications, Consents: c.Retention.Consents,
	}
	for _, p := range c.Purposes {
		if p.Title != "" {
			t.Titles[p.Name] = p.Title
		}
	}
	return t
}
