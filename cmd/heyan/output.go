package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// printVerification prints a verification as text.
func (c *cli) printVerification(v idv.Verification) {
	text := words.Verdict(v.Verdict).In(c.lang)
	if v.Reason != "" {
		text += fmt.Sprintf(idv.Text{EN: " (%s)", ZH: "，原因：%s"}.In(c.lang), c.code(string(v.Reason)))
	}
	c.out.Linef("%s\n", text)
	c.field("subject", "对象", subjectText(v.Subject))
	c.field("check", "核验项", c.code(v.Check.String()))
	document := words.Document(v.Document).In(c.lang)
	if v.Document != idv.DocumentUnknown {
		document = fmt.Sprintf(idv.Text{EN: "%[1]s  %[2]s", ZH: "%[2]s（%[1]s）"}.In(c.lang), v.Document, document)
	}
	c.field("document", "证件", document)
	c.field("fields", "要素比对", c.fieldsText(v.Check, v.Fields))
	c.field("flags", "提示", strings.Join(v.Flags, ", "))
	for _, e := range v.Evidence {
		c.field("evidence", "依据", fmt.Sprintf("%s, %s, %s", c.code(e.Type), e.Organization, e.Time.Local().Format(idv.ZonedTime)))
		c.field("source", "数据源", e.Source)
		c.field("reference", "供应商流水号", e.CheckID)
	}
	c.printPolicy(v.Basis, v.Rules, v.Review)
	c.field("consent", "同意编号", v.ConsentID)
	if r := v.Reused; r != nil {
		c.field("reused", "结果复用", fmt.Sprintf(idv.Text{
			EN: "no call was made: the answer of %s from %s is valid until %s", ZH: "未发起调用：沿用 %s 的结果，得出于 %s，有效至 %s",
		}.In(c.lang), r.Verification, r.At.Local().Format(idv.ZonedTime), r.Until.Local().Format(idv.ZonedTime)))
	}
	c.field("second of", "复核对象", v.SecondOf)
	known, possible := v.Cost()
	c.field("cost", "费用", c.costText(known, possible))
	c.field("id", "编号", v.ID)
	c.field("trace id", "追踪号", v.TraceID)
	c.printAttempts(v.Attempts)
	c.printSkipped(v.Skipped)
	c.printAdvice(v.NextSteps)
	if v.Reason != "" && v.Reason != idv.ReasonOf(idv.FailureUnknown) { // the one who runs the command is the operator
		c.field("operator", "运营方处理", v.Reason.Failure().Help().Remedy.In(c.lang))
	}
}

// fieldsText says how each claim of a check compares, "" if the vendor does not say.
func (c *cli) fieldsText(check idv.Check, f idv.Fields) string {
	if f.IsZero() {
		return ""
	}
	var list []string
	for _, claim := range check.Claims().List() {
		list = append(list, c.code(claim.String())+": "+c.code(f[claim].String()))
	}
	return strings.Join(list, ", ")
}

// printPolicy prints the legal basis and the decision of policy.
func (c *cli) printPolicy(basis idv.Basis, rules []string, review bool) {
	c.field("legal basis", "法律依据", c.code(string(basis)))
	c.field("rules", "规则", strings.Join(rules, ", "))
	if review {
		c.field("review", "人工复核", idv.Text{EN: "manual review required", ZH: "结果须先经人工复核"}.In(c.lang))
	}
}

// field prints a named value unless it is empty.
func (c *cli) field(en, zh, value string) {
	if value == "" {
		return
	}
	width := 12 // for the longest English name and a space
	if c.lang == words.ZH {
		width = 14
	}
	c.out.Linef("%s%s", terminal.Pad(idv.Text{EN: en, ZH: zh}.In(c.lang), width), value)
}

func subjectText(s idv.MaskedSubject) string {
	return strings.Join(strings.Fields(strings.Join([]string{s.Name, s.IDNumber, s.Mobile, s.BankCard}, " ")), "  ")
}

// costText returns the known cost, and the maximum if some charges are unknown.
func (c *cli) costText(known, possible idv.Money) string {
	if known == possible {
		return known.String()
	}
	frame := idv.Text{EN: "%s, up to %s depending on the vendor's bill", ZH: "%s，以账单为准最多 %s"}
	return fmt.Sprintf(frame.In(c.lang), known, possible)
}

// costRange is costText for a table column: known … maximum.
func costRange(known, possible idv.Money) string {
	if known == possible {
		return known.String()
	}
	return known.Amount() + " … " + possible.String()
}

