package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// printVerification shows a verification to people.
func (t *tool) printVerification(v idv.Verification) {
	text := words.Verdict(v.Verdict).In(t.lang)
	if v.Reason != "" {
		text += " (" + v.Reason + ")"
	}
	t.out.Linef("%s\n", text)
	t.field("subject", "对象", subjectText(v.Subject))
	t.field("check", "核验项", v.Check.String())
	t.field("document", "证件", strings.TrimSpace(string(v.Document)+"  "+words.Document(v.Document).In(t.lang)))
	t.field("flags", "提示", strings.Join(v.Flags, ", "))
	for _, e := range v.Evidence {
		t.field("evidence", "依据", fmt.Sprintf("%s, %s, %s", e.Type, e.Organization, e.Time.Local().Format(time.DateTime)))
		t.field("source", "数据源", e.Source)
		t.field("reference", "供应商编号", e.CheckID)
	}
	t.printPolicy(v.Basis, v.Rules, v.Review)
	t.field("consent", "同意编号", v.ConsentID)
	if r := v.Reused; r != nil {
		t.field("re-used", "结果复用", fmt.Sprintf(words.Text{
			EN: "nobody was asked: the answer of %s, given at %s, stands until %s", ZH: "未发起调用：沿用 %s 的结果，得出于 %s，有效至 %s",
		}.In(t.lang), r.Verification, r.At.Local().Format(time.DateTime), r.Until.Local().Format(time.DateTime)))
	}
	known, possible := v.Cost()
	t.field("cost", "费用", t.costText(known, possible))
	t.field("id", "编号", v.ID)
	t.field("trace id", "追踪号", v.TraceID)
	t.printAttempts(v.Attempts)
	t.printLeftOut(v.Skipped)
	t.printAdvice(v.NextSteps)
}

// printPolicy shows what a question rests on, and what policy said of it.
func (t *tool) printPolicy(basis string, rules []string, review bool) {
	t.field("legal basis", "法律依据", basis)
	t.field("rules", "规则", strings.Join(rules, ", "))
	if review {
		t.field("review", "人工复核", words.Text{EN: "a person looks at the answer first", ZH: "结果须先经人工复核"}.In(t.lang))
	}
}

// field prints a named value, if there is one.
func (t *tool) field(en, zh, value string) {
	if value != "" {
		t.out.Linef("%s%s", terminal.Pad(words.Text{EN: en, ZH: zh}.In(t.lang), 12), value)
	}
}

func subjectText(s idv.MaskedSubject) string {
	return strings.Join(strings.Fields(strings.Join([]string{s.Name, s.IDNumber, s.Mobile, s.BankCard}, " ")), "  ")
}

// costText says what was paid, and what may turn out to have been.
func (t *tool) costText(known, possible idv.Money) string {
	if known == possible {
		return known.String()
	}
	frame := words.Text{EN: "%s, at most %s once the vendor's bill is there", ZH: "%s，以账单为准最多 %s"}
	return fmt.Sprintf(frame.In(t.lang), known, possible)
}

// costRange is costText for a column: from what is known to what is possible.
func costRange(known, possible idv.Money) string {
	if known == possible {
		return known.String()
	}
	return known.Amount() + " … " + possible.String()
}

func (t *tool) printAttempts(attempts []idv.Attempt) {
	rows := [][]string{t.heads("attempt 调用", "outcome 结果", "code 代码", "sent 送达", "charge 计费", "cost 费用", "took 用时")}
	for _, a := range attempts {
		outcome := a.Verdict.String()
		if a.Failed {
			outcome = a.Failure.String()
		}
		rows = append(rows, []string{
			a.Provider, outcome, a.VendorCode, a.Delivery.String(), words.Charge(a.Charge).In(t.lang), costRange(a.Cost(), a.MaxCost()),
			a.Duration.Round(100 * time.Microsecond).String(),
		})
	}
	t.section(rows)
}

func (t *tool) printLeftOut(list []idv.Skipped) {
	rows := [][]string{t.heads("skipped 未调用", "reason 原因", "until 直到")}
	for _, l := range list {
		until := ""
		if !l.Until.IsZero() {
			until = l.Until.Local().Format(time.DateTime)
		}
		rows = append(rows, []string{l.Provider, string(l.Reason) + ": " + words.Why(l.Reason).In(t.lang), until})
	}
	t.section(rows)
}

func (t *tool) printAdvice(steps []idv.Advice) {
	rows := [][]string{t.heads("next 下一步", " ")}
	for _, s := range steps {
		rows = append(rows, []string{s.Code, words.Text{EN: s.EN, ZH: s.ZH}.In(t.lang)})
	}
	t.section(rows)
}

// heads makes a header row of "english 中文" pairs.
func (t *tool) heads(pairs ...string) []string {
	var row []string
	for _, pair := range pairs {
		en, zh, _ := strings.Cut(pair, " ")
		row = append(row, strings.ReplaceAll(words.Text{EN: en, ZH: zh}.In(t.lang), "_", " "))
	}
	return row
}

// section prints a table after an empty line, if it has more than its header.
func (t *tool) section(rows [][]string) {
	if len(rows) > 1 {
		t.out.Linef("")
		t.out.Table(rows)
	}
}

// printPlan shows whom a request would ask. Its exit code says whether there is
// anybody.
func (t *tool) printPlan(plan idv.Plan, asJSON bool) error {
	code := exitDone
	if len(plan.Steps) == 0 {
		code = exitNoVerdict
	}
	if asJSON {
		t.out.JSON(api.PlanOf(&plan))
		return silent(code)
	}
	rows := [][]string{t.heads("order 顺序", "provider 供应商", "trial 试探")}
	for i, s := range plan.Steps {
		trial := ""
		if s.Trial {
			trial = words.Text{EN: "one call finds out whether it is back", ZH: "以一次调用试探是否恢复"}.In(t.lang)
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), s.Provider, trial})
	}
	t.out.Linef(words.Text{
		EN: "at most %d calls for one verification; the first answer is final", ZH: "每次核验最多 %d 次调用；首个应答即为最终结果",
	}.In(t.lang), plan.MaxAttempts)
	if len(plan.Steps) == 0 {
		t.out.Linef("%s", words.Text{EN: "nobody would be asked", ZH: "当前没有可询问的供应商"}.In(t.lang))
	}
	t.section(rows)
	t.printLeftOut(plan.Skipped)
	if plan.Basis != "" || len(plan.Rules) > 0 || plan.Review {
		t.out.Linef("")
		t.printPolicy(plan.Basis, plan.Rules, plan.Review)
	}
	return silent(code)
}
