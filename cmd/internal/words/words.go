// Package words says what heyan's codes mean, in Chinese and English, to people at
// a terminal. Programs read the codes; these texts may be improved at any time.
package words

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Lang is a language of the texts. The zero value is English.
type Lang uint8

// The languages.
const (
	EN Lang = iota
	ZH
)

// Parse reads the value of --lang and reports whether it is a language.
func Parse(text string) (Lang, bool) {
	switch text {
	case "en":
		return EN, true
	case "zh":
		return ZH, true
	}
	return EN, false
}

// Detect returns the language of an environment by the rules of POSIX: LC_ALL
// counts before LC_MESSAGES, and that before LANG. Whatever does not begin with zh
// is English.
func Detect(lookup func(string) (string, bool)) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := lookup(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), "zh") {
				return ZH
			}
			return EN
		}
	}
	return EN
}

// Text is one text in both languages.
type Text struct{ EN, ZH string }

// In returns the text in a language.
func (t Text) In(l Lang) string {
	if l == ZH {
		return t.ZH
	}
	return t.EN
}

// Verdict says what a verdict means. A missing record is worded so that it blames
// nobody.
func Verdict(v idv.Verdict) Text {
	switch v {
	case idv.Match:
		return Text{"match: the claims agree with the register", "一致：所填信息与权威数据一致"}
	case idv.Mismatch:
		return Text{"mismatch: the register holds a record, and the claims disagree with it", "不一致：所填信息与权威数据不一致"}
	case idv.NoRecord:
		return Text{"no record: the register holds nothing to compare with; this is no mismatch", "库无：数据源没有可比对的记录，并不代表信息有误"}
	case idv.MismatchOrNoRecord:
		return Text{"mismatch or no record: this source cannot tell the two apart", "不一致或库无：该数据源无法区分两者"}
	default:
		return Text{"no verdict: nobody gave an answer that can be relied on", "无结论：没有得到可信的应答"}
	}
}

// Charge says whether a call was billed.
func Charge(c idv.Charge) Text {
	switch c {
	case idv.Charged:
		return Text{"charged", "已计费"}
	case idv.NotCharged:
		return Text{"not charged", "未计费"}
	default:
		return Text{"not known", "未知"}
	}
}

// Why says why a provider was left out.
func Why(w idv.SkipReason) Text {
	switch w {
	case idv.SkipUnsupportedCheck:
		return Text{"it cannot answer this check", "不支持该核验项"}
	case idv.SkipUnsupportedDocument:
		return Text{"it does not take this kind of document", "不支持该类证件"}
	case idv.SkipMaintenance:
		return Text{"it is in maintenance", "系统维护中"}
	case idv.SkipQuotaExhausted:
		return Text{"its package is used up", "套餐包已用完"}
	case idv.SkipCredentials:
		return Text{"it refuses our key", "密钥被拒绝"}
	case idv.SkipThrottled:
		return Text{"it asked us to slow down", "要求降低速度"}
	case idv.SkipBreakerOpen:
		return Text{"too many calls in a row failed", "连续失败过多"}
	case idv.SkipTrialRunning:
		return Text{"one call is finding out whether it is back", "正在以一次调用试探是否恢复"}
	case idv.SkipBusy:
		return Text{"as many calls as allowed are in flight", "并发已满"}
	case idv.SkipDrained:
		return Text{"an operator took it out", "已被运维下线"}
	case idv.SkipNotConsented:
		return Text{"the person did not agree that it gets the data", "本人未同意其接收信息"}
	case idv.SkipPolicy:
		return Text{"a rule does not let it get the data", "规则不允许其接收信息"}
	}
	return Text{string(w), string(w)}
}
