package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/lint"
)

func newConsentLint(t *tool) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lint FILE|- [--json]", Short: "Find what in a notice conflicts with the law, and what it does not say",
		Long: "Reads a notice in Chinese or English: plain text, Markdown, or a template with its blanks. Each finding names the clause, the\n" +
			"article, and a sentence to write instead. It goes by words and understands no text: no finding is no proof that a notice is\n" +
			"lawful. Better lint templates than letters that are filled in: a finding quotes the clause.\n\n" +
			"Exit codes: 0 nothing found; 1 something was.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "one file with the notice, or - for stdin"),
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		text, err := t.readNotice(args[0])
		if err != nil {
			return err
		}
		found := lint.Lint(string(text))
		if asJSON {
			for i := range found {
				t.out.JSON(viewFinding(&found[i]))
			}
		} else {
			t.printFindings(found)
		}
		if len(found) > 0 {
			return silent(exitFound)
		}
		return nil
	}
	return cmd
}

// maxNotice is how much of a notice is read, in bytes. One that people read has a few
// thousand.
const maxNotice = 256 << 10

// readNotice reads a notice, a template or a file of values.
func (t *tool) readNotice(path string) ([]byte, error) {
	text, err := t.readSigned(path)
	if err == nil && len(text) > maxNotice {
		return nil, usage("the file has more than 256 KiB; is it a notice?")
	}
	return text, err
}

// findingView is a finding as JSON. Line and column are left out if something is missing
// from the whole text.
type findingView struct {
	Rule     string        `json:"rule"`
	Severity lint.Severity `json:"severity"`
	Line     int           `json:"line,omitzero"`
	Column   int           `json:"column,omitzero"`
	Clause   string        `json:"clause,omitzero"`
	Article  textView      `json:"article"`
	Why      textView      `json:"reason"`
	Proposal textView      `json:"proposal"`
}

// textView is a text in both languages as JSON.
type textView struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

func viewText(t idv.Text) textView { return textView{t.ZH, t.EN} }

func viewFinding(f *lint.Finding) findingView {
	return findingView{f.ID, f.Severity, f.Line, f.Column, f.Quote, viewText(f.Article), viewText(f.Why), viewText(f.Proposal)}
}

// in returns a text in the language that was chosen.
func (t *tool) in(text idv.Text) string { return words.Text(text).In(t.lang) }

// printFindings prints where something is, then what to write instead, each rule once.
func (t *tool) printFindings(found []lint.Finding) {
	if len(found) == 0 {
		t.out.Linef("%s", words.Text{
			EN: "nothing found; this is no proof that the notice is lawful", ZH: "未发现问题；这并不证明该文本合法",
		}.In(t.lang))
		return
	}
	rows, advice := [][]string{t.heads("place 位置", "rule 规则", "article 依据", "clause 条款")}, [][]string{t.heads("rule 规则", "reason 原因")}
	var told []string
	for _, f := range found {
		place := fmt.Sprintf("%d:%d", f.Line, f.Column)
		if f.Line == 0 {
			place = words.Text{EN: "missing", ZH: "缺少"}.In(t.lang)
		}
		rows = append(rows, []string{place, f.ID, t.in(f.Article), f.Quote})
		if !slices.Contains(told, f.ID) {
			told = append(told, f.ID)
			advice = append(advice, []string{f.ID, t.in(f.Why)}, []string{"", words.Text{EN: "write: ", ZH: "建议："}.In(t.lang) + t.in(f.Proposal)})
		}
	}
	t.out.Table(rows)
	t.out.Linef("")
	t.out.Table(advice)
	t.out.Linef(words.Text{EN: "\n%d findings, %d rules", ZH: "\n共 %d 处，涉及 %d 条规则"}.In(t.lang), len(found), len(told))
}
