package forecast

import (
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Text returns the advice as text in a language, see idv.Text.In. Dates are in the time
// zone of the time that was passed to Make.
func (a Advice) Text(lang string) string {
	var b strings.Builder
	line := func(t idv.Text, values ...any) { fmt.Fprintf(&b, t.In(lang)+"\n", values...) }
	line(idv.Text{EN: "use in the last week: %.1f calls per day", ZH: "近一周日均用量：%.1f 次"}, a.PerDay)
	if a.DaysLeft < 0 {
		line(idv.Text{EN: "left: " + idv.Count(a.Left, "call"), ZH: fmt.Sprintf("剩余：%d 次", a.Left)})
	} else {
		line(idv.Text{EN: "left: " + idv.Count(a.Left, "call") + ", enough for %.1f days, until %s", ZH: fmt.Sprintf("剩余：%d 次", a.Left) + "，可用 %.1f 天，至 %s"},
			a.DaysLeft, a.RunsOut.Format(time.DateOnly))
	}
	if a.Wasted > 0 && a.PerDay > 0 {
		line(idv.Text{EN: "of these, %d will expire unused", ZH: "其中 %d 次将在用完前过期"}, a.Wasted)
	}
	for i, s := range a.Steps {
		line(idv.Text{EN: "%s %10d calls %12s %s  %s per call%s", ZH: "%s %10d 次 %12s %s  每次 %s%s"},
			mark(i == a.Buy), s.Units, s.Price, s.Currency, s.PerCall, s.detail(lang))
	}
	line(a.Reason.words())
	return b.String()
}

func mark(advised bool) string {
	if advised {
		return ">"
	}
	return " "
}

func (s Step) detail(lang string) string {
	text := ""
	add := func(t idv.Text, value any) { text += fmt.Sprintf(t.In(lang), value) }
	if s.PerVerdict != "" {
		add(idv.Text{EN: ", %s per verdict", ZH: "，每个结论 %s"}, s.PerVerdict)
	}
	if s.LastsDays >= 0 {
		add(idv.Text{EN: ", lasts %.0f days", ZH: "，可用 %.0f 天"}, s.LastsDays)
	}
	if s.BreakEven > 0 {
		add(idv.Text{EN: "; the next one is cheaper from %v", ZH: "；用量达 %v时下一档更划算"}, idv.Text{EN: idv.Count(s.BreakEven, "call"), ZH: fmt.Sprintf("%d 次", s.BreakEven)}.In(lang))
	}
	return text
}

func (r Reason) words() idv.Text {
	switch r {
	case ReasonNothing:
		return idv.Text{EN: "The price table has no package to buy.", ZH: "价目表中没有可购买的套餐包。"}
	case ReasonUnused:
		return idv.Text{EN: "There was no use in the last week; buy nothing.", ZH: "近一周没有用量，无需购买。"}
	case ReasonEnough:
		return idv.Text{EN: "The calls that are left last long enough; buy nothing yet.", ZH: "剩余次数充足，暂无需购买。"}
	case ReasonLargest:
		return idv.Text{
			EN: "Buy the marked package: all packages last less than wanted, and this one lasts longest.",
			ZH: "建议购买标记的套餐包：各档均不足期望时长，此档可用最久。",
		}
	case ReasonCheapest:
		return idv.Text{
			EN: "Buy the marked package: it has the lowest price per call of those that last as long as wanted.",
			ZH: "建议购买标记的套餐包：在期望时长内单价最低。",
		}
	}
	return idv.Text{
		EN: "Buy the marked package: all packages last longer than wanted, and this one ties up the least money.",
		ZH: "建议购买标记的套餐包：各档均超过期望时长，此档占用资金最少。",
	}
}
