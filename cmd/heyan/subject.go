package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newSubject(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "subject", Short: "Find, export and erase the records of a person",
		Long: "Works on the configured store, also while a daemon uses it. The person is identified by the ID number, which is read from\n" +
			`a file, or with - from stdin, as {"id_number":"…"}, so that it does not appear in the process list. "document" names its` + "\n" +
			`type where the number does not tell it. Records of checks without an ID number are found with "bank_card". Times are UTC+8.`,
	})
	for _, sub := range []*cobra.Command{newSubjectFind(c), newSubjectExport(c), newSubjectErase(c)} {
		c.tenantFlag(sub.Flags())
		cmd.AddCommand(sub)
	}
	return cmd
}

func newSubjectFind(c *cli) *cobra.Command {
	var path, input string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "find --config FILE --input FILE", Short: "List the records of a person",
		Long: "Prints the consents, the verifications and the earlier erasures.\n\n" +
			"Exit codes: 0 success, also without a record; 4 the ID number is invalid.",
		Args: noArgs("use --input"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, person idv.Subject) error {
			found, err := svc.Find(ctx, c.tenant, person)
			switch {
			case err != nil:
				return c.consentRefused(err, asJSON)
			case asJSON:
				c.out.JSON(api.SubjectRecordsOf(&found, time.Now()))
				return nil
			default:
				return c.printKept(&found)
			}
		})
	}
	return cmd
}

func (c *cli) printKept(f *consents.SubjectRecords) error {
	c.out.Linef(idv.Text{
		EN: "consents: %d, verifications: %d, earlier erasures: %d", ZH: "同意 %d 份，核验 %d 次，此前删除 %d 次",
	}.In(c.lang), len(f.Consents), len(f.Verifications), len(f.Erasures))
	if len(f.Consents) > 0 {
		c.out.Linef("")
		if err := c.listConsents(f, outputFormat{}); err != nil {
			return err
		}
	}
	c.printFoundVerifications(f.Verifications)
	c.printErasures(f.Erasures)
	return nil
}

func (c *cli) printFoundVerifications(list []idv.Verification) {
	rows := [][]string{c.headers("verification 核验编号", "verdict 结论", "check 核验项", "purpose 目的", "app 应用", "consent 同意编号", "time 时间")}
	for _, v := range list {
		row := []string{v.ID, c.code(v.Verdict.String()), c.code(v.Check.String())}
		for _, cell := range []csvfile.Cell{csvfile.Text(v.Purpose), csvfile.Text(v.App), csvfile.Text(v.ConsentID), csvfile.Time(v.CreatedAt)} {
			row = append(row, cell.Plain())
		}
		rows = append(rows, row)
	}
	c.section(rows)
}

func (c *cli) printErasures(list []store.Erasure) {
	rows := [][]string{c.headers("erasure 删除编号", "time 时间", "consents 同意", "verifications 核验", "keys 密钥")}
	for _, e := range list {
		row := []string{e.ID, csvfile.Time(e.At).Plain()}
		for _, n := range []int{e.Consents, e.Verifications, e.Keys} {
			row = append(row, csvfile.Int(int64(n)).Plain())
		}
		rows = append(rows, row)
	}
	c.section(rows)
}

func newSubjectExport(c *cli) *cobra.Command {
	var path, input, out string
	cmd := &cobra.Command{
		Use: "export --config FILE --input FILE [--out FILE]", Short: "Write the copy of the data that a person requests",
		Long: "Writes all records of the person as one JSON document, including the notices with the name and the ID number (PIPL art.\n" +
			"45). Give it to that person only. The file is readable by its owner only.\n\n" +
			"Exit codes: 0 success, also without a record; 4 the ID number is invalid.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("use --input"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, atomically (default stdout)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, person idv.Subject) error {
			kept, err := svc.Export(ctx, c.tenant, person)
			if err != nil {
				return c.consentRefused(err, false)
			}
			return c.writeOutput(out, func(w io.Writer) error { return writeCopy(w, &kept, svc.For(c.tenant).Defaults.Controller, time.Now()) })
		})
	}
	return cmd
}

// copyView is the JSON of a person's copy.
type copyView struct {
	ExportedAt time.Time     `json:"exported_at"`
	Controller consent.Party `json:"controller"` // the controller of the data

	api.SubjectRecords
}

