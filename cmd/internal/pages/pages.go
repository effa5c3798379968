// Package pages prints the pages of the documentation that come from the code: the
// failures and local rules, the states of a plugin, the built-in vendors, the
// configuration, the commands.
// The same code prints the same bytes, so a test can tell when a page is stale.
package pages

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/providers/catalogue"
)

// notice begins every page.
const notice = "<!-- Printed by `heyan docs` from the code. Change the code, not this page. -->\n\n"

// Pages returns every printed page but that of the commands, by its path below
// docs/, as "providers/idcert.md". The error is a configuration whose schema cannot
// be made, which is a fault of heyan's own.
func Pages() (map[string][]byte, error) {
	settings, err := configuration()
	if err != nil {
		return nil, err
	}
	printed := map[string][]byte{"errors.md": failures(), "config.md": settings, "plugin-states.md": pluginStates()}
	for _, b := range catalogue.New().Factories() {
		printed["providers/"+b.Descriptor.Name+".md"] = provider(b.Descriptor)
	}
	return printed, nil
}

// page is a page while it is written.
type page struct{ bytes.Buffer }

func newPage(title string) *page {
	p := new(page)
	p.WriteString(notice)
	p.line("# %s", title)
	return p
}

// line writes a line and an empty one after it.
func (p *page) line(format string, args ...any) { p.WriteString(fmt.Sprintf(format, args...) + "\n\n") }

// table writes a table and an empty line after it.
func (p *page) table(head []string, rows [][]string) {
	p.row(head)
	p.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		p.row(row)
	}
	p.WriteString("\n")
}

func (p *page) row(cells []string) {
	for _, cell := range cells {
		p.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	p.WriteString("|\n")
}

// done returns the page, which ends with one newline.
func (p *page) done() []byte { return append(bytes.TrimSpace(p.Bytes()), '\n') }

// code sets a text in code type, "" for none.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// codes sets a list in code type.
func codes[T fmt.Stringer](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, code(v.String()))
	}
	return strings.Join(out, ", ")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
