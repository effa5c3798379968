package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/pages"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
)

// providerFilter selects products; empty fields select all.
type providerFilter struct{ asked, vendor string }

func (f *providerFilter) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.asked, "check", "", "only products that answer this `CHECK`: "+strings.Join(checkNames(), ", "))
	cmd.Flags().StringVar(&f.vendor, "vendor", "", "only products of this `VENDOR`, the part of their names before the slash")
}

// check rejects a check that does not exist. A vendor may be one of a plugin, so an unknown
// one selects nothing.
func (f *providerFilter) check() error {
	if f.asked != "" && !slices.Contains(checkNames(), f.asked) {
		return usageError("--check: unknown check; use one of %s", strings.Join(checkNames(), ", "))
	}
	return nil
}

// checkNames returns the checks that products answer.
func checkNames() []string {
	var names []string
	for _, check := range idv.Checks() {
		names = append(names, check.String())
	}
	return names
}

func (f *providerFilter) matches(product string, check idv.Check) bool {
	vendor := idv.Descriptor{Name: product}.Vendor()
	return (f.asked == "" || check.String() == f.asked) && (f.vendor == "" || vendor == f.vendor)
}

// listBuiltins lists the products that come with heyan, which are sorted by vendor.
func (c *cli) listBuiltins(only providerFilter, asJSON bool) {
	rows := [][]string{c.headers("vendor 供应商", "product 产品", "check 核验项", "fidelity 精度", "price 单价", "confidence 可信度", "adapter 适配器", "recipient 接收方")}
	vendors, last := 0, ""
	for _, b := range assemble.Catalogue().Factories() {
		d := b.Descriptor
		switch {
		case !only.matches(d.Name, d.Check):
			continue
		case asJSON:
			c.out.JSON(descriptorViewOf(d, false))
			continue
		}
		vendor := d.Vendor()
		if vendor == last {
			vendor = "" // shown once
		} else {
			vendors, last = vendors+1, vendor
		}
		rows = append(rows, []string{
			vendor, d.Name, c.code(d.Check.String()), c.code(d.Fidelity.String()), listPrice(d), pages.Confidence(d.Confidence).In(c.lang), adapterKind(d.Name), d.Recipient,
		})
	}
	switch {
	case asJSON:
	case len(rows) == 1:
		c.say("no product that comes with heyan matches; leave out --check or --vendor", "随附的产品均不符合条件；请去掉 --check 或 --vendor")
	default:
		c.out.Table(rows)
		c.out.Linef("")
		c.say(fmt.Sprintf("%s of %s; heyan provider show NAME prints one", idv.Count(len(rows)-1, "product"), idv.Count(vendors, "vendor")),
			fmt.Sprintf("%d 个产品，来自 %d 家供应商；heyan provider show NAME 查看其中一个", len(rows)-1, vendors))
	}
}

// listPrice returns the price of a call by the vendor's list, "" if there is none.
func listPrice(d idv.Descriptor) string {
	if len(d.Prices) == 0 {
		return ""
	}
	return d.ListPrice().String()
}

func adapterKind(product string) string {
	if pages.IsDeclared(product) {
		return "YAML"
	}
	return "Go"
}
