package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/rules"
)

func newPolicyExplain(t *tool) *cobra.Command {
	var files []string
	var facts string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain --rules FILE [--rules FILE]... --facts FILE",
		Short: "Print which rules fire for given facts and which of them decide; asks nobody",
		Long: "Decides by the code that the daemon uses. Facts are YAML or JSON by the names that conditions use, as\n" +
			`  {"tenant": "acme", "age": 17, "time": "2026-10-02T20:30:00+08:00"}` + "\n" +
			"What is left out is empty, 0 or false, and the age not known.\n\n" +
			"Exit codes: 0 allowed; 4 denied; 64 a file cannot be used, and why.",
		Args: noArgs("--rules and --facts name the files"),
	}
	cmd.Flags().StringArrayVar(&files, "rules", nil, "a file of rules, or pack:NAME; may be given more than once: "+strings.Join(rules.Packs(), ", "))
	cmd.Flags().StringVar(&facts, "facts", "", "the file of facts, or - for stdin")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		switch {
		case len(files) == 0:
			return usage("--rules is missing; name a file of rules, or a pack")
		case facts == "":
			return usage("--facts is missing; name a file of facts, or - for stdin")
		}
		return t.explainPolicy(files, facts, asJSON)
	}
	return cmd
}

func (t *tool) explainPolicy(files []string, source string, asJSON bool) error {
	set, err := rules.Load(files...)
	if err != nil {
		return ruleFaults("--rules", err)
	}
	facts, err := t.readFacts(source)
	if err != nil {
		return ruleFaults("--facts", err)
	}
	x := set.Explain(facts)
	if asJSON {
		t.out.JSON(viewOf(x))
	} else {
		t.printExplanation(x)
	}
	if !x.Decision.Allowed {
		return silent(exitRefused)
	}
	return nil
}

// maxFacts bounds the facts that are read from stdin, in bytes. They are a few
// hundred.
const maxFacts = 64 << 10

func (t *tool) readFacts(source string) (policy.Facts, error) {
	if source != "-" {
		return rules.LoadFacts(source)
	}
	text, err := io.ReadAll(io.LimitReader(t.stdin, maxFacts+1))
	if err != nil || len(text) > maxFacts {
		return policy.Facts{}, usage("--facts: stdin cannot be read to its end, or is no file of facts")
	}
	return rules.ParseFacts("stdin", text)
}

// explanationView is an explanation as JSON.
type explanationView struct {
	Allowed     bool               `json:"allowed"`
	Rules       []string           `json:"rules"`
	Reasons     []policy.Reason    `json:"reasons"`
	Obligations policy.Obligations `json:"obligations"`
	Outcomes    []outcomeView      `json:"outcomes"`
}

// outcomeView is what came of one rule as JSON.
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

// outcomeWord names what came of a rule.
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

// printExplanation shows an explanation to people.
func (t *tool) printExplanation(x rules.Explanation) {
	verdict := words.Text{EN: "denied", ZH: "不允许"}
	if x.Decision.Allowed {
		verdict = words.Text{EN: "allowed", ZH: "允许"}
	}
	t.out.Linef(words.Text{EN: "%s, decided by %s", ZH: "%s，由 %s 决定"}.In(t.lang), verdict.In(t.lang), strings.Join(x.Decision.Rules, ", "))
	o := x.Decision.Obligations
	if o.Limited {
		t.field("recipients", "接收方", strings.Join(o.Recipients, ", "))
		if len(o.Recipients) == 0 {
			t.field("recipients", "接收方", words.Text{EN: "nobody: no recipient is permitted by all rules", ZH: "无：没有各规则均允许的接收方"}.In(t.lang))
		}
	}
	if o.NoReuse {
		t.field("re-use", "结果复用", words.Text{EN: "no earlier answer may be used again", ZH: "不得复用先前结果"}.In(t.lang))
	}
	if o.Review {
		t.field("review", "人工复核", words.Text{EN: "a person looks at the answer first", ZH: "结果须先经人工复核"}.In(t.lang))
	}
	rows := [][]string{t.heads("reason_of 理由", " ")}
	for _, r := range x.Decision.Reasons {
		rows = append(rows, []string{r.Rule, words.Text{EN: r.EN, ZH: r.ZH}.In(t.lang)})
	}
	t.section(rows)
	t.printOutcomes(x)
}

func (t *tool) printOutcomes(x rules.Explanation) {
	rows := [][]string{t.heads("rule 规则", "then 效果", "outcome 结果", "decided 决定", "place 位置")}
	for _, o := range x.Outcomes {
		decided := ""
		if slices.Contains(x.Decision.Rules, o.Rule) {
			decided = "✓"
		}
		rows = append(rows, []string{o.Rule, o.Then.String(), outcomeWord(o), decided, fmt.Sprintf("%s:%d", o.File, o.Line)})
	}
	t.section(rows)
}
