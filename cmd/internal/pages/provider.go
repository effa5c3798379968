package pages

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Transport says who makes a provider's calls.
func Transport(d idv.Descriptor) string {
	if d.CustomTransport {
		return "the provider's own"
	}
	return "heyan's"
}

// Meaning returns the verdict that a vendor's code stands for, or the failure.
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
		fresh = "the vendor promises fresh data, so its verdicts are never re-used"
	}
	p.table([]string{"", ""}, [][]string{
		{"data source", d.Source},
		{"recipient of the data", d.Recipient},
		{"fidelity", code(d.Fidelity.String())},
		{"freshness", fresh},
		{"signed by", strings.Join(d.Schemes, ", ") + ": the first whose keys are configured"},
		{"transport", Transport(d)},
	})
	p.line("## Checks\n\n%s", codes(d.Checks))
	documents := make([]string, len(d.Documents))
	for i, document := range d.Documents {
		documents[i] = code(string(document))
	}
	p.line("## Documents\n\n%s", strings.Join(documents, ", "))
	settings(p, d.Settings)
	codeTable(p, d.Codes)
	prices(p, d.Prices)
	return p.done()
}

func settings(p *page, list []idv.Setting) {
	p.line("## Settings\n\nUnder `providers[].settings`. Secrets are references, `env:NAME` or `file:PATH`, never values.")
	var rows [][]string
	for _, s := range list {
		rows = append(rows, []string{code(s.Name), s.Help, code(s.Default), yes(s.Required), yes(s.Secret)})
	}
	p.table([]string{"setting", "meaning", "default", "required", "secret"}, rows)
}

func codeTable(p *page, list []idv.CodeRow) {
	p.line("## Codes\n\nWhat each code becomes. A code that is not listed becomes `unknown`, never a verdict. A charge that is " +
		"`unknown` is counted as possible until the vendor's bill is reconciled.")
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{
			r.Layer, code(r.Code), code(Meaning(r)), code(r.Field.String()), code(r.Delivery.String()), code(r.Charge.String()), r.Text, r.Source,
		})
	}
	p.table([]string{"layer", "code", "meaning", "field", "delivery", "charge", "the vendor's words", "read in"}, rows)
}

func prices(p *page, list []idv.Price) {
	p.line("## Prices\n\nThe vendor's packages. The first is the estimate that is used where `price` is not configured.")
	var rows [][]string
	for _, price := range list {
		rows = append(rows, []string{fmt.Sprint(price.Units), price.Total.String(), price.PerCall().String()})
	}
	p.table([]string{"calls", "price", "per call"}, rows)
}
