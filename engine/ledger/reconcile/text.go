package reconcile

import (
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// mostLines is the maximum number of windows in the text; the CSV file has all.
const mostLines = 100

// writer formats a report in one language.
type writer struct {
	strings.Builder
	lang string
}

func (w *writer) line(t idv.Text, values ...any) {
	fmt.Fprintf(&w.Builder, t.In(w.lang)+"\n", values...)
}

// Text returns the report as text: the totals, the differences and what to do. The
// language is chosen by idv.Text.In. Times are in China Standard Time.
func (r Report) Text(lang string) string {
	w := &writer{lang: lang}
	if t := r.Totals; t.Lines == 0 && t.Calls > 0 {
		w.line(idv.Text{
			EN: "The statement has no lines in this period, but the ledger has calls from %s to %s (UTC+8): %d, of which %d charged and %d of unknown charge.\n" +
				"Export the statement of this period and of this account again, or ask the vendor. No call is settled.",
			ZH: "用量明细在该期间内没有记录，但账本有 %s 至 %s（东八区时间）的调用 %d 次，其中已计费 %d 次、计费状态未知 %d 次。\n" +
				"请重新导出该账户该期间的用量明细，或询问供应商。所有调用均未入账。",
		}, stamp(r.From), stamp(r.To), t.Calls, t.Charged, t.Unknown)
		return w.String()
	}
	if r.Totals.Lines == 0 {
		w.line(idv.Text{EN: "The statement has no lines in this period, so there is nothing to compare with.", ZH: "用量明细在该期间内没有记录，无法对账。"})
		return w.String()
	}
	w.head(r)
	w.differences(r.Differences)
	w.foreign(r.Foreign)
	w.codes(r.Codes)
	w.holds(r)
	return w.String()
}

func (w *writer) head(r Report) {
	t := r.Totals
	w.line(idv.Text{EN: "Reconciliation %s – %s (UTC+8)", ZH: "对账 %s – %s（东八区时间）"}, stamp(r.From), stamp(r.To))
	w.line(idv.Text{EN: "  the vendor billed        %8d", ZH: "  供应商计费            %8d"}, t.Billed)
	w.line(idv.Text{EN: "  the ledger charged       %8d", ZH: "  账面已计费            %8d"}, t.Charged)
	w.line(idv.Text{EN: "  difference               %+8d", ZH: "  差额                  %+8d"}, t.Billed-t.Charged)
	for _, c := range t.ByCause {
		w.line(idv.Text{EN: "    %+8d  %s; places: %d", ZH: "    %+8d  %s，%d 处"}, c.Units, c.Cause.words().In(w.lang), c.Parts)
	}
	w.line(idv.Text{EN: "  calls of unknown charge  %8d", ZH: "  计费状态未知的调用    %8d"}, t.Unknown)
	if r.ClockOffset != 0 {
		w.line(idv.Text{EN: "  the vendor's clock is %+.0f s ahead of ours; the comparison corrects for it", ZH: "  供应商时钟比本系统快 %+.0f 秒，对账时已校正"}, r.ClockOffset)
	}
	if t.Skipped > 0 || t.Outside > 0 {
		w.line(idv.Text{EN: "  skipped outside the period: lines %d, calls %d", ZH: "  未计入：期间外的 %d 行与 %d 次调用"}, t.Skipped, t.Outside)
	}
}

func (w *writer) differences(list []Difference) {
	w.line(idv.Text{EN: "\nUnexplained differences", ZH: "\n未能解释的差异"})
	n := 0
	for _, d := range list {
		if !d.Alarming() {
			continue
		}
		if n++; n <= mostLines {
			w.difference(d)
		}
	}
	switch {
	case n == 0:
		w.line(idv.Text{EN: "  none; every window matches", ZH: "  无；每个时间窗均已对平"})
	case n > mostLines:
		w.line(idv.Text{EN: "  further windows: %d; the CSV file lists all", ZH: "  另有 %d 个时间窗；完整清单见 CSV"}, n-mostLines)
	}
}

func (w *writer) difference(d Difference) {
	w.line(idv.Text{EN: "  %s – %s  billed %d, charged in the ledger %d", ZH: "  %s – %s  计费 %d，账面 %d"},
		stamp(d.From), d.To.In(idv.China()).Format(time.TimeOnly), d.Billed, d.Charged)
	for _, p := range d.Parts {
		detail := ""
		if p.Code != "" {
			detail = " " + p.Code
		}
		w.line(idv.Text{EN: "    %+d  %s%s", ZH: "    %+d  %s%s"}, p.Units, p.Cause.words().In(w.lang), detail)
	}
	if len(d.Serials) == 0 {
		w.line(idv.Text{EN: "    the statement has no line for this window", ZH: "    用量明细中没有该时间窗的记录"})
	}
}

func (w *writer) foreign(f Foreign) {
	if f.Windows == 0 {
		return
	}
	w.line(idv.Text{EN: "\nBilled beyond the calls by heyan", ZH: "\n超出本系统调用的计费"})
	w.line(idv.Text{EN: "  calls: %d; windows: %d, of which %d without a call by heyan; %s – %s, %.1f per day", ZH: "  %d 次，涉及 %d 个时间窗，其中 %d 个本系统无调用；%s – %s，日均 %.1f 次"},
		f.Units, f.Windows, f.IdleWindows, stamp(f.First), stamp(f.Last), f.PerDay)
	w.line(idv.Text{EN: "  %s", ZH: "  %s"}, f.Pattern.words().In(w.lang))
}

func (w *writer) codes(list []Learned) {
	w.line(idv.Text{EN: "\nBilled codes", ZH: "\n各返回码的计费情况"})
	for _, c := range list {
		w.line(idv.Text{EN: "  %s %s: %s (confidence %.3f; windows for: %d, against: %d; calls: %d)", ZH: "  %s %s：%s（置信度 %.3f；支持 %d 个时间窗，相反 %d 个；共 %d 次调用）"},
			deliveryWords(c.Delivery).In(w.lang), c.Code, chargeWords(c.Charge).In(w.lang), c.Confidence, c.Windows, c.Against, c.Calls)
		if !c.Since.IsZero() {
			w.line(idv.Text{EN: "    since %s; the opposite before", ZH: "    自 %s 起；此前相反"}, stamp(c.Since))
		}
		if c.Contradicts() {
			w.line(idv.Text{EN: "    the ledger assumes the opposite; correct the code table", ZH: "    与账面假设相反：请更正码表"})
		}
	}
}

func (w *writer) holds(r Report) {
	count := map[idv.Charge]int{}
	for _, p := range r.Proposals {
		count[p.Charge]++
	}
	left, doubts := 0, map[Doubt]int{}
	for _, u := range r.Unsettled {
		left += len(u.Attempts)
		doubts[u.Reason] += len(u.Attempts)
	}
	w.line(idv.Text{EN: "\nCalls of unknown charge", ZH: "\n计费状态未知的调用"})
	w.line(idv.Text{EN: "  settle as charged %d, as not charged %d; leave unknown %d", ZH: "  建议记为已计费 %d，记为未计费 %d；暂不处理 %d"}, count[idv.Charged], count[idv.NotCharged], left)
	for _, d := range []Doubt{DoubtBetween, DoubtEdge, DoubtNoise} {
		if doubts[d] > 0 {
			w.line(idv.Text{EN: "    %d: %s", ZH: "    %d：%s"}, doubts[d], d.words().In(w.lang))
		}
	}
}

func (c Cause) words() idv.Text {
	switch c {
	case ClockEdge:
		return idv.Text{EN: "billed in the neighboring window (the two cancel out)", ZH: "计入相邻时间窗（两窗相抵）"}
	case UnknownOutcome:
		return idv.Text{EN: "calls without an answer were billed", ZH: "未收到应答的调用已计费"}
	case BilledCode:
		return idv.Text{EN: "a code is billed differently than the ledger assumes", ZH: "返回码的计费与账面不符"}
	case ForeignUse:
		return idv.Text{EN: "billed, but not called by heyan", ZH: "已计费，但并非本系统所调用"}
	}
	return idv.Text{EN: "called by heyan, but not billed", ZH: "本系统已调用，但未计费"}
}

func (p Pattern) words() idv.Text {
	switch p {
	case PatternIsolated:
		return idv.Text{
			EN: "One or two windows only: the vendor more likely miscounted than the app code is used elsewhere.",
			ZH: "仅一两个时间窗：更可能是供应商计数偏差，而非 AppCode 被他人使用。",
		}
	case PatternBalanced:
		return idv.Text{
			EN: "About as many windows were billed too low: the vendor more likely miscounted than the app code is used elsewhere.",
			ZH: "少计的时间窗数量相近：更可能是计数误差，而非 AppCode 被他人使用。",
		}
	case PatternRepeated:
		return idv.Text{
			EN: "It recurs: the app code may be used elsewhere. Look for a forgotten program of your own, then renew the app code.",
			ZH: "多次出现：AppCode 可能被他人使用。请先排查遗漏的程序，再更换 AppCode。",
		}
	case PatternSteady:
		return idv.Text{
			EN: "It is steady: the app code is used elsewhere. Look for a forgotten program of your own, then renew the app code.",
			ZH: "持续出现：AppCode 正被他人使用。请先排查遗漏的程序，再更换 AppCode。",
		}
	}
	return idv.Text{EN: "None.", ZH: "无。"}
}

func (d Doubt) words() idv.Text {
	switch d {
	case DoubtBetween:
		return idv.Text{EN: "some calls of the window were billed and some were not", ZH: "部分计费、部分未计费，无法区分"}
	case DoubtEdge:
		return idv.Text{EN: "a call at the edge of the window explains the count equally well", ZH: "时间窗边缘的调用同样可以解释该计数"}
	}
	return idv.Text{EN: "too many windows nearby differ to prove anything", ZH: "附近时间窗的计数偏差过多，证据不足"}
}

func chargeWords(c idv.Charge) idv.Text {
	switch c {
	case idv.Charged:
		return idv.Text{EN: "billed", ZH: "计费"}
	case idv.NotCharged:
		return idv.Text{EN: "not billed", ZH: "不计费"}
	}
	return idv.Text{EN: "undecided", ZH: "尚不能确定"}
}

func deliveryWords(d idv.Delivery) idv.Text {
	switch d {
	case idv.Answered:
		return idv.Text{EN: "code", ZH: "返回码"}
	case idv.RefusedByGateway:
		return idv.Text{EN: "gateway code", ZH: "网关返回码"}
	}
	return idv.Text{EN: "no answer", ZH: "未收到应答"}
}
