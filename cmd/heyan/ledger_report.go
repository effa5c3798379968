package main

import (
	"fmt"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// print prints the report.
func (c *comparison) print(r reconcile.Report) error {
	switch {
	case c.form.json:
		c.tool.out.JSON(r)
	case c.form.csv:
		return internal(r.CSV(c.tool.out))
	default:
		_, _ = c.tool.out.Write([]byte(r.Text(c.tool.language()))) // the printer remembers the error
	}
	return nil
}

// shown is how many calls a table shows; --json and the book have them all.
const shown = 20

func (c *comparison) printProposals(list []reconcile.Proposal) {
	if !c.form.table() || len(list) == 0 {
		return
	}
	t := c.tool
	rows := [][]string{t.heads("attempt 调用", "charge 计费", "confidence 置信度", "why 依据")}
	for _, p := range list[:min(len(list), shown)] {
		rows = append(rows, []string{p.Attempt, words.Charge(p.Charge).In(t.lang), fmt.Sprintf("%.3f", p.Confidence), csvfile.Text(p.Why).Plain()})
	}
	t.section(rows)
	t.printRest(len(list))
	t.out.Linef("%s", words.Text{EN: "nothing was changed; --apply settles them", ZH: "未作任何改动；加上 --apply 即按此入账"}.In(t.lang))
}

// printSettled says what was settled; beside a CSV on stderr.
func (c *comparison) printSettled(done []settled) {
	t := c.tool
	switch {
	case c.form.json:
		t.out.JSON(map[string][]settled{"settled": append([]settled{}, done...)})
	case c.form.csv:
		t.hint(words.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(t.lang), len(done))
	default:
		rows := [][]string{t.heads("settled 已入账", "charge 计费", "why 依据")}
		for _, s := range done[:min(len(done), shown)] {
			rows = append(rows, []string{s.Attempt, words.Charge(s.Charge).In(t.lang), csvfile.Text(s.Why).Plain()})
		}
		t.section(rows)
		t.printRest(len(done))
		t.out.Linef(words.Text{EN: "settled: %d", ZH: "已入账：%d"}.In(t.lang), len(done))
	}
}

func (t *tool) printRest(n int) {
	if n > shown {
		t.out.Linef(words.Text{EN: "and %d more; --json lists them all", ZH: "另有 %d 条；--json 可列出全部"}.In(t.lang), n-shown)
	}
}
