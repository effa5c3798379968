package reconcile

import "github.com/heyan-id/heyan/engine/idv"

// text is one text in both languages.
type text struct{ en, zh string }

func (t text) in(lang string) string {
	if lang == Chinese {
		return t.zh
	}
	return t.en
}

// Chinese is the language of [Report.Text] that is not English.
const Chinese = "zh"

func (c Cause) words() text {
	switch c {
	case ClockEdge:
		return text{"billed in the neighbouring window (cancels with it)", "计入相邻时间窗（两窗相抵）"}
	case UnknownOutcome:
		return text{"calls without an answer were billed", "未收到应答的调用已计费"}
	case BilledCode:
		return text{"a code is billed otherwise than booked", "返回码的计费与账面不符"}
	case ForeignUse:
		return text{"billed, but heyan made no such call", "已计费，但并非本系统所调用"}
	}
	return text{"called, but not billed", "已调用，但未计费"}
}

func (p Pattern) words() text {
	switch p {
	case PatternIsolated:
		return text{
			"One or two windows only: rather a slip of the vendor's counting than somebody else.",
			"仅一两个时间窗：更可能是供应商计数偏差，而非他人使用。",
		}
	case PatternBalanced:
		return text{
			"About as many windows were billed too little: rather faults of counting than somebody else.",
			"少计的时间窗数量相近：更可能是计数误差，而非他人使用。",
		}
	case PatternRepeated:
		return text{
			"It comes back: somebody else may use the app code. Look for a program that was forgotten, then renew the app code.",
			"多次出现：AppCode 可能被他人使用。请先排查遗漏的程序，再更换 AppCode。",
		}
	case PatternSteady:
		return text{
			"It is steady: somebody else uses the app code. Look for a program that was forgotten, then renew the app code.",
			"持续出现：AppCode 正被他人使用。请先排查遗漏的程序，再更换 AppCode。",
		}
	}
	return text{"None.", "无。"}
}

func (d Doubt) words() text {
	switch d {
	case DoubtBetween:
		return text{"some were billed and some were not", "部分计费、部分未计费，无法区分"}
	case DoubtEdge:
		return text{"a call at the window's edge explains the count as well", "时间窗边缘的调用同样可以解释该计数"}
	}
	return text{"too many counts nearby are off to prove anything", "附近时间窗的计数偏差过多，不足为证"}
}

func chargeWords(c idv.Charge) text {
	switch c {
	case idv.Charged:
		return text{"billed", "计费"}
	case idv.NotCharged:
		return text{"not billed", "不计费"}
	}
	return text{"undecided", "尚不能确定"}
}

func sentWords(s idv.Delivery) text {
	switch s {
	case idv.Answered:
		return text{"code", "返回码"}
	case idv.RefusedByGateway:
		return text{"gateway code", "网关返回码"}
	}
	return text{"no answer", "未收到应答"}
}
