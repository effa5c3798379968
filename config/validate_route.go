package config

import (
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// routes keeps the rules for who is asked what.
func (v *validator) routes() {
	if len(v.config.Routes) == 0 {
		v.note("routes", "there is none, so that no question could be answered; add one with check and providers")
	}
	first := map[string]int{}
	for i, r := range v.config.Routes {
		path := at("routes", i)
		if j, twice := first[r.Check]; twice && r.Check != "" {
			v.note(path+".check", "has a route in "+at("routes", j)+" already; put the providers into one")
		} else {
			first[r.Check] = i
		}
		if len(r.Providers) == 0 {
			v.note(path+".providers", "is empty; name at least one provider")
		}
		for j, name := range r.Providers {
			v.candidate(at(path+".providers", j), name, r.Check, r.Providers[:j])
		}
	}
}

// candidate keeps the rules for one provider of a route.
func (v *validator) candidate(path, name, check string, before []string) {
	i := slices.IndexFunc(v.config.Providers, func(p Provider) bool { return p.Name == name })
	switch {
	case name == "" || i < 0:
		v.note(path, unknown("provider", name, v.names()))
	case slices.Contains(before, name):
		v.note(path, "stands in this route twice; a vendor is asked once for a question")
	default:
		v.supports(path, v.config.Providers[i], check)
	}
}

// supports keeps the rule that a vendor is only asked what it can answer. What is
// wrong with the adapter's or the check's name has its own fault.
func (v *validator) supports(path string, p Provider, check string) {
	var c idv.Check
	d, ok := v.known(p)
	if !ok || c.UnmarshalText([]byte(check)) != nil || d.Supports(c, idv.DocumentUnknown) {
		return
	}
	answers := make([]string, len(d.Checks))
	for i, can := range d.Checks {
		answers[i] = can.String()
	}
	v.note(path, "cannot answer "+check+"; its adapter answers "+strings.Join(answers, ", "))
}

// names lists the providers' names that may be shown.
func (v *validator) names() []string {
	var names []string
	for _, p := range v.config.Providers {
		if nameForm.MatchString(p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}
