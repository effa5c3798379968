package receipt

import (
	"cmp"

	"github.com/heyan-id/heyan/policy/consent"
)

// The words of the page. What has none is shown as it stands in the document.

func itemWords(i Item) string {
	name := map[string]string{"name": "姓名", "id_number": "身份证件号码", "mobile": "手机号码", "bank_card": "银行卡号"}[i.Type]
	why := map[Category]string{
		Identity: "（敏感个人信息：身份证件）", Financial: "（敏感个人信息：金融账户）", Minor: "（敏感个人信息：未满十四周岁）",
	}[i.Sensitive]
	return cmp.Or(name, i.Type) + cmp.Or(why, string(i.Sensitive))
}

func roleWord(role string) string {
	return cmp.Or(map[string]string{controller: "个人信息处理者", recipient: "接收方"}[role], role)
}

func eventWord(kind consent.Kind) string {
	return cmp.Or(map[consent.Kind]string{
		consent.Present: "展示告知书", consent.Give: "同意", consent.Refuse: "拒绝",
		consent.Withdraw: "撤回同意", consent.Expire: "期满失效", consent.Supersede: "由新的同意取代",
	}[kind], string(kind))
}

func actionWord(a consent.Action) string {
	return cmp.Or(map[consent.Action]string{
		consent.Checkbox: "主动勾选", consent.TypedName: "键入姓名", consent.Signature: "签字", consent.Spoken: "口头表示并录音",
	}[a], string(a))
}

func entityWord(id string) string {
	return cmp.Or(map[string]string{principal: "本人", guardian: "监护人", "controller": "个人信息处理者"}[id], id)
}

func basisWord(basis string) string {
	if basis == "consent" {
		return "个人的单独同意（《个人信息保护法》第十三条、第二十三条、第二十九条）"
	}
	return basis
}
