package rules

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy"
)

func TestParseFacts(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("", 8*60*60)
	tests := []struct {
		name, text string
		want       policy.Facts
	}{
		{"none", "{}", policy.Facts{Age: -1}},
		{"some", "{tenant: acme, age: 17, region: '11', flags: [ok_sequence_zero]}", policy.Facts{Tenant: "acme", Age: 17, Region: "11", Flags: []string{"ok_sequence_zero"}}},
		{"JSON", `{"age": 0, "caller": "", "consent": {"valid": true, "recipients": ["甲"]}}`, policy.Facts{Consent: policy.ConsentFacts{Valid: true, Recipients: []string{"甲"}}}},
		{"counts", "counts: {subject_day: 3}", policy.Facts{Age: -1, Counts: policy.Counts{SubjectDay: 3}}},
		{"a time sets hour and weekday", "time: 2026-10-02T20:30:00+08:00", policy.Facts{Age: -1, Time: time.Date(2026, 10, 2, 20, 30, 0, 0, shanghai), Hour: 20, Weekday: 5}},
		{"a time of another zone", "time: '2026-10-02T20:30:00Z'", policy.Facts{Age: -1, Time: time.Date(2026, 10, 2, 20, 30, 0, 0, time.UTC), Hour: 4, Weekday: 6}},
		{"an hour alone", "{hour: 20, weekday: 7}", policy.Facts{Age: -1, Hour: 20, Weekday: 7}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseFacts("f.yaml", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want-, got+: %s", diff)
			}
		})
	}
}

func TestParseFactsFaults(t *testing.T) {
	t.Parallel()
	const text = `tenannt: x
age: 151
region: 11
flags: [a, a]
consent: {valid: perhaps, name: x}
counts: {subject_day: -1}
hour: 3
time: 2026-10-02T20:30:00+08:00
weekday: 8
`
	_, err := ParseFacts("f.yaml", []byte(text))
	compareFaults(t, err, []string{
		`f.yaml:1: tenannt: unknown key; did you mean tenant?`,
		"f.yaml:2: age: must be a whole number from -1 to 150",
		"f.yaml:3: region: must be a string, got a number",
		"f.yaml:4: flags[1]: is the same as entry 0",
		"f.yaml:5: consent.name: unknown key",
		`f.yaml:5: consent.valid: must be true or false, got a string`,
		"f.yaml:6: counts.subject_day: must be a whole number from 0 to 2147483647",
		"f.yaml:7: hour: follows from the time",
		"f.yaml:9: weekday: must be a whole number from 1 to 7",
		"f.yaml:9: weekday: follows from the time",
	})
	for _, empty := range []string{"", "\n", "# later\n"} {
		_, err := ParseFacts("f.yaml", []byte(empty))
		compareFaults(t, err, []string{"f.yaml: is empty"})
	}
	for _, bad := range []string{"time: 2026-10-02", "time: [x]", "time: 2026-10-02T20:30:00"} {
		_, err := ParseFacts("f.yaml", []byte(bad))
		compareFaults(t, err, []string{"f.yaml:1: time: must be a time with its zone"})
	}
}

func TestParseCasesFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", "{}", []string{"d/c.yaml:1: a file of cases needs `rules:` with at least one entry", "d/c.yaml:1: a file of cases needs `cases:` with at least one entry"}},
		{"empty lists", "rules: []\ncases: []", []string{"d/c.yaml:1: a file of cases needs `rules:` with at least one entry", "d/c.yaml:1: a file of cases needs `cases:` with at least one entry"}},
		{"an empty case", "rules: [a]\ncases: [{}]", []string{"d/c.yaml:2: cases[0]: a case needs `name:`", "d/c.yaml:2: cases[0]: a case needs `facts:`", "d/c.yaml:2: cases[0]: a case needs `want:`"}},
		{"a name twice", "rules: [a]\ncases:\n  - {name: x, facts: {}, want: {allowed: true}}\n  - {name: x, facts: {}, want: {allowed: true}}", []string{"d/c.yaml:4: cases[1].name: is the name of the case in line 3"}},
		{"nothing wanted", "rules: [a]\ncases: [{name: x, facts: {}, want: {}}]", []string{"d/c.yaml:2: cases[0].want: want needs `allowed:`"}},
		{"an unknown fact", "rules: [a]\ncases: [{name: x, facts: {agee: 3}, want: {allowed: true}}]", []string{`d/c.yaml:2: cases[0].facts.agee: unknown key; did you mean age?`}},
		{"unknown obligations", "rules: [a]\ncases: [{name: x, facts: {}, want: {allowed: true, obligations: {limit: 1}}}]", []string{`d/c.yaml:2: cases[0].want.obligations.limit: unknown key`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseCases("d/c.yaml", []byte(test.text))
			compareFaults(t, err, test.want)
		})
	}
	_, err := LoadCases(filepath.Join(t.TempDir(), "none.yaml"))
	if lines := faultLines(t, err); len(lines) != 1 {
		t.Errorf("a file that is not there: %q", lines)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	const text = `
rules: [own.yaml, "pack:general"]
cases:
  - name: a minor's answer is looked at
    facts: {age: 17}
    want: {allowed: true, rules: [general.minor-review, default], obligations: {review: true, no_reuse: true}}
  - name: what is not wanted is not looked at
    facts: {age: 17}
    want: {allowed: true}
  - name: recipients in another order
    facts: {tenant: acme, age: 30}
    want: {allowed: true, obligations: {recipients: [乙, 甲]}}
  - name: all is otherwise
    facts: {tenant: acme, age: 17}
    want: {allowed: false, rules: [x], obligations: {}}
`
	dir := t.TempDir()
	writeFile(t, dir, "own.yaml", "default: allow\nrules: [{id: acme, when: tenant == 'acme', then: require, require: {recipients: [甲, 乙]}}]")
	cases, err := LoadCases(writeFile(t, dir, "cases.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load(cases.Rules...)
	if err != nil {
		t.Fatal(err)
	}
	report := cases.Run(s)
	for _, r := range report.Results[:3] {
		if !r.Passed() {
			t.Errorf("%s: %+v", r.Case.Name, r.Differences)
		}
	}
	want := []Difference{
		{"allowed", "true", "false"}, {"rules", "[acme, general.minor-review, default]", "[x]"},
		{"obligations", "recipients [乙, 甲], no_reuse, review", "none"},
	}
	if diff := cmp.Diff(want, report.Results[3].Differences); diff != "" {
		t.Errorf("want-, got+: %s", diff)
	}
	if diff := cmp.Diff([]string{"general.age-unknown"}, report.Unfired); diff != "" {
		t.Errorf("want-, got+: %s", diff)
	}
}
