package assemble

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/providers"
)

// plain returns the settings that are no secrets: all that a codec gets to see.
func plain(given config.Settings, d idv.Descriptor) providers.Settings {
	out := providers.Settings{}
	for _, s := range d.Settings {
		if !s.Secret {
			out[s.Name] = cmp.Or(given[s.Name], s.Default)
		}
	}
	return out
}

func resolve(given config.Settings, d idv.Descriptor, lookupEnv func(string) (string, bool)) (map[string]idv.Sensitive, error) {
	secrets := map[string]idv.Sensitive{}
	var faults []error
	for _, s := range d.Settings {
		if !s.Secret || given[s.Name] == "" {
			continue
		}
		secret, err := config.Resolve(given[s.Name], lookupEnv)
		if err != nil {
			faults = append(faults, fmt.Errorf("settings.%s: %w", s.Name, err))
		}
		secrets[s.Name] = secret
	}
	return secrets, errors.Join(faults...)
}

func callLimits(l config.Limits) guard.Limits {
	return guard.Limits{
		Concurrency: l.Concurrency, Rate: l.Rate, Timeout: l.Timeout,
		BreakerFailures: l.BreakerFailures, BreakerOpen: l.BreakerOpen, GateFirst: l.GateFirst, GateMax: l.GateMax,
	}
}

func routes(list []config.Route) []route.Rule {
	var out []route.Rule
	for _, r := range list {
		rule := route.Rule{
			Mode: route.Mode(r.Mode), Providers: r.Providers, MaxAttempts: r.MaxAttempts,
			RetryUnknown: r.RetryUnknown, RetrySubjectLimited: r.RetrySubjectLimited,
		}
		_ = rule.Check.UnmarshalText([]byte(r.Check)) // Validate knows it
		out = append(out, rule)
	}
	return out
}