func (c *cli) printAttempts(attempts []idv.Attempt) {
	rows := [][]string{c.headers("attempt 调用", "outcome 结果", "code 代码", "delivery 送达", "charge 计费", "cost 费用", "duration 用时")}
	for _, a := range attempts {
		outcome := a.Verdict.String()
		if a.Failed {
			outcome = a.Failure.String()
		}
		rows = append(rows, []string{
			a.Provider, c.code(outcome), a.VendorCode, c.code(a.Delivery.String()), words.Charge(a.Charge).In(c.lang), costRange(a.Cost(), a.MaxCost()),
			a.Duration.Round(100 * time.Microsecond).String(),
		})
	}
	c.section(rows)
}

func (c *cli) printSkipped(list []idv.Skipped) {
	rows := [][]string{c.headers("skipped 未调用", "reason 原因", "until 直到")}
	for _, l := range list {
		until := ""
		if !l.Until.IsZero() {
			until = l.Until.Local().Format(idv.ZonedTime)
		}
		frame, reason := idv.Text{EN: "%[1]s: %[2]s", ZH: "%[2]s（%[1]s）"}, words.SkipReason(l.Reason)
		rows = append(rows, []string{l.Provider, fmt.Sprintf(frame.In(c.lang), l.Reason, reason.In(c.lang)), until})
	}
	c.section(rows)
}

func (c *cli) printAdvice(steps []idv.Advice) {
	rows := [][]string{c.headers("next_step 下一步", " ")}
	for _, s := range steps {
		text := idv.Text{EN: s.EN, ZH: s.ZH}
		if s.Date != "" {
			text.EN, text.ZH = text.EN+" Not before "+s.Date+".", text.ZH+"不早于 "+s.Date+"。"
		}
		if !s.At.IsZero() {
			text.EN, text.ZH = text.EN+" From "+shortTime(s.At)+" (UTC+8)", text.ZH+"预计恢复时间："+shortTime(s.At)+" (UTC+8)"
		}
		rows = append(rows, []string{s.Code, text.In(c.lang)})
	}
	c.section(rows)
}

// say prints a line in the selected language.
func (c *cli) say(en, zh string) { c.out.Linef("%s", idv.Text{EN: en, ZH: zh}.In(c.lang)) }

// code returns a code for a table or a field: as it is in English, 中文（code） in Chinese.
func (c *cli) code(code string, details ...string) string {
	return words.Code(code, c.lang, details...)
}

// codes returns a list of codes.
func codes[T ~string](c *cli, list []T) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, c.code(string(one)))
	}
	return strings.Join(texts, idv.Text{EN: ", ", ZH: "、"}.In(c.lang))
}

// headers returns a header row from "english 中文" pairs; "_" stands for a space.
func (c *cli) headers(pairs ...string) []string {
	var row []string
	for _, pair := range pairs {
		en, zh, _ := strings.Cut(pair, " ")
		row = append(row, strings.ReplaceAll(idv.Text{EN: en, ZH: zh}.In(c.lang), "_", " "))
	}
	return row
}

// section prints a table after an empty line, unless it has only a header.
func (c *cli) section(rows [][]string) {
	if len(rows) > 1 {
		c.out.Linef("")
		c.out.Table(rows)
	}
}

// printPlan prints the providers that a request would call. The exit code is
// exitNoVerdict if there are none.
func (c *cli) printPlan(plan idv.Plan, asJSON bool) error {
	code := exitDone
	if len(plan.Steps) == 0 {
		code = exitNoVerdict
	}
	if asJSON {
		c.out.JSON(api.PlanOf(&plan))
		return exitCode(code)
	}
	rows := [][]string{c.headers("order 顺序", "provider 供应商", "trial 试探")}
	for i, s := range plan.Steps {
		trial := ""
		if s.Trial {
			trial = idv.Text{EN: "one call checks whether it has recovered", ZH: "以一次调用试探是否恢复"}.In(c.lang)
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), s.Provider, trial})
	}
	en, zh := "the first answer is final", "首个应答即为最终结果"
	if plan.SecondOpinion {
		en, zh = en+", but after no_record another recipient may be called", zh+"，但库无时可再调用另一接收方"
	}
	c.say("at most "+idv.Count(plan.MaxAttempts, "call")+" per verification; "+en, fmt.Sprintf("每次核验最多 %d 次调用；%s", plan.MaxAttempts, zh))
	if len(plan.Steps) == 0 {
		c.out.Linef("%s", idv.Text{EN: "no provider available", ZH: "当前没有可调用的供应商"}.In(c.lang))
	}
	c.section(rows)
	c.printSkipped(plan.Skipped)
	if plan.Basis != "" || len(plan.Rules) > 0 || plan.Review {
		c.out.Linef("")
		c.printPolicy(plan.Basis, plan.Rules, plan.Review)
	}
	return exitCode(code)
}

