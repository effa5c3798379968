package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// example returns a configuration with one product, which loads as it is. Settings that
// the vendor's products share stand in an account if there are several products.
func example(f providers.Factory, siblings int) string {
	d, e := f.Descriptor, &lines{}
	own, shared := exampleSettings(d)
	account := siblings > 1 && len(shared) > 0
	if account {
		e.add("accounts:")
		e.add("  - name: %s-main", d.Vendor())
		e.add("    vendor: %s", d.Vendor())
		e.settings("    ", shared)
	} else {
		own = append(own, shared...)
	}
	name := fileName(d.Name)
	e.add("providers:")
	e.add("  - name: %s", name)
	e.add("    use: %s", d.Name)
	if account {
		e.add("    account: %s-main", d.Vendor())
	}
	if d.Recipient == "" {
		e.add("    recipient: 示例数据有限公司   # the legal name in your contract with the vendor")
	}
	e.add("    recipient_contact: 400-000-0000   # of the vendor, shown in the consent notice")
	e.settings("    ", own)
	e.add("routes:")
	e.add("  - check: %s", d.Check)
	e.add("    providers: [%s]", name)
	e.add("policy:")
	e.add("  purposes: [{name: account_opening, title: 开立账户的实名核验}]")
	e.add("  consent: {controller: {name: 某某有限公司, contact: 400-000-0001}}   # your company")
	return e.String()
}

// lines is a text that grows by lines.
type lines struct{ strings.Builder }

func (l *lines) add(format string, args ...any) {
	_, _ = fmt.Fprintf(l, format+"\n", args...) // writing to a builder does not fail
}

func (l *lines) settings(indent string, list [][2]string) {
	if len(list) == 0 {
		return
	}
	l.add("%ssettings:", indent)
	for _, s := range list {
		l.add("%s  %s: %s", indent, s[0], s[1])
	}
}

// exampleSettings returns the names and values of the settings that a product needs.
func exampleSettings(d idv.Descriptor) (own, shared [][2]string) {
	preferred := ""
	if len(d.Schemes) > 0 {
		preferred = d.Schemes[0]
	}
	for _, s := range Needed(d, preferred) {
		pair := [2]string{s.Name, exampleValue(d, s)}
		if s.Account {
			shared = append(shared, pair)
		} else {
			own = append(own, pair)
		}
	}
	return own, shared
}

// Needed returns the settings without which a product is not called by one of its schemes: the
// required ones and those of the scheme, unless they have a default.
func Needed(d idv.Descriptor, scheme string) (list []idv.Setting) {
	needs := needsOf(scheme)
	for _, s := range d.Settings {
		if s.Default == "" && (s.Required || slices.Contains(needs, s.Name)) {
			list = append(list, s)
		}
	}
	return list
}

func needsOf(scheme string) []string {
	if _, base, both := strings.Cut(scheme, "+"); both {
		scheme = base
	}
	s, _ := auth.Schemes().Find(scheme) // the settings of one that a file describes are required anyway
	return s.Needs
}

func exampleValue(d idv.Descriptor, s idv.Setting) string {
	switch {
	case s.Secret:
		plain := strings.NewReplacer("/", "_", "-", "_")
		return `"env:` + strings.ToUpper("HEYAN_"+plain.Replace(d.Vendor()+"_"+s.Name)) + `"`
	case strings.HasSuffix(s.Name, "_url"):
		return "https://vendor.example   # " + s.Help
	case s.Name == "path":
		return "/path   # " + s.Help
	default:
		return "example   # " + s.Help
	}
}

// fileName returns the name of a product as files are named: with "-" for "/".
func fileName(product string) string { return strings.ReplaceAll(product, "/", "-") }
