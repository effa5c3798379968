package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/pages"
	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// trialView is the JSON of a trial.
type trialView struct {
	Provider     string            `json:"provider"`
	Product      string            `json:"product"`
	Verification *api.Verification `json:"verification,omitempty"` // of a live call
	Reply        *trial.Report     `json:"reply,omitempty"`        // none if no reply came
	Row          *codeView         `json:"code_table,omitempty"`
	Fixture      string            `json:"fixture,omitempty"`

	v *idv.Verification
}

// endTrial writes the recorded reply and prints the trial. The reply was paid for, so it is
// printed also if the file cannot be written.
func (c *cli) endTrial(view trialView, f trialFlags, code int) error {
	var failed error
	if r := view.Reply; r != nil {
		if r.Row != nil {
			view.Row = &rowViews(idv.Descriptor{Codes: []idv.CodeRow{*r.Row}})[0]
		}
		if r.Recorded != nil && f.out != "" {
			if failed = writeNew(f.out, r.Recorded); failed == nil {
				view.Fixture = f.out
			}
		}
	}
	if f.asJSON {
		if view.v != nil {
			v := api.VerificationOf(view.v)
			view.Verification = &v
		}
		c.out.JSON(view)
	} else {
		c.printTrial(view)
	}
	if failed != nil {
		return failed
	}
	return exitCode(code)
}

func (c *cli) printTrial(view trialView) {
	if view.Reply != nil {
		c.printReply(view.Reply)
	} else if view.v != nil {
		c.say("no reply to show: the call broke, or the provider has its own transport. It is not repeated.",
			"没有可显示的应答：调用中断，或供应商插件自带传输。不会再次调用。")
	}
	if view.v != nil {
		for _, a := range view.v.Attempts {
			c.out.Linef("")
			c.field("phase", "阶段", a.Phase)
			c.field("delivery", "送达", a.Delivery.String())
			c.field("charge", "计费", words.Charge(a.Charge).In(c.lang))
			c.field("cost", "费用", c.costText(a.Cost(), a.MaxCost()))
			c.field("reference", "供应商流水号", a.VendorRef)
			c.field("attempt", "调用编号", a.ID)
			c.field("duration", "用时", fmt.Sprintf("%d ms", a.Duration.Milliseconds()))
		}
		c.printSkipped(view.v.Skipped)
	}
	if view.Fixture != "" {
		c.out.Linef("")
		c.field("fixture", "样例", view.Fixture)
	}
}

func (c *cli) printReply(r *trial.Report) {
	c.out.Linef("HTTP %d", r.Status)
	table := func(head string, list []trial.Member) {
		rows := [][]string{c.headers(head, "type 类型", "value 值", "use 用途", "shown 显示")}
		for _, m := range list {
			shown := idv.Text{EN: "made up", ZH: "替代值"}.In(c.lang)
			if m.Shown {
				shown = idv.Text{EN: "as received", ZH: "原值"}.In(c.lang)
			}
			rows = append(rows, []string{m.At, m.Type, m.Value, m.Use, shown})
		}
		c.section(rows)
	}
	table("header 头部", r.Headers)
	table("member 字段", r.Members)
	c.out.Linef("")
	if r.Withheld != "" {
		c.field("body", "应答体", idv.Text{EN: "withheld: ", ZH: "不予显示："}.In(c.lang)+r.Withheld)
	} else if len(r.Members) == 0 {
		c.field("body", "应答体", fmt.Sprintf("%q", r.Body))
	}
	decoded := r.Outcome.Verdict.String()
	if r.Outcome.Failure != "" {
		decoded = r.Outcome.Failure
	}
	c.field("decoded", "解码结果", strings.Join(nonEmpty(decoded, r.Outcome.Field, r.Outcome.Detail), ", "))
	c.field("code", "代码", r.Outcome.Code)
	if r.Row != nil {
		c.field("code table", "代码表", fmt.Sprintf("%s %s: %s, %s: %s (%s)", r.Row.Layer, r.Row.Code, pages.Meaning(*r.Row), pages.Charge(*r.Row).In(c.lang), r.Row.Text, r.Row.Source))
	}
	rows := [][]string{c.headers("finding 发现", "at 位置", "what 说明")}
	for _, one := range r.Findings {
		rows = append(rows, []string{string(one.Kind), one.At, idv.Text{EN: one.EN, ZH: one.ZH}.In(c.lang)})
	}
	c.section(rows)
	if r.Unfit != "" {
		c.out.Linef("")
		c.field("no fixture", "无样例", r.Unfit)
	}
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}
