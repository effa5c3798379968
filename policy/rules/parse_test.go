package rules

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
)

func TestParseFaults(t *testing.T) {
	t.Parallel()
	const reason = "\n    reason: {zh: 不, en: no}"
	rule := func(lines string) string { return "default: allow\nrules:\n  - " + lines }
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", []string{"test.yaml: is empty"}},
		{"comments only", "# later\n", []string{"test.yaml: is empty"}},
		{"no YAML", "rules: [", []string{"test.yaml:1: is not valid YAML"}},
		{"a list", "- id: x", []string{"test.yaml:1: must be a map, got a list"}},
		{"an empty map", "{}", []string{"test.yaml:1: says nothing"}},
		{"two documents", "default: allow\n---\ndefault: allow\n", []string{"test.yaml:2: holds more than one YAML document"}},
		{"an unknown key", "default: allow\nrule: []\n", []string{`test.yaml:2: rule: unknown key; did you mean rules?`}},
		{"a key twice", "default: allow\ndefault: deny\n", []string{"test.yaml:2: default: is given twice, in lines 1 and 2"}},
		{"another default", "default: maybe\n", []string{"test.yaml:1: default: must be deny or allow"}},
		{"nothing allows", "rules:\n  - id: a\n    when: 'true'\n    then: require\n    require: {review: true}\n", []string{"test.yaml: nothing could ever be asked"}},
		{"an alias", rule("{id: a, when: &w 'true', then: allow}\n  - {id: b, when: *w, then: allow}"), []string{"test.yaml:3: rules[0].when: anchors and aliases are not supported", "test.yaml:4: rules[1].when: anchors and aliases"}},
		{"a rule that is a text", rule("deny"), []string{"test.yaml:3: rules[0]: must be a map, got a string"}},
		{"an empty rule", rule("{}"), []string{"test.yaml:3: rules[0]: a rule needs `id:`", "test.yaml:3: rules[0]: a rule needs `when:`", "test.yaml:3: rules[0]: a rule needs `then:`"}},
		{"an id in capitals", rule("{id: Night, when: 'true', then: allow}"), []string{"test.yaml:3: rules[0].id: must be 1 to 64 small letters, digits, - or ., and begin with a letter or digit"}},
		{"an id of ours", rule("{id: default, when: 'true', then: allow}"), []string{"test.yaml:3: rules[0].id: default is an id of heyan's own"}},
		{"an id twice", rule("{id: a, when: 'true', then: allow}\n  - {id: a, when: 'true', then: allow}"), []string{"test.yaml:4: rules[1].id: a is the id of the rule at test.yaml:3"}},
		{"another effect", rule("{id: a, when: 'true', then: forbid}"), []string{"test.yaml:3: rules[0].then: must be deny, allow or require"}},
		{"a denial without a reason", rule("{id: a, when: 'true', then: deny}"), []string{"test.yaml:3: rules[0]: a rule that denies needs a `reason:` with zh and en, for those who are refused"}},
		{"a reason in one language", rule("{id: a, when: 'true', then: deny, reason: {en: no}}"), []string{"test.yaml:3: rules[0].reason: lacks zh"}},
		{"an empty reason", rule("{id: a, when: 'true', then: deny, reason: {en: no, zh: ' '}}"), []string{"test.yaml:3: rules[0].reason.zh: is empty"}},
		{"a reason that is never shown", rule("id: a\n    when: 'true'\n    then: allow" + reason), []string{"test.yaml:6: rules[0].reason: is shown for denials only"}},
		{"obligations of a denial", rule("id: a\n    when: 'true'\n    then: deny" + reason + "\n    require: {review: true}"), []string{"test.yaml:7: rules[0].require: cannot stand in a rule that denies, which leaves nothing to require"}},
		{"no obligations", rule("{id: a, when: 'true', then: require}"), []string{"test.yaml:3: rules[0]: a rule with `then: require` needs `require:` with what it requires"}},
		{"obligations that ask for nothing", rule("{id: a, when: 'true', then: require, require: {review: false}}"), []string{"test.yaml:3: rules[0].require: requires nothing"}},
		{"no recipients", rule("{id: a, when: 'true', then: require, require: {recipients: []}}"), []string{"test.yaml:3: rules[0].require: recipients is empty, which allows no vendor"}},
		{"a recipient twice", rule("{id: a, when: 'true', then: require, require: {recipients: [甲, 甲]}}"), []string{"test.yaml:3: rules[0].require.recipients[1]: is the same as entry 0"}},
		{"a truth in quotes", rule("{id: a, when: 'true', then: require, require: {review: 'yes'}}"), []string{"test.yaml:3: rules[0].require.review: must be true or false"}},
		{"a number as reason", rule("{id: a, when: 'true', then: deny, reason: {zh: 1, en: no}}"), []string{"test.yaml:3: rules[0].reason.zh: must be a string, got a number"}},
		{"an empty condition", rule("{id: a, when: '', then: allow}"), []string{"test.yaml:3: rules[0].when: must be an expression in quotes"}},
		{"a list as condition", rule("{id: a, when: [a], then: allow}"), []string{"test.yaml:3: rules[0].when: must be an expression in quotes"}},
		{"too many rules", "rules: [" + strings.Repeat("{},", maxRules+1) + "]", []string{"test.yaml:1: rules: has more than 256 entries"}},
		{"too large", strings.Repeat("#", strictyaml.MaxSize+1), []string{"test.yaml: is larger than 1048576 bytes"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("test.yaml", []byte(test.text))
			compareFaults(t, err, test.want)
		})
	}
}

