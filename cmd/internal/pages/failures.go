package pages

import (
	"cmp"
	"strings"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// failures prints docs/errors.md.
func failures() []byte {
	p := newPage("Failures and local rules")
	p.line("A failure says why there is no answer. Programs act on its name, never on a text. In the API it is the `reason` of an " +
		"`undetermined` verification or the `failure` of an attempt. If no provider was called, it is a problem whose `type` is " +
		"`urn:heyan:problem:` and the name. On the command line, exit code 3 is a verification without a verdict, 4 a request " +
		"that was refused before any call, and 70 an internal error.")
	for _, f := range idv.Failures() {
		help := f.Help()
		p.line("## %s", f)
		p.table([]string{"", "English", "中文"}, [][]string{
			{"cause", help.Cause.EN, help.Cause.ZH}, {"remedy", help.Remedy.EN, help.Remedy.ZH},
		})
		p.line("HTTP: %s", statusOf(f))
	}
	nextSteps(p)
	localRules(p)
	consentRules(p)
	return p.done()
}

// statusOf describes the HTTP responses that report a failure.
func statusOf(f idv.Failure) string {
	const processed = "200 with the verdict `undetermined` and this `reason`"
	switch f {
	case idv.InvalidInput:
		return "422 with the field and the rule when a local rule rejects the request; " + processed + " when a vendor rejects its format."
	case idv.Unsupported:
		return "422 when no route is configured for the check; " + processed + " when the providers do not support the document."
	case idv.Denied:
		return "403 with the rules and their reasons when no provider was called; " + processed + " when the person withdrew the consent during the verification."
	case idv.SubjectLimited, idv.Throttled:
		return "429 with Retry-After when a policy limit rejects the request; " + processed + " when the vendors do."
	case idv.Internal:
		return "503 `store_unwritable` when the store failed before any call, 503 `result_unconfirmed` with the id when it did not confirm the result; otherwise " + processed + "."
	default:
		return processed + "."
	}
}

// nextSteps prints what is advised after each outcome.
func nextSteps(p *page) {
	p.line("## Next steps")
	p.line("`next_steps` depends on the verdict, or on the `reason` and on why the providers of the route cannot be called. The first " +
		"row that fits counts, so a step is advised only where it can help.")
	var rows [][]string
	for _, row := range idv.AdviceRows() {
		outcome, skipped := code(row.Verdict.String()), "any"
		if row.Verdict == idv.Undetermined {
			outcome = listed(row.Failures, idv.Failure.String)
		}
		if len(row.Skipped) > 0 {
			skipped = listed(row.Skipped, func(r idv.SkipReason) string { return cmp.Or(string(r), "nothing") })
		}
		var steps, zh, en []string
		for _, a := range row.Advice {
			steps, zh, en = append(steps, code(a.Code)), append(zh, a.ZH), append(en, a.EN)
		}
		rows = append(rows, []string{outcome, skipped, strings.Join(steps, ", "), strings.Join(en, " "), strings.Join(zh, "")})
	}
	p.table([]string{"verdict or reason", "a provider of the route is skipped for; `nothing`: it can be called", "steps", "English", "中文"}, rows)
}

func listed[T any](list []T, word func(T) string) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = code(word(v))
	}
	return strings.Join(words, ", ")
}

// consentRules prints why a consent does not allow a verification.
func consentRules(p *page) {
	p.line("## Consent rules")
	p.line("A rule of a `denied` failure that begins with `consent.` says why the consent does not allow the verification, or why a change " +
		"does not fit the consent's state. docs/consent.md lists the states and their order.")
	var rows [][]string
	for _, f := range consent.Faults() {
		rows = append(rows, []string{code(consent.RulePrefix + string(f)), f.Help().EN, f.Help().ZH})
	}
	p.table([]string{"rule", "English", "中文"}, rows)
}

// localRules prints the results of the local check.
func localRules(p *page) {
	p.line("## Local rules")
	p.line("The local check makes no call and costs nothing. A request that violates a rule fails with `invalid_input` and the rule as its " +
		"code; `heyan check` prints the rule as the `reason` of a number. Reasons that begin with `ok` mean accepted.")
	var rows [][]string
	for _, r := range identity.Reasons() {
		help := r.Help()
		rows = append(rows, []string{
			code(string(r)), help.Cause.EN + " " + help.Remedy.EN, strings.TrimSpace(help.Cause.ZH + help.Remedy.ZH),
		})
	}
	p.table([]string{"rule", "English", "中文"}, rows)
	p.line("[Decision 0047](decisions/0047-unclear-payloads.md) says what unclear replies and inputs become, and why.")
	p.line("In these fields a rule means another mistake:")
	rows = nil
	for _, f := range identity.FieldHelps() {
		rows = append(rows, []string{
			code(f.Field.String()), code(string(f.Reason)), f.Help.Cause.EN + " " + f.Help.Remedy.EN, f.Help.Cause.ZH + f.Help.Remedy.ZH,
		})
	}
	p.table([]string{"field", "rule", "English", "中文"}, rows)
}
