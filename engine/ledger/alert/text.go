package alert

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
)

// Text is what an alert says to people, in English and Chinese. Programs read the
// other fields; these sentences may be improved at any time.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

func text(a Alert) Text {
	switch a.Kind {
	case UsedUp:
		return Text{
			EN: a.Provider + ": nothing is left, its packages are used up or have expired. It is not asked until a new one is booked.",
			ZH: a.Provider + "：套餐包已用完或已过期，登记新套餐包之前不再询问该供应商。",
		}
	case QuotaExhausted:
		return quota(a)
	case Credentials:
		return helped(a.Provider, idv.BadCredentials.Help())
	case Guessing:
		return guessing(a)
	}
	return low(a)
}

// guessing is the text of somebody who guesses. A canary says that a list was stolen.
func guessing(a Alert) Text {
	if a.Axis == "canary" {
		return Text{
			EN: a.About() + ": it asked about a canary, a number that nobody has and that stands on a stolen list only. The app is blocked " +
				"for the configured time; find out who works through the list.",
			ZH: a.About() + "：查询了金丝雀号码。该号码不属于任何人，只会出现在被窃取的名单中。该应用已在设定的时间内被阻断，请查明是谁在使用该名单。",
		}
	}
	return Text{
		EN: a.About() + ": somebody tries names or numbers against each other (" + a.Axis + "). These questions are refused and nothing is " +
			"paid for them; look at who uses this app.",
		ZH: a.About() + "：有人在反复试探姓名或号码（" + a.Axis + "）。相关请求已被拒绝且未产生费用，请检查该应用的使用者。",
	}
}

// low is the text of a level that was crossed.
func low(a Alert) Text {
	unit := Text{"percent", "% "}
	if a.Kind == Days {
		unit = Text{"days", " 天"}
	}
	rate := rate(a.DaysLeft)
	return Text{
		EN: fmt.Sprintf("%s: %d of %d calls are left%s. The level of %d %s is reached.", a.Provider, a.Available, a.Bought, rate.EN, a.Level, unit.EN),
		ZH: fmt.Sprintf("%s：剩余 %d / %d 次%s，已达到 %d%s预警线。", a.Provider, a.Available, a.Bought, rate.ZH, a.Level, unit.ZH),
	}
}

func rate(days *int64) Text {
	switch {
	case days == nil:
		return Text{}
	case *days == 0:
		return Text{", less than a day at the rate of the last week", "，按近一周用量不足 1 天"}
	}
	count := fmt.Sprintf("%d days", *days)
	if *days == 1 {
		count = "a day"
	}
	return Text{
		EN: ", about " + count + " at the rate of the last week",
		ZH: fmt.Sprintf("，按近一周用量约可用 %d 天", *days),
	}
}

// quota is the text of a vendor that says used up while the book says otherwise.
func quota(a Alert) Text {
	t := helped(a.Provider, idv.QuotaExhausted.Help())
	if a.Available > 0 {
		t.EN += fmt.Sprintf(" The book still has %d calls: reconcile it, somebody else may use the key.", a.Available)
		t.ZH += fmt.Sprintf("账面尚余 %d 次，请对账：密钥可能被他人使用。", a.Available)
	}
	return t
}

func helped(provider string, h idv.Help) Text {
	return Text{
		EN: provider + ": " + h.Cause.EN + " " + h.Remedy.EN,
		ZH: provider + "：" + h.Cause.ZH + h.Remedy.ZH,
	}
}
