package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/policy/rules"
)

func newPolicyTest(t *tool) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Hold rules against cases of what they must decide; asks nobody",
		Long: "A file of cases names the rules, by paths from its own folder or as pack:NAME, and says for made-up facts what has\n" +
			"to be decided:\n" +
			"  rules: [rules.yaml, \"pack:general\"]\n" +
			"  cases:\n" +
			"    - name: nobody under 18 at night\n" +
			"      facts: {age: 17, time: \"2026-10-02T23:00:00+08:00\"}\n" +
			"      want: {allowed: false, rules: [night-off]}\n\n" +
			"Prints a line for each case, and the rules that no case made fire.\n\n" +
			"Exit codes: 0 all cases pass; 1 at least one does not; 64 a file cannot be used, and why.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("wants at least one file of cases")
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error { return t.testPolicy(args, asJSON) }
	return cmd
}

// testPolicy runs files of cases. Nothing is run if any of them has a fault.
func (t *tool) testPolicy(files []string, asJSON bool) error {
	reports, err := runCases(files)
	if err != nil {
		return ruleFaults("the cases cannot be run", err)
	}
	total, failures := 0, 0
	for _, report := range reports {
		for _, r := range report.Results {
			total++
			if !r.Passed() {
				failures++
			}
			t.printCase(r, asJSON)
		}
	}
	if !asJSON {
		t.printCases(reports, total, failures)
	}
	if failures > 0 {
		return silent(exitFound)
	}
	return nil
}

// runCases runs each file, or returns the faults of all of them.
func runCases(files []string) ([]rules.Report, error) {
	var reports []rules.Report
	var faults rules.Faults
	for _, file := range files {
		report, err := runFile(file)
		var found rules.Faults
		switch {
		case errors.As(err, &found):
			faults = append(faults, found...)
		case err != nil:
			return nil, err
		default:
			reports = append(reports, report)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return reports, nil
}

func runFile(file string) (rules.Report, error) {
	cases, err := rules.LoadCases(file)
	if err != nil {
		return rules.Report{}, err
	}
	set, err := rules.Load(cases.Rules...)
	if err != nil {
		return rules.Report{}, err
	}
	return cases.Run(set), nil
}

// caseView is a case's result as JSON.
type caseView struct {
	File        string             `json:"file"`
	Line        int                `json:"line"`
	Name        string             `json:"name"`
	Passed      bool               `json:"passed"`
	Differences []rules.Difference `json:"differences,omitempty"`
}

func (t *tool) printCase(r rules.Result, asJSON bool) {
	if asJSON {
		t.out.JSON(caseView{r.Case.File, r.Case.Line, r.Case.Name, r.Passed(), r.Differences})
		return
	}
	if r.Passed() {
		t.out.Linef("✓  %s", r.Case.Name)
		return
	}
	frame := words.Text{EN: "%s is %s, want %s", ZH: "%s 为 %s，应为 %s"}.In(t.lang)
	parts := make([]string, len(r.Differences))
	for i, d := range r.Differences {
		parts[i] = fmt.Sprintf(frame, d.What, d.Got, d.Want)
	}
	t.out.Linef("✗  %s  (%s:%d)  %s", r.Case.Name, r.Case.File, r.Case.Line, strings.Join(parts, "; "))
}

// printCases ends the output for people: how many, and what is not tested.
func (t *tool) printCases(reports []rules.Report, total, failures int) {
	t.out.Linef(words.Text{EN: "%d cases, %d passed, %d failed", ZH: "共 %d 个用例，通过 %d 个，未通过 %d 个"}.In(t.lang),
		total, total-failures, failures)
	for _, report := range reports {
		if len(report.Unfired) > 0 {
			t.out.Linef(words.Text{EN: "%s: no case makes these rules fire: %s", ZH: "%s：没有用例触发以下规则：%s"}.In(t.lang),
				report.Results[0].Case.File, strings.Join(report.Unfired, ", "))
		}
	}
}
