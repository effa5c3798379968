package words

// Code returns a code of a result as a table shows it: the code itself in English, 中文（code）
// in Chinese, so that a reader finds it in docs/errors.md and a program's log. The details are
// more codes that belong to it, such as the rule of a refusal. A code without a Chinese word,
// such as a text from a caller, is returned as it is.
func Code(code string, lang Lang, details ...string) string {
	separator, end := " (", ")"
	zh, known := chinese()[code]
	if lang == ZH && known {
		code, separator, end = zh+"（"+code, "，", "）"
		if len(details) == 0 {
			return code + end
		}
	}
	if len(details) == 0 {
		return code
	}
	text := code
	for _, detail := range details {
		text += separator + detail
		separator = ", "
	}
	return text + end
}

// chinese returns the word of each code. A code of two kinds, such as unknown, has one word.
func chinese() map[string]string {
	all := map[string]string{}
	for _, family := range []map[string]string{outcomeWords(), ledgerWords(), consentWords(), providerWords(), policyWords()} {
		for code, word := range family {
			all[code] = word
		}
	}
	return all
}

// outcomeWords holds the verdicts, their evidence, failures and deliveries.
func outcomeWords() map[string]string {
	return map[string]string{
		"match": "一致", "mismatch": "不一致", "no_record": "库无", "mismatch_or_no_record": "不一致或库无", "undetermined": "无结论",
		"unknown": "未知", "invalid_input": "输入无效", "denied": "不允许", "subject_limited": "核验次数超限", "partial_match": "部分要素一致", "throttled": "超出速率",
		"quota_exhausted": "套餐已用完", "credentials": "凭证被拒绝", "maintenance": "系统维护", "unavailable": "不可用", "timeout": "超时",
		"garbled": "应答不可信", "unsupported": "不支持", "canceled": "已取消", "internal": "内部错误",
		"electronic_record": "电子记录",
		"not_sent":          "未发出", "refused_by_gateway": "网关拒绝", "answered": "已应答",
	}
}

// ledgerWords holds the charges, the accounts and the states of a hold.
func ledgerWords() map[string]string {
	return map[string]string{
		"charged": "已计费", "not_charged": "未计费",
		"bought": "购入", "available": "可用", "held": "占用", "posted": "已计费", "voided": "已退回", "written_off": "核销",
	}
}

// consentWords holds the states of a consent, the role of a person, the ways to decide, the claims,
// and the kinds of notices.
func consentWords() map[string]string {
	return map[string]string{
		"drafted": "已生成", "presented": "已展示", "given": "已同意", "refused": "已拒绝", "withdrawn": "已撤回", "expired": "已过期", "superseded": "已被取代",
		"adult": "本人", "example": "示例",
		"subject": "本人", "guardian": "监护人", "checkbox": "勾选", "typed_name": "输入姓名", "signature": "签名", "spoken": "口头",
		"name": "姓名", "id_number": "证件号码", "mobile": "手机号", "bank_card": "银行卡号",
		"matched": "一致", "mismatched": "不一致", "not_compared": "未比对",
	}
}

// providerWords holds the checks, the fidelities, the layers of a code table and the phases of a plugin.
func providerWords() map[string]string {
	return map[string]string{
		"id_name": "二要素", "id_name_mobile": "三要素", "id_name_bankcard": "银行卡三要素", "id_name_mobile_bankcard": "银行卡四要素", "name_bankcard": "银行卡二要素",
		"two_way": "区分两种结论", "three_way": "区分三种结论", "with_reason": "三种结论并附原因",
		"vendor": "供应商", "gateway": "网关",
		"starting": "启动中", "ready": "就绪", "restarting": "重启中", "failed": "失败", "stopped": "已停止",
	}
}

// policyWords holds the effects of policy rules, their outcomes, and the legal bases.
func policyWords() map[string]string {
	return map[string]string{
		"allow": "允许", "require": "要求", "deny": "拒绝", "fired": "成立", "silent": "不成立",
		"consent": "同意", "contract": "合同所必需", "statutory_duty": "法定职责或义务", "emergency": "紧急情况", "public_interest": "公共利益",
		"disclosed": "已公开的信息", "other_law": "其他法律规定",
	}
}
