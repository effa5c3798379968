package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// overview prints docs/providers/README.md, or README.zh.md: the products that come with
// heyan, a table for each check.
func overview(list []providers.Factory, lang words.Lang) []byte {
	in := func(en, zh string) string { return idv.Text{EN: en, ZH: zh}.In(lang) }
	p := newPage(in("Vendors' products", "供应商产品一览"))
	vendors := map[string]bool{}
	for _, f := range list {
		vendors[f.Descriptor.Vendor()] = true
	}
	p.line(in("%d products of %d vendors come with heyan. [中文](README.zh.md)", "随附 %d 个产品，来自 %d 家供应商。[English](README.md)"), len(list), len(vendors))
	p.line("%s", in(
		"**None of them was tried against the live vendor.** They were tested with documented or published replies. `heyan provider list --check id_name` prints the list, `heyan provider show NAME` a product, and a product's page its settings and codes.",
		"**均未对真实供应商试过**，仅用公开文档或公开样例中的应答测试。`heyan provider list --check id_name` 列出产品，`heyan provider show NAME` 查看一个产品；设置与状态码见各产品页（英文）。"))
	p.line("%s", columnsText(lang))
	for _, check := range append(idv.Checks(), idv.CheckNameBankCard) {
		var rows [][]string
		for _, f := range list {
			if f.Descriptor.Check == check {
				rows = append(rows, overviewRow(f.Descriptor, lang))
			}
		}
		if len(rows) == 0 {
			continue
		}
		p.line("## %s", check)
		p.table([]string{
			in("product", "产品"), in("documents", "证件"), in("codes: charged / not / by flag / unknown", "状态码：计费／不计费／以标志为准／未知"),
			in("no record", "库无"), in("price", "单价"), in("confidence", "可信度"), in("⚠ rows", "⚠ 行"), in("authentication", "鉴权"), in("adapter", "适配器"),
		}, rows)
	}
	return p.done()
}

// columnsText explains the columns.
func columnsText(lang words.Lang) string {
	return idv.Text{
		EN: "* **codes** counts the vendor's codes by what they cost; those of a gateway are left out. *By flag*: the reply says whether the call is billed. " +
			"*Unknown* counts as possible cost until the bill is reconciled.\n" +
			"* **no record** says whether an answer without a record is billed; \"in mismatch\": the vendor does not tell the two apart.\n" +
			"* **price** is that of the smallest package on the vendor's list. Most vendors publish none.\n" +
			"* **confidence** says how the codes became known: from documents of the vendor, from several programs that call it, or from one. " +
			"**⚠ rows** are codes of which something is inferred.",
		ZH: "* **状态码**：供应商的状态码按是否计费计数，不含网关的状态码。“以标志为准”指应答中的标志说明本次是否计费；“未知”在对账前按可能计费处理。\n" +
			"* **库无**：查无记录是否计费；“并入不一致”指供应商不区分库无与不一致。\n" +
			"* **单价**：供应商价目表中最小套餐的单价。多数供应商未公布。\n" +
			"* **可信度**：状态码的来源，即供应商的文档、多个调用该产品的程序，或仅一个程序。**⚠ 行**：含有推断内容的状态码数。",
	}.In(lang)
}

func overviewRow(d idv.Descriptor, lang words.Lang) []string {
	vendor, _ := Layers(d.Codes)
	price := idv.Text{EN: "not stated", ZH: "未公布"}.In(lang)
	if len(d.Prices) > 0 {
		price = d.ListPrice().String()
	}
	adapter := "Go"
	if IsDeclared(d.Name) {
		adapter = "YAML"
	}
	return []string{
		fmt.Sprintf("[%s](%s.md)", d.Name, fileName(d.Name)), documentNames(d.Documents, lang), countCharges(vendor), noRecord(vendor, lang),
		price, Confidence(d.Confidence).In(lang), fmt.Sprintf("%d/%d", countInferred(vendor), len(vendor)), strings.Join(d.Schemes, ", "), adapter,
	}
}

// documentNames returns the documents' codes in English and their names in Chinese, and the
// code of a document without a name.
func documentNames(list []idv.Document, lang words.Lang) string {
	var names []string
	for _, d := range list {
		name := code(string(d))
		if lang == words.ZH && words.Document(d) != words.Document(idv.DocumentUnknown) {
			name = words.Document(d).ZH
		}
		names = append(names, name)
	}
	return strings.Join(names, idv.Text{EN: ", ", ZH: "、"}.In(lang))
}

// countCharges counts rows: charged / not charged / by flag / unknown.
func countCharges(list []idv.CodeRow) string {
	var charged, free, flag, unknown int
	for _, r := range list {
		switch {
		case r.ByFlag:
			flag++
		case r.Charge == idv.Charged:
			charged++
		case r.Charge == idv.NotCharged:
			free++
		default:
			unknown++
		}
	}
	return fmt.Sprintf("%d / %d / %d / %d", charged, free, flag, unknown)
}

// noRecord says whether an answer without a record is charged: by each way in which the
// vendor says it, so that two ways with two charges show both.
func noRecord(list []idv.CodeRow, lang words.Lang) string {
	var texts []string
	for _, r := range list {
		text := chargeRule(r).In(lang)
		switch r.Verdict {
		case idv.NoRecord:
		case idv.MismatchOrNoRecord:
			text = idv.Text{EN: "in mismatch: ", ZH: "并入不一致："}.In(lang) + text
		default:
			continue
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		return idv.Text{EN: "no code for it", ZH: "无此状态码"}.In(lang)
	}
	return strings.Join(texts, idv.Text{EN: "; ", ZH: "；"}.In(lang))
}

// chargeRule says whether a row's answers are billed.
func chargeRule(r idv.CodeRow) idv.Text {
	switch {
	case r.ByFlag || r.Charge == idv.ChargeUnknown:
		return Charge(r)
	case r.Charge == idv.Charged:
		return idv.Text{EN: "charged", ZH: "计费"}
	default:
		return idv.Text{EN: "not charged", ZH: "不计费"}
	}
}

// Charge returns the charge of a row for people.
func Charge(r idv.CodeRow) idv.Text {
	if r.ByFlag {
		return idv.Text{EN: "by the reply's flag", ZH: "以应答标志为准"}
	}
	return words.Charge(r.Charge)
}
