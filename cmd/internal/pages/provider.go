package pages

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Transport says which component makes a provider's HTTP calls.
func Transport(d idv.Descriptor) string {
	if d.CustomTransport {
		return "the provider's own"
	}
	return "heyan's"
}

// Meaning returns the verdict of a vendor's code, or its failure.
func Meaning(r idv.CodeRow) string {
	if r.Verdict != idv.Undetermined {
		return r.Verdict.String()
	}
	return r.Failure.String()
}

// provider prints docs/providers/NAME.md from a descriptor.
func provider(d idv.Descriptor) []byte {
	p := newPage(d.Name)
	p.line("## Name\n\n`use: %s`, version %s of the adapter.", d.Name, d.Version)
	p.line("## Description\n\n%s.", d.Title)
	fresh := "not stated"
	if d.NoStore {
		fresh = "the vendor promises fresh data, so its verdicts are never reused"
	}
	p.table([]string{"", ""}, [][]string{
		{"data source", d.Source},
		{"recipient", d.Recipient},
		{"fidelity", code(d.Fidelity.String())},
		{"freshness", fresh},
		{"authentication", strings.Join(d.Schemes, ", ") + ": the first whose keys are configured"},
		{"transport", Transport(d)},
	})
	p.line("## Check\n\n`%s`", d.Check)
	documents := make([]string, len(d.Documents))
	for i, document := range d.Documents {
		documents[i] = code(string(document))
	}
	p.line("## Documents\n\n%s", cmp.Or(strings.Join(documents, ", "), "None: the check has no ID number."))
	settings(p, d.Settings)
	codeTable(p, d.Codes)
	prices(p, d.Prices)
	return p.done()
}

func settings(p *page, list []idv.Setting) {
	p.line("## Settings\n\nThese are the keys of `providers[].settings`. A secret is a reference, `env:NAME` or `file:PATH`, never a value.")
	var rows [][]string
	for _, s := range list {
		rows = append(rows, []string{code(s.Name), s.Help, code(s.Default), yes(s.Required), yes(s.Secret)})
	}
	p.table([]string{"setting", "meaning", "default", "required", "secret"}, rows)
}

func codeTable(p *page, list []idv.CodeRow) {
	p.line("## Codes\n\nA code that is not listed becomes the failure `unknown`, never a verdict. A charge that is `unknown` counts as possible " +
		"cost until the vendor's bill is reconciled. A charge `by_flag` is what the reply itself says of the call.")
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{
			r.Layer, code(r.Code), code(Meaning(r)), code(r.Field.String()), code(r.Delivery.String()), code(charge(r)), r.Text, r.Source,
		})
	}
	p.table([]string{"layer", "code", "meaning", "field", "delivery", "charge", "manual's sentence", "source"}, rows)
}

func prices(p *page, list []idv.Price) {
	if len(list) == 0 {
		p.line("## Prices\n\nNot stated. Set `price` in the configuration, so that costs and budgets are known.")
		return
	}
	p.line("## Prices\n\nThe vendor's prepaid packages. The first one is the price estimate if `price` is not configured.")
	var rows [][]string
	for _, price := range list {
		rows = append(rows, []string{fmt.Sprint(price.Units), price.Total.String(), price.PerCall().String()})
	}
	p.table([]string{"calls", "price", "per call"}, rows)
}

// charge returns the charge of a row, by_flag if the flag of the reply decides.
func charge(r idv.CodeRow) string {
	if r.ByFlag {
		return "by_flag"
	}
	return r.Charge.String()
}
