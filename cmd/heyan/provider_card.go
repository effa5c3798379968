package main

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/pages"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// card is a descriptor as JSON.
type card struct {
	Name      string         `json:"name"`
	Version   string         `json:"version"`
	Title     string         `json:"title"`
	Checks    []idv.Check    `json:"checks"`
	Documents []idv.Document `json:"documents"`
	Fidelity  idv.Fidelity   `json:"fidelity"`
	Source    string         `json:"source"`
	Recipient string         `json:"recipient"`
	ZeroCache bool           `json:"no_store"`
	Transport string         `json:"transport"`
	Schemes   []string       `json:"schemes"`
	Settings  []api.Setting  `json:"settings,omitempty"`
	Prices    []priceView    `json:"prices,omitempty"`
	Codes     []codeView     `json:"codes,omitempty"`
}

type priceView struct {
	Units   int64    `json:"units"`
	Total   api.Cost `json:"total"`
	PerCall string   `json:"per_call"`
}

type codeView struct {
	Layer   string       `json:"layer"`
	Code    string       `json:"code"`
	Meaning string       `json:"meaning"`
	Field   string       `json:"field,omitempty"`
	Sent    idv.Delivery `json:"delivery"`
	Charge  idv.Charge   `json:"charge"`
	Text    string       `json:"text"`
	Source  string       `json:"source"`
}

// cardOf returns a descriptor as JSON; whole adds settings, prices and codes.
func cardOf(d idv.Descriptor, whole bool) card {
	c := card{
		Name: d.Name, Version: d.Version, Title: d.Title, Checks: d.Checks, Documents: d.Documents, Fidelity: d.Fidelity,
		Source: d.Source, Recipient: d.Recipient, ZeroCache: d.NoStore, Transport: pages.Transport(d), Schemes: d.Schemes,
	}
	if !whole {
		return c
	}
	c.Settings = api.SettingsOf(d.Settings)
	for _, p := range d.Prices {
		c.Prices = append(c.Prices, priceView{
			p.Units, api.CostOf(p.Total), p.PerCall().Amount(),
		})
	}
	for _, r := range d.Codes {
		c.Codes = append(c.Codes, codeView{r.Layer, r.Code, pages.Meaning(r), r.Field.String(), r.Delivery, r.Charge, r.Text, r.Source})
	}
	return c
}

func (t *tool) printCard(d idv.Descriptor) {
	t.out.Linef("%s %s: %s\n", d.Name, d.Version, d.Title)
	t.field("checks", "核验项", join(d.Checks))
	t.field("documents", "证件", join(d.Documents))
	t.field("fidelity", "精度", d.Fidelity.String())
	t.field("source", "数据源", d.Source)
	t.field("recipient", "接收方", d.Recipient)
	t.field("transport", "传输", pages.Transport(d))
	t.field("signed by", "签名方式", strings.Join(d.Schemes, ", "))
	rows := [][]string{t.heads("setting 设置", "default 默认", "required 必填", "secret 密钥", "help 说明")}
	for _, s := range d.Settings {
		rows = append(rows, []string{s.Name, s.Default, t.mark(s.Required), t.mark(s.Secret), s.Help})
	}
	t.section(rows)
	rows = [][]string{t.heads("calls 次数", "price 价格", "per_call 单价")}
	for _, p := range d.Prices {
		rows = append(rows, []string{fmt.Sprint(p.Units), p.Total.String(), p.PerCall().String()})
	}
	t.section(rows)
	rows = [][]string{t.heads("layer 层", "code 代码", "meaning 含义", "charge 计费", "text 说明")}
	for _, r := range d.Codes {
		rows = append(rows, []string{r.Layer, r.Code, pages.Meaning(r), words.Charge(r.Charge).In(t.lang), r.Text})
	}
	t.section(rows)
}

// mark says yes, or nothing.
func (t *tool) mark(yes bool) string {
	if !yes {
		return ""
	}
	return words.Text{EN: "yes", ZH: "是"}.In(t.lang)
}

// join lists words with commas.
func join[T ~string | idv.Check](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}
