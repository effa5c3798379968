package forecast

import (
	"fmt"
	"strings"
	"time"
)

// Chinese is the language of [Advice.Text] that is not English.
const Chinese = "zh"

// Text returns the advice for people, in Chinese for "zh" and else in English. A date
// is that of the time that was given to Make.
func (a Advice) Text(lang string) string {
	var b strings.Builder
	line := func(en, zh string, values ...any) {
		if lang == Chinese {
			en = zh
		}
		fmt.Fprintf(&b, en+"\n", values...)
	}
	line("used in the last week: %.1f calls a day", "近一周日均用量：%.1f 次", a.PerDay)
	if a.DaysLeft < 0 {
		line("left: %d calls", "剩余：%d 次", a.Left)
	} else {
		line("left: %d calls, enough for %.1f days, until %s", "剩余：%d 次，可用 %.1f 天，至 %s", a.Left, a.DaysLeft, a.RunsOut.Format(time.DateOnly))
	}
	if a.Wasted > 0 && a.PerDay > 0 {
		line("of these, %d will expire before they are used", "其中 %d 次将在用完前过期", a.Wasted)
	}
	for i, s := range a.Steps {
		line("%s %10d calls %12s %s  %s per call%s", "%s %10d 次 %12s %s  每次 %s%s", mark(i == a.Buy), s.Units, s.Price, s.Currency, s.PerCall, s.detail(lang))
	}
	line(a.Reason.words("en"), a.Reason.words(Chinese))
	return b.String()
}

func mark(here bool) string {
	if here {
		return ">"
	}
	return " "
}

func (s Step) detail(lang string) string {
	verdict, lasts, even := ", %s per verdict", ", lasts %.0f days", "; the next one pays from %d calls"
	if lang == Chinese {
		verdict, lasts, even = "，每个结论 %s", "，可用 %.0f 天", "；用量达 %d 次时下一档更划算"
	}
	text := ""
	if s.PerVerdict != "" {
		text += fmt.Sprintf(verdict, s.PerVerdict)
	}
	if s.LastsDays >= 0 {
		text += fmt.Sprintf(lasts, s.LastsDays)
	}
	if s.BreakEven > 0 {
		text += fmt.Sprintf(even, s.BreakEven)
	}
	return text
}

func (r Reason) words(lang string) string {
	words := [...]string{"Buy the marked package: all last longer than wanted, and it binds the least money.", "建议购买标记的套餐：各档均超过期望时长，此档占用资金最少。"}
	switch r {
	case ReasonNothing:
		words = [...]string{"The price table holds nothing to buy.", "价目表中没有可购买的套餐。"}
	case ReasonUnused:
		words = [...]string{"Nothing was used in the last week; buy nothing.", "近一周没有用量；无需购买。"}
	case ReasonLargest:
		words = [...]string{"Buy the marked package: none lasts as long as wanted, and it lasts longest.", "建议购买标记的套餐：各档均不足期望时长，此档最长。"}
	case ReasonCheapest:
		words = [...]string{"Buy the marked package: the cheapest per call that lasts no longer than wanted.", "建议购买标记的套餐：在期望时长内单价最低。"}
	}
	if lang == Chinese {
		return words[1]
	}
	return words[0]
}
