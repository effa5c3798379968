package receipt_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func page(t *testing.T, doc receipt.Signed[receipt.Receipt]) string {
	t.Helper()
	var out bytes.Buffer
	if err := receipt.HTML(&out, doc); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPageGolden(t *testing.T) {
	t.Parallel()
	doc, key := signed(t)
	got, err := receipt.Verify(doc, key)
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, got)
	golden(t, "receipt.html", []byte(text))
	for _, want := range []string{
		"甲方数据有限公司", "乙方数据有限公司", "95000", "2026-12-02 09:00:02 北京时间", "授权管理", got.Body.Processing.Notice.Text,
		got.Signature.Value, got.Signature.KeyID, "已核对，签名有效", "未列明的第三方不得接收", "3 次", "姓名、身份证件号码（敏感个人信息：身份证件）、手机号码、银行卡号",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// TestPageIsAlone: it loads nothing, runs nothing and links nowhere.
func TestPageIsAlone(t *testing.T) {
	t.Parallel()
	doc, _ := signed(t)
	opened, err := receipt.Open(doc)
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, opened)
	if found := regexp.MustCompile(`(?i)<script|<link|<img|<a |src=|href=|url\(|@import|https?:`).FindString(text); found != "" {
		t.Errorf("the page has %s", found)
	}
	if !strings.Contains(text, "未核对签名") || strings.Contains(text, "签名有效") {
		t.Error("the page does not say that the signature was not checked")
	}
}

// TestPageEscapes: what an unchecked document says is text, never markup.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	in := agreed(t)
	const hostile = `<script>alert(1)</script>"'></td>{{.Receipt}}`
	in.ID, in.Withdrawal, in.Retention, in.Storage, in.Rights = hostile, hostile, hostile, []string{hostile}, []string{hostile}
	r := &in.Record
	r.Purpose, r.App, r.ID, r.Subject, r.Notice.Name, r.Notice.Text = hostile, hostile, hostile, hostile, hostile, hostile
	r.Controller.Name, r.Controller.Contact, r.Controller.Address, r.Proof.Action = hostile, hostile, hostile, hostile
	doc, err := signer(t, seedText).Sign(made(t, in))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := receipt.Open(doc)
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, opened)
	if strings.Contains(text, "<script") || strings.Contains(text, `"'>`) {
		t.Error("the page holds markup of the document")
	}
	if !strings.Contains(text, "&lt;script&gt;") {
		t.Error("the page does not show the text")
	}
}

func TestPageOfOtherStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		kinds []consent.Kind
		want  []string
	}{
		{"refused", []consent.Kind{consent.Present, consent.Refuse}, []string{"您已拒绝", "您拒绝的内容"}},
		{"withdrawn", []consent.Kind{consent.Present, consent.Give, consent.Withdraw}, []string{"同意已撤回", "撤回同意"}},
		{"expired", []consent.Kind{consent.Present, consent.Give, consent.Expire}, []string{"同意已过期", "期满失效"}},
		{"superseded", []consent.Kind{consent.Present, consent.Give, consent.Supersede}, []string{"已由较新的同意取代", "由新的同意取代"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := input(t, test.kinds...)
			in.Record.Guardian = consent.Guardian{Subject: "k1:mother", Relation: "母亲"}
			text := page(t, receipt.Signed[receipt.Receipt]{Body: made(t, in)})
			for _, want := range append(test.want, "监护人（母亲）", "未满十四周岁") {
				if !strings.Contains(text, want) {
					t.Errorf("the page does not say %s", want)
				}
			}
			if strings.Contains(text, "同意有效") || test.name == "refused" && (strings.Contains(text, "有效期至") || strings.Contains(text, "法律依据")) {
				t.Error("the page says that it stands")
			}
		})
	}
	if text := page(t, receipt.Signed[receipt.Receipt]{}); !strings.Contains(text, "状态不明") {
		t.Error("an empty one does not say so")
	}
}
