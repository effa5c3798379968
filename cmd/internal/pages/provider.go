package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
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

// provider prints docs/providers/NAME.md of a product. siblings is the number of the
// vendor's products.
func provider(f providers.Factory, siblings int) []byte {
	d := f.Descriptor
	p := newPage(d.Name)
	p.line("## Name\n\n`use: %s`, version %s of the adapter. All products: [overview](README.md), [中文](README.zh.md).", d.Name, d.Version)
	description(p, d)
	p.line("## Check\n\n`%s`", d.Check)
	p.line("## Documents\n\n%s", cmp.Or(codeList(d.Documents), "None: the check has no ID number."))
	if len(d.Notes) > 0 {
		p.line("## Quirks and limits\n\n* %s", strings.Join(d.Notes, "\n* "))
	}
	authentication(p, d)
	settings(p, d.Settings)
	usage(p, f, siblings)
	exchanges(p, f)
	codeTables(p, d.Codes)
	prices(p, d.Prices)
	return p.done()
}

func description(p *page, d idv.Descriptor) {
	p.line("## Description\n\n%s.", d.Title)
	fresh := "not stated"
	if d.NoStore {
		fresh = "the vendor promises fresh data, so its verdicts are never reused"
	}
	p.table([]string{"", ""}, [][]string{
		{"adapter", adapterLink(d)},
		{"data source", d.Source},
		{"recipient", cmp.Or(d.Recipient, "not published: set `recipient` to the legal name in your contract")},
		{"fidelity", code(d.Fidelity.String())},
		{"confidence", Confidence(d.Confidence).EN},
		{"freshness", fresh},
		{"transport", Transport(d)},
	})
}

// IsDeclared reports whether a product that comes with heyan is a YAML file.
func IsDeclared(product string) bool {
	return slices.Contains(declared.Shipped(), fileName(product)) && strings.Contains(product, "/")
}

func adapterLink(d idv.Descriptor) string {
	if IsDeclared(d.Name) {
		return fmt.Sprintf("[YAML](../../providers/declared/vendors/%s.yaml)", fileName(d.Name))
	}
	return fmt.Sprintf("[Go](../../providers/%s)", d.Vendor())
}

// Confidence explains how a code table became known.
func Confidence(c idv.Confidence) idv.Text {
	switch c {
	case idv.ConfidenceOfficial:
		return idv.Text{EN: "official document", ZH: "官方文档"}
	case idv.ConfidenceSeveral:
		return idv.Text{EN: "several clients", ZH: "多个客户端"}
	case idv.ConfidenceOne:
		return idv.Text{EN: "one client", ZH: "单个客户端"}
	default:
		return idv.Text{EN: "not stated", ZH: "未说明"}
	}
}

func codeList[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = code(string(word))
	}
	return strings.Join(words, ", ")
}

func authentication(p *page, d idv.Descriptor) {
	p.line("## Authentication\n\nThe first scheme whose settings are configured is used.")
	var rows [][]string
	for _, scheme := range d.Schemes {
		rows = append(rows, []string{code(scheme), needsText(scheme)})
	}
	p.table([]string{"scheme", "needs"}, rows)
}

// needsText says what a scheme needs. "declared" is one that the product's file describes,
// alone or before a built-in one, as in "declared+xca".
func needsText(scheme string) string {
	own, base, both := strings.Cut(scheme, "+")
	const text = "the signature, token or keys that the file describes"
	switch needs := codeList(needsOf(scheme)); {
	case both:
		return text + ", and " + codeList(needsOf(base))
	case needs != "":
		return needs
	case own == "none":
		return "no key"
	default:
		return text
	}
}

func settings(p *page, list []idv.Setting) {
	p.line("## Settings\n\nA secret is a reference, `env:NAME`, `file:PATH` or `exec:NAME`, never a value. A setting of the account stands in " +
		"`accounts[].settings`, which the vendor's products share, or in `providers[].settings` like those of the product.")
	var rows [][]string
	for _, s := range list {
		belongs := "product"
		if s.Account {
			belongs = "account"
		}
		rows = append(rows, []string{code(s.Name), s.Help, code(s.Default), belongs, yes(s.Required), yes(s.Secret)})
	}
	p.table([]string{"setting", "meaning", "default", "of the", "required", "secret"}, rows)
}

