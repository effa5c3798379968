package alert

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Text is an idv.Text in JSON: the message of an alert in English and Chinese. Programs
// should read the other fields of the alert, since the sentences may change.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

func text(a Alert) Text {
	switch a.Kind {
	case UsedUp:
		return Text{
			EN: a.Provider + ": all packages are used up or have expired. The provider is not called until a new package is added.",
			ZH: a.Provider + "：套餐包已用完或已过期，登记新套餐包之前不再调用该供应商。",
		}
	case QuotaExhausted:
		return quota(a)
	case Credentials:
		return help(a.Provider, idv.BadCredentials.Help())
	case Guessing:
		return guessing(a)
	case Drift:
		return drifted(a)
	case Percent, Days:
		return low(a)
	}
	return Text{} // TestEveryKindHasAText fails
}

// guessing returns the text about an app that enumerates. "canary" is the stored name of
// abuse.HoneytokenUsed, which means that a list was stolen.
func guessing(a Alert) Text {
	if a.Dimension == "canary" {
		return Text{
			EN: a.About() + ": a request used a honeytoken, a number that belongs to no person and appears only in a stolen list. The app is " +
				"blocked for the configured time; find out who uses the list.",
			ZH: a.About() + "：请求中使用了诱饵号码。该号码不属于任何人，只会出现在被窃取的名单中。该应用在设定时间内已被阻断，请查明该名单的使用者。",
		}
	}
	return Text{
		EN: a.About() + ": the app enumerates names or numbers (" + a.Dimension + "). Its requests are rejected and cost nothing; check who " +
			"uses the app.",
		ZH: a.About() + "：该应用在反复试探姓名或号码（" + a.Dimension + "）。相关请求已被拒绝且未产生费用，请检查该应用的使用者。",
	}
}

// drifted returns the text about answers that have lost their meaning.
func drifted(a Alert) Text {
	d := Drifted{}
	if a.Drift != nil {
		d = *a.Drift
	}
	only := Text{}
	if a.App != "" || a.Tenant != "" {
		only = Text{
			" Only " + a.Tenant + "/" + a.App + " had answers of it since, so the people asked for may have changed instead.",
			"此后仅 " + a.Tenant + "/" + a.App + " 收到其回答，也可能是被核验人群发生了变化。",
		}
	}
	return Text{
		EN: fmt.Sprintf("%s: the answers have changed suddenly (%s): before %s; since %s %s. The answers may not be about the people asked for. "+
			"Check persons whose result is known, drain the provider (POST /v1/providers/%s:drain), and ask the vendor.%s",
			a.Provider, d.Change, shares(d.Before), d.Since.UTC().Format(time.RFC3339), shares(d.After), a.Provider, only.EN),
		ZH: fmt.Sprintf("%s：核验结果分布突变（%s）：此前 %s；自 %s 起 %s。结果可能与被核验人无关。请用已知结果的人员复核，暂停该供应商（POST /v1/providers/%s:drain），并联系供应商。%s",
			a.Provider, d.Change, shares(d.Before), d.Since.In(idv.China()).Format(idv.ZonedTime), shares(d.After), a.Provider, only.ZH),
	}
}

// shares lists counts by name with their percentage.
func shares(counts map[string]int64) string {
	var all int64
	for _, n := range counts {
		all += n
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s %d (%d %%)", name, counts[name], counts[name]*100/all))
	}
	return strings.Join(list, ", ")
}

// low returns the text about a crossed level.
func low(a Alert) Text {
	unit := Text{fmt.Sprintf("%d percent", a.Level), "% "}
	if a.Kind == Days {
		unit = Text{idv.Count(a.Level, "day"), " 天"}
	}
	verb := "are"
	if a.Available == 1 {
		verb = "is"
	}
	rate, level, levels := rate(a.DaysLeft), Text{"level", ""}, Text{}
	for _, also := range a.Also {
		level.EN = "levels"
		levels = Text{levels.EN + fmt.Sprintf("%d and ", also), levels.ZH + fmt.Sprintf("%d%s、", also, strings.TrimRight(unit.ZH, " "))}
	}
	reached := "is"
	if len(a.Also) > 0 {
		reached = "are"
	}
	return Text{
		EN: fmt.Sprintf("%s: %d of %s %s left%s. The warning %s of %s%s %s reached.", a.Provider, a.Available, idv.Count(a.Bought, "call"), verb, rate.EN, level.EN, levels.EN, unit.EN, reached),
		ZH: fmt.Sprintf("%s：剩余 %d / %d 次%s，已达到 %s%d%s预警线。", a.Provider, a.Available, a.Bought, rate.ZH, levels.ZH, a.Level, unit.ZH),
	}
}

func rate(days *int64) Text {
	switch {
	case days == nil:
		return Text{}
	case *days == 0:
		return Text{", less than a day at the rate of the last week", "，按近一周用量不足 1 天"}
	}
	count := idv.Count(*days, "day")
	if *days == 1 {
		count = "a day"
	}
	return Text{
		EN: ", about " + count + " at the rate of the last week",
		ZH: fmt.Sprintf("，按近一周用量约可用 %d 天", *days),
	}
}

// quota returns the text about a vendor that reports a used-up package.
func quota(a Alert) Text {
	t := help(a.Provider, idv.QuotaExhausted.Help())
	if a.Available > 0 {
		t.EN += " The ledger still has " + idv.Count(a.Available, "call") + ": reconcile it, the key may be used elsewhere."
		t.ZH += fmt.Sprintf("账面尚余 %d 次，请对账：密钥可能被他人使用。", a.Available)
	}
	return t
}

func help(provider string, h idv.Help) Text {
	return Text{
		EN: provider + ": " + h.Cause.EN + " " + h.Remedy.EN,
		ZH: provider + "：" + h.Cause.ZH + h.Remedy.ZH,
	}
}
