package pages

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// codeTables prints the codes of the vendor and those of its gateway.
func codeTables(p *page, list []idv.CodeRow) {
	vendor, gateway := Layers(list)
	p.line("## Codes\n\nA code that is not listed becomes the failure `unknown`, never a verdict. A charge that is `unknown` counts as possible "+
		"cost until the vendor's bill is reconciled. A charge `by_flag` is what the reply itself says of the call. %s", inferredText(vendor))
	codeTable(p, vendor)
	if len(gateway) > 0 {
		p.line("## Codes of the gateway\n\nThe gateway answers in place of the vendor, or the HTTP status stands alone.")
		codeTable(p, gateway)
	}
}

// Layers splits a code table into the vendor's rows and its gateway's.
func Layers(list []idv.CodeRow) (vendor, gateway []idv.CodeRow) {
	for _, r := range list {
		if r.Layer == providers.LayerGateway {
			gateway = append(gateway, r)
		} else {
			vendor = append(vendor, r)
		}
	}
	return vendor, gateway
}

func codeTable(p *page, list []idv.CodeRow) {
	var rows [][]string
	for _, r := range list {
		source := r.Source
		if inferred(r) {
			source = "⚠ " + source
		}
		rows = append(rows, []string{
			code(r.Code), code(Meaning(r)), code(r.Field.String()), code(r.Delivery.String()), code(charge(r)), r.Text, source,
		})
	}
	p.table([]string{"code", "meaning", "field", "delivery", "charge", "manual's sentence", "source"}, rows)
}

// inferred reports whether the source of a row says that something of it is inferred, or
// was not seen in a document.
func inferred(r idv.CodeRow) bool {
	return strings.Contains(r.Source, "inferred") || strings.Contains(r.Source, "not seen in a document")
}

func countInferred(list []idv.CodeRow) (n int) {
	for _, r := range list {
		if inferred(r) {
			n++
		}
	}
	return n
}

func inferredText(vendor []idv.CodeRow) string {
	if n := countInferred(vendor); n > 0 {
		return fmt.Sprintf("⚠ marks a row of which something is inferred or was not seen in a document of the vendor: %d of %d.", n, len(vendor))
	}
	return "No row is inferred."
}

// charge returns the charge of a row, by_flag if the flag of the reply decides.
func charge(r idv.CodeRow) string {
	if r.ByFlag {
		return "by_flag"
	}
	return r.Charge.String()
}