// refusal is the JSON of a request that was refused before any call.
type refusal struct {
	Failure string          `json:"failure"`
	Field   string          `json:"field,omitempty"`
	Rule    string          `json:"rule,omitempty"` // the first of Rules, or the local rule of a claim
	Message string          `json:"message"`
	Rules   []policy.Reason `json:"rules,omitempty"`               // the policy rules that denied it
	Retry   int64           `json:"retry_after_seconds,omitempty"` // when the request may be repeated
}

// refused prints a request that ended without a verification. The exit code is 4 if the
// request is invalid or denied, and 70 for an internal error.
func (c *cli) refused(err error, asJSON bool) error {
	frame := idv.Text{EN: "refused before any call, at no cost (%s): %s", ZH: "未发起任何调用，未产生费用（%s）：%s"}
	e := idv.AsError(err)
	if e.Delivery != idv.NotSent {
		frame = idv.Text{EN: "no result (%s): %s", ZH: "没有结果（%s）：%s"}
	}
	return c.printRefusal(err, frame, flagOf(e.Field), asJSON)
}

// printRefusal prints a refusal as JSON, or as text in a frame with two verbs: where and
// why. The flag is the one that sets the invalid field.
func (c *cli) printRefusal(err error, frame idv.Text, flag string, asJSON bool) error {
	p := engine.ProblemOf(err)
	code := refusalCode(p.Failure)
	message := c.refusalText(idv.AsError(err), p.Reasons)
	if asJSON {
		rule := ""
		if len(p.Rules) > 0 {
			rule = p.Rules[0]
		}
		retry := int64((p.RetryAfter + time.Second - 1) / time.Second)
		c.out.JSON(map[string]refusal{"error": {p.Failure.String(), p.Field.String(), rule, message, p.Reasons, retry}})
		return exitCode(code)
	}
	where := p.Failure.String()
	for _, part := range append([]string{flag}, p.Rules...) {
		if part != "" {
			where += ", " + part
		}
	}
	if p.RetryAfter > 0 {
		message += fmt.Sprintf(idv.Text{EN: " Retry in %s.", ZH: "%s后可重试。"}.In(c.lang), p.RetryAfter.Round(time.Second))
	}
	return &exitError{code: code, err: fmt.Errorf(frame.In(c.lang), where, message)}
}

// refusalCode returns 4 if the request or a limit is the cause, else 70.
func refusalCode(f idv.Failure) int {
	switch f {
	case idv.InvalidInput, idv.Unsupported, idv.Denied, idv.SubjectLimited, idv.Throttled, idv.QuotaExhausted:
		return exitRefused
	default:
		return exitInternal
	}
}

// refusalText returns the cause and the remedy: from the policy rules that denied, from the
// local rule that failed, or else from the failure.
func (c *cli) refusalText(e *idv.Error, reasons []policy.Reason) string {
	if len(reasons) > 0 {
		return c.reasonTexts(e, reasons)
	}
	if help := identity.Reason(e.Code).HelpFor(e.Field); e.Failure == idv.InvalidInput && e.Origin == idv.OriginEngine && help.Cause.EN != "" {
		return idv.Text{
			EN: help.Cause.EN + " " + help.Remedy.EN,
			ZH: help.Cause.ZH + help.Remedy.ZH,
		}.In(c.lang)
	}
	if e.Failure == idv.InvalidInput && e.Origin == idv.OriginCaller && e.Detail != "" {
		return idv.Text{EN: e.Detail, ZH: textRule(e)}.In(c.lang)
	}
	help := e.Failure.Help()
	return idv.Text{EN: help.Cause.EN + " " + help.Remedy.EN, ZH: help.Cause.ZH + help.Remedy.ZH}.In(c.lang)
}

// textRule returns in Chinese what is wrong with a text that cannot be kept, or the detail
// of an error that is none of a text.
func textRule(e *idv.Error) string {
	switch e.Code {
	case "charset":
		return "含有无法保存的字符（控制字符、双向或不可见字符，或编码不是 UTF-8），请去掉该字符后在一行内重新输入。"
	case "empty":
		return "只有空格或不可见字符，请填写内容，或不填此项。"
	case "length":
		return "过长，请缩短。"
	}
	return e.Detail
}

