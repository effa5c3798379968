package rules

import (
	"errors"
	"testing"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// compareErrors wants any error to be a list of faults that can be shown.
func compareErrors(t *testing.T, err error) {
	t.Helper()
	var faults strictyaml.Faults
	if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
		t.Fatalf("not a list of faults: %v", err)
	}
	for _, f := range faults {
		if f.Text == "" || f.Line < 0 || f.File != "f.yaml" {
			t.Fatalf("a fault that cannot be shown: %+v", f)
		}
	}
}

// FuzzParse looks for files of rules that crash the reader or make a set that does.
func FuzzParse(f *testing.F) {
	f.Add([]byte(ruleFile))
	f.Add([]byte("default: allow\nrules: [{id: a, when: 'flags.exists(f, f == \"x\")', then: deny, reason: {zh: 不, en: no}}]"))
	f.Add([]byte("rules:\n  - id: a\n    when: >-\n      age <\n\n      18\n    then: allow"))
	f.Add([]byte("rules: [{id: a, when: \"tenant == \\\"a\\\" &&\\n wrong\", then: allow}]"))
	f.Add([]byte("default: allow\nrules: &a [*a]"))
	language, err := newBuilder() // once, since it takes longer than all the rest
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b := builder{environment: language.environment, index: language.index, ids: map[string]string{}}
		b.file("f.yaml", text)
		s, err := b.set("f.yaml")
		compareErrors(t, err)
		if err == nil {
			if d := s.Decide(adult()); len(d.Rules) == 0 || !d.Allowed && len(d.Reasons) == 0 {
				t.Fatalf("a decision that names nothing: %+v", d)
			}
		}
	})
}

// FuzzParseCases looks for files of cases and facts that crash the reader.
func FuzzParseCases(f *testing.F) {
	f.Add([]byte("rules: [a.yaml, 'pack:games']\ncases:\n  - name: x\n    facts: {age: 17, time: 2026-10-02T20:30:00+08:00}\n    want: {allowed: true, rules: [a], obligations: {review: true}}"))
	f.Add([]byte("{age: 17, counts: {subject_day: 3}, consent: {valid: true, recipients: [x]}, flags: [y]}"))
	f.Add([]byte("time: 0x1\nhour: 1e9"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCases("f.yaml", text)
		compareErrors(t, err)
		if err == nil && (len(c.List) == 0 || len(c.Rules) == 0) {
			t.Fatal("cases that test nothing were accepted")
		}
		facts, err := ParseFacts("f.yaml", text)
		compareErrors(t, err)
		if err == nil && (facts.Age < -1 || facts.Weekday > 7) {
			t.Fatalf("facts that cannot be: %+v", facts)
		}
	})
}