// TestParseTellsEverything holds a file in which every rule is wrong in several ways.
func TestParseTellsEverything(t *testing.T) {
	t.Parallel()
	const text = `default: perhaps
rules:
  - id: A
    when: 'agee < 18 && huor > 3'
    then: deny
  - id: b
    when: 'age +'
    then: no
    require: {recipient: [x]}
  - when: 'age'
    then: allow
surplus: 1
`
	_, err := Parse("all.yaml", []byte(text))
	compareFaults(t, err, []string{
		"all.yaml:1: default: must be deny or allow",
		"all.yaml:3: rules[0]: a rule that denies needs a `reason:`",
		"all.yaml:3: rules[0].id: must be",
		"all.yaml:4: rules[0].when: undeclared reference to 'agee' (did you mean 'age'?); the facts are tenant, app,",
		"all.yaml:4: rules[0].when: undeclared reference to 'huor'",
		"all.yaml:7: rules[1].when: Syntax error: mismatched input '<EOF>'; conditions are CEL",
		"all.yaml:8: rules[1].then: must be",
		"all.yaml:9: rules[1].require.recipient: unknown key; did you mean recipients?",
		"all.yaml:10: rules[2]: a rule needs `id:`",
		"all.yaml:10: rules[2].when: gives a value of type int and must give true or false",
		"all.yaml:12: surplus: unknown key",
	})
}

func TestConditionFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, when, want string }{
		{"a fact that does not exist", "name == 'x'", "5: rules[0].when: undeclared reference to 'name'"},
		{"a field that does not exist", "consent.vaild", "5: rules[0].when: undefined field 'vaild'; the fields of consent and counts"},
		{"a count that does not exist", "counts.subject_week > 3", "5: rules[0].when: undefined field 'subject_week'"},
		{"two types", "age > 'x'", "5: rules[0].when: found no matching overload for '>' applied to '(int, string)'; only values of one type"},
		{"no truth", "age + 1", "5: rules[0].when: gives a value of type int"},
		{"a regular expression", "tenant.matches('(a*)*b')", "5: rules[0].when: undeclared reference to 'matches'; the functions are size"},
		{"an hour of UTC", "time.getHours() > 3", "5: rules[0].when: undeclared reference to 'getHours'"},
		{"a conversion", "string(age) == '3'", "5: rules[0].when: undeclared reference to 'string'"},
		{"an untyped value", "dyn(age) == 'x'", "5: rules[0].when: undeclared reference to 'dyn'"},
		{"a time that is none", "time < timestamp('2026-13-01')", "5: rules[0].when: invalid timestamp argument"},
		{"a list of two types", "age in [1, 'x']", "5: rules[0].when: expected type 'int' but found 'string'"},
		{"too long", "age == 1" + strings.Repeat(" || age == 1", 200), "5: rules[0].when: expression code point size exceeds limit"},
		{"too deep", strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60), "5: rules[0].when: expression recursion limit exceeded"},
		{"lists within lists", "flags.exists(a, flags.exists(b, flags.exists(c, a + b == c)))", "5: rules[0].when: may cost up to"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := "default: allow\nrules:\n  - id: a\n    then: allow\n    when: |\n      " + test.when
			_, err := Parse("c.yaml", []byte(text))
			if got := faultLines(t, err); len(got) == 0 || !strings.HasPrefix(got[0], "c.yaml:"+test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}
