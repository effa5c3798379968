package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/rules"
)

func newPolicy(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "policy", Short: "Test and explain policy rules",
	})
	cmd.AddCommand(newPolicyTest(c), newPolicyExplain(c))
	return cmd
}

func newPolicyTest(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Run test cases against policy rules, without a call",
		Long: "A file of cases names the rules, by paths relative to its own folder or as pack:NAME, and the expected decision for\n" +
			"given facts:\n" +
			"  rules: [rules.yaml, \"pack:general\"]\n" +
			"  cases:\n" +
			"    - name: no service under 18 at night\n" +
			"      facts: {age: 17, time: \"2026-10-02T23:00:00+08:00\"}\n" +
			"      want: {allowed: false, rules: [night-off]}\n\n" +
			"Prints one line for each case, and the rules that no case triggers.\n\n" +
			"Exit codes: 0 all cases pass; 1 at least one fails; 64 a file has faults.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("needs at least one file of cases")
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error { return c.testPolicy(args, asJSON) }
	return cmd
}

// testPolicy runs files of cases. If any of them has a fault, it runs none.
func (c *cli) testPolicy(files []string, asJSON bool) error {
	reports, err := runCases(files)
	if err != nil {
		return fileFaults("the cases cannot be run", err)
	}
	total, failures := 0, 0
	for _, report := range reports {
		for _, r := range report.Results {
			total++
			if !r.Passed() {
				failures++
			}
			c.printCase(r, asJSON)
		}
	}
	if !asJSON {
		c.printCases(reports, total, failures)
	}
	if failures > 0 {
		return exitCode(exitFound)
	}
	return nil
}

// runCases runs each file, or returns the faults of all files.
func runCases(files []string) ([]rules.Report, error) {
	var reports []rules.Report
	var faults strictyaml.Faults
	for _, file := range files {
		report, err := runFile(file)
		var found strictyaml.Faults
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

// caseView is the JSON of the result of a case.
type caseView struct {
	File        string             `json:"file"`
	Line        int                `json:"line"`
	Name        string             `json:"name"`
	Passed      bool               `json:"passed"`
	Differences []rules.Difference `json:"differences,omitempty"`
}

func (c *cli) printCase(r rules.Result, asJSON bool) {
	if asJSON {
		c.out.JSON(caseView{r.Case.File, r.Case.Line, r.Case.Name, r.Passed(), r.Differences})
		return
	}
	if r.Passed() {
		c.out.Linef("✓  %s", r.Case.Name)
		return
	}
	frame := idv.Text{EN: "%s is %s, expected %s", ZH: "%s 为 %s，应为 %s"}.In(c.lang)
	parts := make([]string, len(r.Differences))
	for i, d := range r.Differences {
		parts[i] = fmt.Sprintf(frame, d.What, d.Got, d.Want)
	}
	c.out.Linef("✗  %s  (%s:%d)  %s", r.Case.Name, r.Case.File, r.Case.Line, strings.Join(parts, "; "))
}

// printCases prints the counts and the rules that are not tested.
func (c *cli) printCases(reports []rules.Report, total, failures int) {
	c.say(fmt.Sprintf("%s, %d passed, %d failed", idv.Count(total, "case"), total-failures, failures),
		fmt.Sprintf("共 %d 个用例，通过 %d 个，未通过 %d 个", total, total-failures, failures))
	for _, report := range reports {
		if len(report.Unfired) > 0 {
			c.out.Linef(idv.Text{EN: "%s: no case triggers these rules: %s", ZH: "%s：没有用例触发以下规则：%s"}.In(c.lang),
				report.Results[0].Case.File, strings.Join(report.Unfired, ", "))
		}
	}
}

func newPolicyExplain(c *cli) *cobra.Command {
	var files []string
	var facts string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain --rules FILE [--rules FILE]... --facts FILE",
		Short: "Print which rules fire for given facts and which of them decide, without a call",
		Long: "Decides with the code that the daemon uses. Facts are YAML or JSON with the names that conditions use, such as\n" +
			`  {"tenant": "acme", "age": 17, "time": "2026-10-02T20:30:00+08:00"}` + "\n" +
			"Omitted facts are empty, 0 or false; an omitted age is unknown.\n\n" +
			"Exit codes: 0 allowed; 4 denied; 64 a file has faults.",
		Args: noArgs("use --rules and --facts"),
	}
	cmd.Flags().StringArrayVar(&files, "rules", nil, "a file of rules, or pack:NAME; may be repeated; the packs are "+strings.Join(rules.Packs(), ", "))
	cmd.Flags().StringVar(&facts, "facts", "", "the file of facts, or - for stdin")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		switch {
		case len(files) == 0:
			return usageError("--rules is missing: name a file of rules, or a pack")
		case facts == "":
			return usageError("--facts is missing: name a file of facts, or - for stdin")
		}
		return c.explainPolicy(files, facts, asJSON)
	}
	return cmd
}

