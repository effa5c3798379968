package receipt

import (
	"cmp"
	_ "embed" // for the page's template
	"html/template"
	"io"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

//go:embed page.html
var pageText string

// page is the data of the template.
type page struct {
	Receipt   Receipt
	Signature Signature
	Checked   bool
	Document  string
}

// Refused reports whether the person refused.
func (p page) Refused() bool { return p.Receipt.State() == consent.Refused }

// Guardian reports whether a guardian decided.
func (p page) Guardian() bool {
	for _, e := range p.Receipt.Events {
		if e.Entity == guardian {
			return true
		}
	}
	return false
}

// Status returns one sentence about the state of the consent when the receipt was made.
func (p page) Status() string {
	until := "出具本回执时"
	switch p.Receipt.State() {
	case consent.Given:
		return until + "：同意有效。"
	case consent.Refused:
		return until + "：您已拒绝，不得据此处理您的信息。"
	case consent.Withdrawn:
		return until + "：同意已撤回，不得再据此处理您的信息。"
	case consent.Expired:
		return until + "：同意已过期，不得再据此处理您的信息。"
	case consent.Superseded:
		return until + "：已由较新的同意取代。"
	}
	return until + "：状态不明，请勿据此处理信息。"
}

// HTML writes the receipt as one page in Chinese for the screen and for A4 paper. The page
// loads no resource and runs no script. It escapes every text of the receipt, which may be
// unchecked, and says whether the signature was checked.
func HTML(w io.Writer, doc Signed[Receipt]) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"time": chinaTime, "item": itemWords, "role": roleWord, "event": eventWord, "action": actionWord, "entity": entityWord, "basis": basisWord,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, page{doc.Body, doc.Signature, doc.Checked, string(doc.Document)})
}

// chinaTime formats a time for the person, who reads it in China.
func chinaTime(t time.Time) string {
	return t.In(idv.China()).Format(time.DateTime) + " 北京时间"
}

// The words of the page. A code without a word is shown as it is in the document.

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
