package pages

import (
	"strings"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// failures prints docs/errors.md.
func failures() []byte {
	p := newPage("Failures and local rules")
	p.line("A failure says why there is no answer. Programs act on its name, never on a text. In the API it is the `reason` of an " +
		"`undetermined` verification or the `failure` of an attempt; when the question was not put to anybody, it is a problem " +
		"whose `type` is `urn:heyan:problem:` and the name. On the command line, exit code 3 is a verification without a " +
		"verdict, 4 a request that was refused before any call, 70 a fault of heyan's own.")
	for _, f := range idv.Failures() {
		help := f.Help()
		p.line("## %s", f)
		p.table([]string{"", "English", "中文"}, [][]string{
			{"cause", help.Cause.EN, help.Cause.ZH}, {"remedy", help.Remedy.EN, help.Remedy.ZH},
		})
		p.line("HTTP: %s", overHTTP(f))
	}
	rules(p)
	agreements(p)
	return p.done()
}

// overHTTP says how the API tells a failure.
func overHTTP(f idv.Failure) string {
	const asked = "200 with the verdict `undetermined` and this `reason`"
	switch f {
	case idv.InvalidInput:
		return "422 when a local rule refuses the request, with the field and the rule; " + asked + " when a vendor does not accept the form."
	case idv.Unsupported:
		return "422 when no route is configured for the check; " + asked + " when the vendors cannot answer."
	case idv.Denied:
		return "403 with the rules and their reasons; nobody was asked. " + asked + " when the person withdrew while vendors were being asked."
	case idv.SubjectLimited, idv.Throttled:
		return "429 with Retry-After when a limit of policy refuses the request; " + asked + " when the vendors do."
	case idv.Internal:
		return "500 when nobody was asked or the result could not be stored; else " + asked + "."
	default:
		return asked + "."
	}
}

// agreements prints why a consent does not cover a question.
func agreements(p *page) {
	p.line("## Consent rules")
	p.line("A `denied` whose rule begins with `consent.` says why the consent does not cover the question, or why an event does not fit " +
		"its state. docs/consent.md has the order.")
	var rows [][]string
	for _, f := range consent.Faults() {
		rows = append(rows, []string{code(consent.RulePrefix + string(f)), f.Help().EN, f.Help().ZH})
	}
	p.table([]string{"rule", "English", "中文"}, rows)
}

// rules prints what a local check can find.
func rules(p *page) {
	p.line("## Local rules")
	p.line("A local check asks nobody and costs nothing. A request that breaks a rule is `invalid_input` with the rule as its code; " +
		"`heyan check` prints the rule as the `reason` of a number. Words that begin with `ok` mean accepted.")
	var rows [][]string
	for _, r := range identity.Reasons() {
		help := r.Help()
		rows = append(rows, []string{
			code(string(r)), help.Cause.EN + " " + help.Remedy.EN, strings.TrimSpace(help.Cause.ZH + help.Remedy.ZH),
		})
	}
	p.table([]string{"rule", "English", "中文"}, rows)
}