// reasonTexts joins the reasons. For an incomplete consent it adds the detail, which names
// the missing parts.
func (c *cli) reasonTexts(e *idv.Error, reasons []policy.Reason) string {
	var texts []string
	for _, r := range reasons {
		texts = append(texts, idv.Text{EN: r.EN, ZH: r.ZH}.In(c.lang))
	}
	if e.Code == consent.RulePrefix+string(consent.Incomplete) {
		texts = append(texts, e.Detail)
	}
	return strings.Join(texts, " ")
}

// flagOf returns the name of a field with the flag that sets it.
func flagOf(f idv.Field) string {
	switch f {
	case idv.NoField:
		return ""
	case idv.FieldIDNumber:
		return "id_number (--id)"
	case idv.FieldConsentID:
		return "consent_id (--consent)"
	default:
		return f.String() + " (--" + strings.ReplaceAll(f.String(), "_", "-") + ")"
	}
}

// checkList lists the checks for help texts and errors.
func checkList() string {
	var list []string
	for _, c := range idv.Checks() {
		list = append(list, c.String())
	}
	return strings.Join(list, ", ")
}

// outputFormat is the format of a list: a table unless one of the flags is set.
type outputFormat struct{ json, csv bool }

func (f *outputFormat) add(cmd *cobra.Command) {
	jsonFlag(cmd, &f.json)
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print CSV; text that a spreadsheet would read as a formula gets an apostrophe")
}

func (f outputFormat) check() error {
	if f.json && f.csv {
		return usageError("--csv: cannot be combined with --json")
	}
	return nil
}

// table reports whether the list is a table.
func (f outputFormat) table() bool { return !f.json && !f.csv }

// listing prints a list row by row, so that a long list needs little memory.
type listing struct {
	out     *terminal.Printer
	format  outputFormat
	headers []string // of the table
	coded   []bool   // the columns of the table that hold codes
	lang    words.Lang
	csv     *csvfile.Writer
	rows    [][]string
	count   int
}

// listing starts a list on stdout. The headers are "english 中文" pairs. A CSV always has
// the English ones, since programs read them.
func (c *cli) listing(f outputFormat, heads ...string) *listing {
	l := listingTo(c.out, f, false)
	l.headers, l.lang = c.headers(heads...), c.lang
	for _, pair := range heads {
		name, _, _ := strings.Cut(pair, " ")
		l.coded = append(l.coded, slices.Contains(codeColumns(), name))
	}
	l.begin(heads)
	return l
}

// codeColumns returns the columns of lists that hold codes of heyan. In CSV they stay as they are.
func codeColumns() []string {
	return []string{"charge", "delivery", "from", "outcome", "reason", "role", "state", "to"}
}

// listingTo makes a list. With mark, a CSV starts with a byte order mark.
func listingTo(out *terminal.Printer, f outputFormat, mark bool) *listing {
	l := &listing{out: out, format: f}
	if f.csv {
		l.csv = csvfile.NewWriter(out, mark)
	}
	return l
}

// begin writes the header line of a CSV.
func (l *listing) begin(heads []string) {
	if l.csv == nil {
		return
	}
	var names []string
	for _, pair := range heads {
		word, _, _ := strings.Cut(pair, " ")
		names = append(names, word)
	}
	l.csv.Head(names...)
}

// line prints one row: the view as JSON, or the cells. It returns the write error, so that
// a caller can stop reading a long list.
func (l *listing) line(view any, cells ...csvfile.Cell) error {
	l.count++
	switch {
	case l.format.json:
		l.out.JSON(view)
	case l.format.csv:
		l.csv.Row(cells)
	default:
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = c.Plain()
			if i < len(l.coded) && l.coded[i] {
				row[i] = words.Code(row[i], l.lang)
			}
		}
		l.rows = append(l.rows, row)
		if len(l.rows) >= ledger.MaxPage {
			l.table()
		}
	}
	return internalError(l.out.Err())
}

// table prints the collected rows under the headers.
func (l *listing) table() {
	if len(l.rows) > 0 {
		l.out.Table(append([][]string{l.headers}, l.rows...))
	}
	l.rows = nil
}

// end prints the remaining rows. A table without rows prints the text of nothing.
func (l *listing) end(nothing string) error {
	switch {
	case l.format.csv:
		return internalError(l.csv.Flush())
	case l.format.table() && l.count == 0:
		l.out.Linef("%s", nothing)
	default:
		l.table()
	}
	return internalError(l.out.Err())
}
