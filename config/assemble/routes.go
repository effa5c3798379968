package assemble

import (
	"errors"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/rules"
)

// routes returns the rules of a configuration. Every fault names its path.
func routes(c *config.Config) ([]route.Rule, error) {
	matches, err := compileMatches(c.Routes)
	if err = errors.Join(err, unreachable(c, matches)); err != nil {
		return nil, err
	}
	var out []route.Rule
	for i, r := range c.Routes {
		rule := route.Rule{
			Mode: route.Mode(r.Mode), Match: matching(matches[i]), Providers: r.Providers, Weights: r.Weights, MaxAttempts: r.MaxAttempts,
			RetryUnknown: r.RetryUnknown, RetrySubjectLimited: r.RetrySubjectLimited,
		}
		_ = rule.Check.UnmarshalText([]byte(r.Check)) // Validate knows it
		out = append(out, rule)
	}
	return out, nil
}

// compileMatches returns the match of each route, nil for a route without one.
func compileMatches(list []config.Route) ([]*rules.Match, error) {
	matches, faults := make([]*rules.Match, len(list)), []error(nil)
	for i, r := range list {
		if r.Match == "" {
			continue
		}
		var err error
		if matches[i], err = rules.NewMatch(r.Match); err != nil {
			faults = append(faults, pathFault(strictyaml.At("routes", i)+".match", err))
		}
	}
	return matches, errors.Join(faults...)
}

// unreachable reports the routes that no request can reach: their match never holds, or an
// earlier route of the check takes all of its requests.
func unreachable(c *config.Config, matches []*rules.Match) error {
	var faults []error
	for _, check := range idv.Checks() {
		var of []*rules.Match
		var at []int
		for i, r := range c.Routes {
			if r.Check == check.String() && (r.Match == "" || matches[i] != nil) {
				of, at = append(of, matches[i]), append(at, i)
			}
		}
		for _, i := range rules.Unreachable(of, matchValues(c, check)) {
			faults = append(faults, pathFault(strictyaml.At("routes", at[i])+".match",
				errors.New("no request reaches this route: the condition never holds, or an earlier route takes its requests; correct it, or move the route up")))
		}
	}
	return errors.Join(faults...)
}

// matchValues lists what the facts of a match can be in a configuration.
func matchValues(c *config.Config, check idv.Check) map[string][]string {
	values := map[string][]string{"check": {check.String()}, "name_script": {""}}
	if slices.Contains(check.Claims().List(), idv.ClaimName) {
		values["name_script"] = texts(idv.Scripts())
	}
	values["document"] = append(texts(idv.Documents()), "")
	for _, p := range c.Policy.Purposes {
		values["purpose"] = append(values["purpose"], p.Name)
	}
	return values
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// matching returns a match as package route takes it, nil for none.
func matching(m *rules.Match) func(*route.Question) bool {
	if m == nil {
		return nil
	}
	return func(q *route.Question) bool {
		return m.Holds(policy.Facts{
			Tenant: string(q.Tenant), App: q.App, Check: q.Check.String(), Document: string(q.Document), Purpose: q.Purpose,
			Region: q.Region, NameScript: string(q.Script), Age: policy.AgeUnknown,
		})
	}
}
