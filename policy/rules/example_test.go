package rules_test

import (
	"fmt"

	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/rules"
)

const night = `
default: allow
rules:
  - id: night-off
    when: 'age >= 0 && age < 18 && hour >= 22'
    then: deny
    reason: {zh: 夜间不向未成年人提供服务。, en: No service for people under 18 at night.}
`

// A denial names the rule and its reason.
func ExampleSet_Decide() {
	set, err := rules.Parse("rules.yaml", []byte(night))
	if err != nil {
		fmt.Println(err)
		return
	}
	decision := set.Decide(policy.Facts{Age: 17, Hour: 23})
	fmt.Println(decision.Allowed, decision.Rules, decision.Reasons[0].EN)
	// Output: false [night-off] No service for people under 18 at night.
}

// A misspelt fact is refused when the rules are loaded.
func ExampleParse() {
	_, err := rules.Parse("rules.yaml", []byte("rules:\n  - {id: adults, when: consent.validd, then: allow}\n"))
	fmt.Println(err)
	// Output: rules.yaml:2: rules[0].when: undefined field 'validd'; the fields of consent and counts are listed in docs/policy.md
}