func (c *cli) explainPolicy(files []string, source string, asJSON bool) error {
	set, err := rules.Load(files...)
	if err != nil {
		return fileFaults("--rules", err)
	}
	facts, err := c.readFacts(source)
	if err != nil {
		return fileFaults("--facts", err)
	}
	x := set.Explain(facts)
	if asJSON {
		c.out.JSON(viewOf(x))
	} else {
		c.printExplanation(x)
	}
	if !x.Decision.Allowed {
		return exitCode(exitRefused)
	}
	return nil
}

// maxFacts is the largest input of facts from stdin, in bytes. Usual facts have a few hundred.
const maxFacts = 64 << 10

func (c *cli) readFacts(source string) (policy.Facts, error) {
	if source != "-" {
		return rules.LoadFacts(source)
	}
	text, err := c.read("-", maxFacts) // ParseFacts decodes it
	if err != nil || len(text) > maxFacts {
		return policy.Facts{}, inputError(err, "--facts: stdin has more than 64 KiB, or reading it failed")
	}
	return rules.ParseFacts("stdin", text)
}

// explanationView is the JSON of an explanation.
type explanationView struct {
	Allowed     bool               `json:"allowed"`
	Rules       []string           `json:"rules"`
	Reasons     []policy.Reason    `json:"reasons"`
	Obligations policy.Obligations `json:"obligations"`
	Outcomes    []outcomeView      `json:"outcomes"`
}

// outcomeView is the JSON of the outcome of one rule.
type outcomeView struct {
	Rule    string       `json:"rule"`
	File    string       `json:"file"`
	Line    int          `json:"line"`
	Then    rules.Effect `json:"then"`
	Outcome string       `json:"outcome"`
	Decided bool         `json:"decided"`
}

func viewOf(x rules.Explanation) explanationView {
	d := x.Decision
	v := explanationView{d.Allowed, d.Rules, append([]policy.Reason{}, d.Reasons...), d.Obligations, []outcomeView{}}
	for _, o := range x.Outcomes {
		v.Outcomes = append(v.Outcomes, outcomeView{o.Rule, o.File, o.Line, o.Then, outcomeWord(o), slices.Contains(d.Rules, o.Rule)})
	}
	return v
}

// outcomeWord returns the word for the outcome of a rule.
func outcomeWord(o rules.Outcome) string {
	switch {
	case o.Failed:
		return "failed"
	case o.Fired:
		return "fired"
	default:
		return "silent"
	}
}

// printExplanation prints an explanation as text.
func (c *cli) printExplanation(x rules.Explanation) {
	verdict := idv.Text{EN: "denied", ZH: "不允许"}
	if x.Decision.Allowed {
		verdict = idv.Text{EN: "allowed", ZH: "允许"}
	}
	c.out.Linef(idv.Text{EN: "%s, decided by %s", ZH: "%s，由 %s 决定"}.In(c.lang), verdict.In(c.lang), strings.Join(x.Decision.Rules, ", "))
	o := x.Decision.Obligations
	if o.Limited {
		c.field("recipients", "接收方", strings.Join(o.Recipients, ", "))
		if len(o.Recipients) == 0 {
			c.field("recipients", "接收方", idv.Text{EN: "none: no recipient is allowed by all rules", ZH: "无：没有所有规则均允许的接收方"}.In(c.lang))
		}
	}
	if o.NoReuse {
		c.field("reuse", "结果复用", idv.Text{EN: "earlier answers must not be reused", ZH: "不得复用先前结果"}.In(c.lang))
	}
	if o.Review {
		c.field("review", "人工复核", idv.Text{EN: "manual review required", ZH: "结果须先经人工复核"}.In(c.lang))
	}
	rows := [][]string{c.headers("rule 规则", "reason 理由")}
	for _, r := range x.Decision.Reasons {
		rows = append(rows, []string{r.Rule, idv.Text{EN: r.EN, ZH: r.ZH}.In(c.lang)})
	}
	c.section(rows)
	c.printOutcomes(x)
}

func (c *cli) printOutcomes(x rules.Explanation) {
	rows := [][]string{c.headers("rule 规则", "then 效果", "outcome 结果", "decided 决定", "location 位置")}
	for _, o := range x.Outcomes {
		decided := ""
		if slices.Contains(x.Decision.Rules, o.Rule) {
			decided = "✓"
		}
		rows = append(rows, []string{o.Rule, c.code(o.Then.String()), c.code(outcomeWord(o)), decided, fmt.Sprintf("%s:%d", o.File, o.Line)})
	}
	c.section(rows)
}