// writeCopy writes a person's copy as indented JSON.
func writeCopy(w io.Writer, kept *consents.SubjectExport, controller consent.Party, now time.Time) error {
	v := copyView{now.UTC(), controller, api.SubjectRecordsOf(&kept.SubjectRecords, now)}
	for i := range v.Consents {
		c := &v.Consents[i]
		c.Text, c.Unreadable = revealNotice(kept.Texts[c.ID].Body), slices.Contains(kept.Unreadable, c.ID)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

func newSubjectErase(c *cli) *cobra.Command {
	var path, input, out string
	var yes bool
	cmd := &cobra.Command{
		Use: "erase --config FILE --input FILE [--out FILE] [--yes]", Short: "Erase the personal data of a person and write the proof",
		Long: "Destroys the keys of the person's encrypted data (crypto-shredding), withdraws open consents, and unlinks consents and\n" +
			"verifications from the person. The ledger holds no personal data and does not change. The signed proof is written as\n" +
			"JSON to stdout or to a file; heyan consent receipt verify checks it. An erasure cannot be undone: without --yes the\n" +
			"command prompts for confirmation.\n\n" +
			"Exit codes: 0 success, also without a record; 4 the ID number is invalid, or the erasure was not confirmed.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("use --input"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write the proof to this file, atomically (default stdout)")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not prompt for confirmation")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !yes {
			if err := c.requireTerminal(input, "use --yes to erase without confirmation"); err != nil {
				return err
			}
		}
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, person idv.Subject) error {
			if !yes {
				if err := c.confirmErasure(ctx, svc, person); err != nil {
					return err
				}
			}
			return c.erase(ctx, svc, person, out)
		})
	}
	return cmd
}

// confirmErasure prints the number of records and prompts for a clear yes.
func (c *cli) confirmErasure(ctx context.Context, svc *consents.Service, person idv.Subject) error {
	found, err := svc.Find(ctx, c.tenant, person)
	if err != nil {
		return c.consentRefused(err, false)
	}
	c.notef(idv.Text{
		EN: "records of this person: consents: %d, verifications: %d. The erasure cannot be undone.",
		ZH: "此人有同意 %d 份、核验 %d 次的记录。删除后无法恢复。",
	}.In(c.lang), len(found.Consents), len(found.Verifications))
	answer, err := c.prompt(idv.Text{EN: "Type yes to erase:", ZH: "确认删除请输入 yes："}.In(c.lang))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"yes", "是"}, strings.ToLower(answer)) {
		return &exitError{code: exitRefused, err: errors.New(idv.Text{
			EN: "not confirmed; nothing was erased", ZH: "未确认，没有删除任何内容",
		}.In(c.lang))}
	}
	return nil
}

// erase erases the person. The output file is created first, so that an erasure never lacks
// a place for its proof. If the file cannot be renamed in the end, the proof goes to stdout,
// since it is issued only once.
func (c *cli) erase(ctx context.Context, svc *consents.Service, person idv.Subject, out string) error {
	var proof []byte
	err := c.writeOutput(out, func(w io.Writer) (err error) {
		if proof, err = svc.Erase(c.acting(ctx, svc, audit.SubjectErase, ""), c.tenant, person); err != nil {
			return c.consentRefused(err, false)
		}
		return writeSigned(proof)(w)
	})
	if proof == nil {
		return err
	}
	if err != nil && out != "" {
		_ = writeSigned(proof)(c.out) // the printer keeps the error
	}
	c.printErasure(svc, proof)
	return err
}

// printErasure prints the summary of an erasure.
func (c *cli) printErasure(svc *consents.Service, proof []byte) {
	if doc, err := receipt.VerifyErasure(proof, svc.Signer.Keys()...); err == nil {
		c.notef(idv.Text{
			EN: "erased; unlinked consents: %d, verifications: %d; destroyed keys: %d; proof %s",
			ZH: "已删除：%d 份同意、%d 次核验已与个人解除关联，销毁密钥 %d 个；证明编号 %s",
		}.In(c.lang), doc.Body.Consents, doc.Body.Verifications, doc.Body.KeysDestroyed, doc.Body.ID)
	}
}
