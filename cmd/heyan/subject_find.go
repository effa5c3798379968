package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
)

func newSubject(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "subject", Short: "Find, hand over and erase what is kept of a person",
		Long: "Works on the configured store, also while a daemon works with it. A person is named by the ID number alone, which is read\n" +
			`from a file, or with - from stdin, as {"id_number":"…"}: it must not stand in the process list. Times are UTC+8.`,
	})
	cmd.AddCommand(newSubjectFind(t), newSubjectExport(t), newSubjectErase(t))
	return cmd
}

func newSubjectFind(t *tool) *cobra.Command {
	var path, input string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "find --config FILE --input FILE", Short: "Print what is kept of a person",
		Long: "Prints the consents, the verifications, and the erasures that took the person out before.\n\n" +
			"Exit codes: 0 done, also if nothing is kept; 4 the number cannot be one.",
		Args: noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.withPerson(cmd, path, input, func(ctx context.Context, c *office, number idv.Sensitive) error {
			found, err := c.Find(ctx, tenant, number)
			switch {
			case err != nil:
				return t.refuseDesk(err, asJSON)
			case asJSON:
				t.out.JSON(api.SubjectRecordsOf(&found, time.Now()))
				return nil
			default:
				return t.printKept(&found)
			}
		})
	}
	return cmd
}

func (t *tool) printKept(f *consents.SubjectRecords) error {
	t.out.Linef(words.Text{
		EN: "consents: %d, verifications: %d, erasures before: %d", ZH: "同意 %d 份，核验 %d 次，此前删除 %d 次",
	}.In(t.lang), len(f.Consents), len(f.Verifications), len(f.Erasures))
	if len(f.Consents) > 0 {
		t.out.Linef("")
		if err := t.listConsents(f, form{}); err != nil {
			return err
		}
	}
	t.printFoundVerifications(f.Verifications)
	t.printErasures(f.Erasures)
	return nil
}

func (t *tool) printFoundVerifications(list []idv.Verification) {
	rows := [][]string{t.heads("verification 核验编号", "verdict 结论", "check 核验项", "purpose 目的", "app 应用", "consent 同意编号", "time 时间")}
	for _, v := range list {
		row := []string{v.ID, v.Verdict.String(), v.Check.String()}
		for _, cell := range []csvfile.Cell{csvfile.Text(v.Purpose), csvfile.Text(v.App), csvfile.Text(v.ConsentID), csvfile.Time(v.CreatedAt)} {
			row = append(row, cell.Plain())
		}
		rows = append(rows, row)
	}
	t.section(rows)
}

func (t *tool) printErasures(list []store.Erasure) {
	rows := [][]string{t.heads("erasure 删除编号", "time 时间", "consents 同意", "verifications 核验", "keys 密钥")}
	for _, e := range list {
		row := []string{e.ID, csvfile.Time(e.At).Plain()}
		for _, n := range []int{e.Consents, e.Verifications, e.Keys} {
			row = append(row, csvfile.Int(int64(n)).Plain())
		}
		rows = append(rows, row)
	}
	t.section(rows)
}
