package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

// form is how a list is printed: as a table if it is neither.
type form struct{ json, csv bool }

func (f *form) add(cmd *cobra.Command) {
	jsonFlag(cmd, &f.json)
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print CSV; texts that a spreadsheet would take for a formula get an apostrophe")
}

func (f form) check() error {
	if f.json && f.csv {
		return usage("--csv: give either --json or --csv")
	}
	return nil
}

// table reports whether people read it.
func (f form) table() bool { return !f.json && !f.csv }

// listing prints a list line by line, so that a long one needs no memory.
type listing struct {
	out   *terminal.Printer
	form  form
	heads []string // of the table
	csv   *csvfile.Writer
	rows  [][]string
	count int
}

// listing begins a list on stdout. The heads are pairs as "english 中文"; a CSV has
// the English ones, whatever the language, for programs read them.
func (t *tool) listing(f form, heads ...string) *listing {
	l := listingTo(t.out, f, false)
	l.heads = t.heads(heads...)
	l.begin(heads)
	return l
}

// listingTo makes a list. With a mark, a CSV begins with a byte order mark.
func listingTo(out *terminal.Printer, f form, mark bool) *listing {
	l := &listing{out: out, form: f}
	if f.csv {
		l.csv = csvfile.NewWriter(out, mark)
	}
	return l
}

// begin writes the first line of a CSV.
func (l *listing) begin(heads []string) {
	if l.csv == nil {
		return
	}
	var names []string
	for _, pair := range heads {
		word, _, _ := strings.Cut(pair, " ")
		names = append(names, word)
	}
	l.csv.Head(names...)
}

// line prints a line: the view as JSON, or else its cells. It returns the error of
// writing, so that whoever reads a long list can stop.
func (l *listing) line(view any, cells ...csvfile.Cell) error {
	l.count++
	switch {
	case l.form.json:
		l.out.JSON(view)
	case l.form.csv:
		l.csv.Row(cells)
	default:
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = c.Plain()
		}
		l.rows = append(l.rows, row)
		if len(l.rows) >= ledger.MaxPage {
			l.table()
		}
	}
	return internal(l.out.Err())
}

// table prints the rows so far, under the heads.
func (l *listing) table() {
	if len(l.rows) > 0 {
		l.out.Table(append([][]string{l.heads}, l.rows...))
	}
	l.rows = nil
}

// end prints what is left. To people it says so if there was nothing.
func (l *listing) end(nothing string) error {
	switch {
	case l.form.csv:
		return internal(l.csv.Flush())
	case l.form.table() && l.count == 0:
		l.out.Linef("%s", nothing)
	default:
		l.table()
	}
	return internal(l.out.Err())
}
