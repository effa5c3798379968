package reconcile

import (
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// mostLines is how many windows the text shows; the CSV has them all.
const mostLines = 100

// writer writes a report in one language.
type writer struct {
	strings.Builder
	lang string
}

func (w *writer) line(t text, values ...any) {
	fmt.Fprintf(&w.Builder, t.in(w.lang)+"\n", values...)
}

// Text returns the report for people: what adds up, what does not, and what to do.
// The language is "zh" or, for everything else, English. Times are the vendor's.
func (r Report) Text(lang string) string {
	w := &writer{lang: lang}
	if r.Totals.Windows == 0 {
		w.line(text{"The export has no lines in this period; there is nothing to compare with.", "导出文件在该期间内没有记录，无从对账。"})
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
	w.line(text{"Reconciliation %s – %s (UTC+8)", "对账 %s – %s（东八区时间）"}, stamp(r.From), stamp(r.To))
	w.line(text{"  the vendor billed        %8d", "  供应商计费            %8d"}, t.Billed)
	w.line(text{"  the book says            %8d", "  账面已计费            %8d"}, t.Charged)
	w.line(text{"  difference               %+8d", "  差额                  %+8d"}, t.Billed-t.Charged)
	for _, c := range t.ByCause {
		w.line(text{"    %+8d  %s, in %d places", "    %+8d  %s，%d 处"}, c.Units, c.Cause.words().in(w.lang), c.Parts)
	}
	w.line(text{"  calls of unknown charge  %8d", "  计费状态未知的调用    %8d"}, t.Unknown)
	if r.ClockOffset != 0 {
		w.line(text{"  the vendor's clock is %+.0f s ahead of ours; that is allowed for", "  供应商时钟比本系统快 %+.0f 秒，已计入"}, r.ClockOffset)
	}
	if t.Skipped > 0 || t.Outside > 0 {
		w.line(text{"  left out: %d lines and %d calls outside the period", "  未计入：期间外的 %d 行与 %d 次调用"}, t.Skipped, t.Outside)
	}
}

func (w *writer) differences(list []Difference) {
	w.line(text{"\nUnexplained differences", "\n未能解释的差异"})
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
		w.line(text{"  none; every window adds up", "  无；每个时间窗均已对平"})
	case n > mostLines:
		w.line(text{"  and %d more windows; the CSV lists them all", "  另有 %d 个时间窗；完整清单见 CSV"}, n-mostLines)
	}
}

func (w *writer) difference(d Difference) {
	w.line(text{"  %s – %s  billed %d, booked %d", "  %s – %s  计费 %d，账面 %d"},
		stamp(d.From), d.To.In(Shanghai()).Format(time.TimeOnly), d.Billed, d.Charged)
	for _, p := range d.Parts {
		detail := ""
		if p.Code != "" {
			detail = " " + p.Code
		}
		w.line(text{"    %+d  %s%s", "    %+d  %s%s"}, p.Units, p.Cause.words().in(w.lang), detail)
	}
	if len(d.Serials) == 0 {
		w.line(text{"    the export has no line for this window", "    导出文件中没有该时间窗的记录"})
	}
}

func (w *writer) foreign(f Foreign) {
	if f.Windows == 0 {
		return
	}
	w.line(text{"\nBilled beyond our calls", "\n超出本系统调用的计费"})
	w.line(text{"  %d calls in %d windows, %d of them without a call of ours; %s – %s, %.1f a day", "  %d 次，涉及 %d 个时间窗，其中 %d 个本系统无调用；%s – %s，日均 %.1f 次"},
		f.Units, f.Windows, f.IdleWindows, stamp(f.First), stamp(f.Last), f.PerDay)
	w.line(text{"  %s", "  %s"}, f.Pattern.words().in(w.lang))
}

func (w *writer) codes(list []Learned) {
	w.line(text{"\nWhat is billed", "\n哪些返回码计费"})
	for _, c := range list {
		w.line(text{"  %s %s: %s (confidence %.3f; %d windows decide it, %d against; %d calls)", "  %s %s：%s（置信度 %.3f；%d 个时间窗可判定，%d 个相反；共 %d 次调用）"},
			sentWords(c.Sent).in(w.lang), c.Code, chargeWords(c.Charge).in(w.lang), c.Confidence, c.Windows, c.Against, c.Calls)
		if !c.Since.IsZero() {
			w.line(text{"    since %s; the other way round before", "    自 %s 起；此前相反"}, stamp(c.Since))
		}
		if c.Contradicts() {
			w.line(text{"    the book assumes the opposite: correct the code table", "    与账面假设相反：请更正码表"})
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
		doubts[u.Why] += len(u.Attempts)
	}
	w.line(text{"\nCalls of unknown charge", "\n计费状态未知的调用"})
	w.line(text{"  settle as billed %d, as not billed %d; left open %d", "  建议记为已计费 %d，记为未计费 %d；暂不处理 %d"}, count[idv.Charged], count[idv.NotCharged], left)
	for _, d := range []Doubt{DoubtBetween, DoubtEdge, DoubtNoise} {
		if doubts[d] > 0 {
			w.line(text{"    %d: %s", "    %d：%s"}, doubts[d], d.words().in(w.lang))
		}
	}
}