// usage prints a configuration and the command that checks the adapter.
func usage(p *page, f providers.Factory, siblings int) {
	p.line("## Example")
	if !slices.Contains(idv.Checks(), f.Descriptor.Check) {
		p.line("No route can name the check `%s` yet, so there is no configuration with this product.", f.Descriptor.Check)
	} else {
		p.line("```yaml\n%s```", example(f, siblings))
	}
	p.line("The contract test needs no vendor and no key:\n\n```\nheyan provider check %s\n```", f.Descriptor.Name)
}

// exchanges prints what is sent and read.
func exchanges(p *page, f providers.Factory) {
	d := f.Descriptor
	statuses := "200"
	for i, status := range d.Replies.Statuses {
		if i == 0 {
			statuses = fmt.Sprint(status)
			continue
		}
		statuses += fmt.Sprintf(", %d", status)
	}
	echoed := codeList(claimWords(d.Check.Claims() &^ f.NotEchoed))
	p.line("## Calls and replies")
	p.table([]string{"", ""}, [][]string{
		{"claims are sent in", cmp.Or(placeOfClaims(f), "not known")},
		{"HTTP statuses with the vendor's body", statuses},
		{"headers that are read", cmp.Or(codeList(d.Replies.Headers), "none of the vendor")},
		{"reference of a call", reference(f)},
		{"echo: a reply about another person is refused by", cmp.Or(echoed, "nothing, since no verdict repeats a claim")},
	})
}

func claimWords(set idv.ClaimSet) []string {
	var words []string
	for _, claim := range set.List() {
		words = append(words, claim.String())
	}
	return words
}

// placeOfClaims says where a call of the codec holds the claims, "" if that is not known.
func placeOfClaims(f providers.Factory) string {
	codec, err := f.New(providertest.Settings(f.Descriptor))
	if err != nil {
		return ""
	}
	query, err := providertest.Query(f.Descriptor)
	if err != nil {
		return ""
	}
	if query.Check == idv.CheckIDName {
		query.Subject.Name = idv.NewSensitive("Test Person") // some products need two names
	}
	call, err := codec.Encode(query)
	switch {
	case err != nil:
		return ""
	case len(call.Query) > 1 && call.Body.IsZero() && len(call.Form) == 0:
		return "the query of the URL; a proxy of your own on the way must not log URLs"
	case len(call.Form) > 0:
		return "a form"
	case !call.Body.IsZero():
		media, _, _ := strings.Cut(call.ContentTypeHeader(), ";") // behind it stands a boundary or an encoding
		return "the body, " + code(media)
	}
	return ""
}

// reference says where the vendor's reference of a call is read.
func reference(f providers.Factory) string {
	header := ""
	if name := f.Descriptor.Replies.RefHeader; name != "" {
		header = "the header " + code(name)
	}
	switch {
	case !refersInBody(f):
		return cmp.Or(header, "none in the recorded replies")
	case header != "":
		return "the body, else " + header
	default:
		return "the body"
	}
}

// refersInBody reports whether a recorded reply of the product, not of its gateway, has a
// reference and no header with it.
func refersInBody(f providers.Factory) bool {
	if f.Fixtures == nil {
		return false
	}
	folders, err := f.Fixtures()
	if err != nil || len(folders) == 0 {
		return false
	}
	recordings, err := providertest.Recordings(folders[0])
	return err == nil && slices.ContainsFunc(recordings, func(r providertest.Recording) bool {
		return r.Want.Ref != "" && !slices.Contains(r.Reply.Header[http.CanonicalHeaderKey(f.Descriptor.Replies.RefHeader)], r.Want.Ref)
	})
}

func prices(p *page, list []idv.Price) {
	if len(list) == 0 {
		p.line("## Prices\n\nThe vendor publishes no price. Set `price` in the configuration, so that costs and budgets are known.")
		return
	}
	p.line("## Prices\n\nThe vendor's prepaid packages. The first one is the price estimate if `price` is not configured.")
	var rows [][]string
	for _, price := range list {
		rows = append(rows, []string{fmt.Sprint(price.Units), price.Total.String(), price.PerCall().String()})
	}
	p.table([]string{"calls", "price", "per call"}, rows)
}
