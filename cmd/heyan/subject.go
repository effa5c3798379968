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
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newSubject(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "subject", Short: "Find, hand over and erase what is kept of a person",
		Long: "Works on the configured store, also while a daemon works with it. A person is named by the ID number alone, which is read\n" +
			`from a file, or with - from stdin, as {"id_number":"…"}: it must not stand in the process list. Times are UTC+8.`,
	})
	cmd.AddCommand(newSubjectFind(c), newSubjectExport(c), newSubjectErase(c))
	return cmd
}

func newSubjectFind(c *cli) *cobra.Command {
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
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, number idv.Sensitive) error {
			found, err := svc.Find(ctx, tenant, number)
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
	c.out.Linef(words.Text{
		EN: "consents: %d, verifications: %d, erasures before: %d", ZH: "同意 %d 份，核验 %d 次，此前删除 %d 次",
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
		row := []string{v.ID, v.Verdict.String(), v.Check.String()}
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
		Use: "export --config FILE --input FILE [--out FILE]", Short: "Write the copy that a person asks for",
		Long: "Writes all that is kept of the person as one JSON document, and the texts that were agreed to with the name and number in\n" +
			"them (PIPL art. 45). Hand it to that person alone. A file can be read by its owner only.\n\n" +
			"Exit codes: 0 done, also if nothing is kept; 4 the number cannot be one.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, which appears when it is complete; stdout if it is left out")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, number idv.Sensitive) error {
			kept, err := svc.Export(ctx, tenant, number)
			if err != nil {
				return c.consentRefused(err, false)
			}
			return c.writeOutput(out, func(w io.Writer) error { return writeCopy(w, &kept, svc.Defaults.Controller, time.Now()) })
		})
	}
	return cmd
}

// copyView is a person's copy.
type copyView struct {
	ExportedAt time.Time     `json:"exported_at"`
	Controller consent.Party `json:"controller"` // who keeps it

	api.SubjectRecords
}

// writeCopy writes a person's copy, over several lines, since a person reads it.
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
		Use: "erase --config FILE --input FILE [--out FILE] [--yes]", Short: "Take a person out for good, and write the proof of it",
		Long: "Destroys the person's keys, so that what was sealed is noise; open consents are withdrawn; consents and verifications no\n" +
			"longer point to anybody. The book holds nobody's data and stays as it is. The signed proof, which is JSON, goes to stdout\n" +
			"or a file; heyan consent receipt verify checks it. It cannot be undone: without --yes it asks back.\n\n" +
			"Exit codes: 0 done, also if nothing was kept; 4 the number cannot be one, or it was not confirmed.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write the proof to this file, which appears when it is complete; stdout if it is left out")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask back")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !yes {
			if err := c.requireTerminal(input, "give --yes to erase without being asked back"); err != nil {
				return err
			}
		}
		return c.withPerson(cmd, path, input, func(ctx context.Context, svc *consents.Service, number idv.Sensitive) error {
			if !yes {
				if err := c.confirmErasure(ctx, svc, number); err != nil {
					return err
				}
			}
			return c.erase(ctx, svc, number, out)
		})
	}
	return cmd
}

// confirmErasure tells what would go, and wants a clear yes.
func (c *cli) confirmErasure(ctx context.Context, svc *consents.Service, number idv.Sensitive) error {
	found, err := svc.Find(ctx, tenant, number)
	if err != nil {
		return c.consentRefused(err, false)
	}
	c.notef(words.Text{
		EN: "kept of this person: consents: %d, verifications: %d. To erase them cannot be undone.",
		ZH: "此人有同意 %d 份、核验 %d 次的记录。删除后无法恢复。",
	}.In(c.lang), len(found.Consents), len(found.Verifications))
	answer, err := c.prompt(ctx, words.Text{EN: "Type yes to erase:", ZH: "确认删除请输入 yes："}.In(c.lang))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"yes", "是"}, strings.ToLower(answer)) {
		return &exitError{code: exitRefused, err: errors.New(words.Text{
			EN: "not confirmed; nothing was erased", ZH: "未确认，没有删除任何内容",
		}.In(c.lang))}
	}
	return nil
}

// erase takes the person out. The file of the proof is begun before, so that nobody is
// erased whose proof has no place; if it cannot get its name in the end, the proof goes
// to stdout, for it is made but once.
func (c *cli) erase(ctx context.Context, svc *consents.Service, number idv.Sensitive, out string) error {
	var proof []byte
	err := c.writeOutput(out, func(w io.Writer) (err error) {
		if proof, err = svc.Erase(ctx, tenant, number); err != nil {
			return c.consentRefused(err, false)
		}
		return writeSigned(proof)(w)
	})
	if proof == nil {
		return err
	}
	if err != nil && out != "" {
		_ = writeSigned(proof)(c.out) // the printer remembers the error
	}
	c.printErasure(svc, proof)
	return err
}

// tellErased sums an erasure up.
func (c *cli) printErasure(svc *consents.Service, proof []byte) {
	if doc, err := receipt.VerifyErasure(proof, svc.Signer.Keys()...); err == nil {
		c.notef(words.Text{
			EN: "erased; pointing to nobody any more: consents: %d, verifications: %d; keys destroyed: %d; proof %s",
			ZH: "已删除：%d 份同意、%d 次核验不再指向任何人，销毁密钥 %d 把；证明编号 %s",
		}.In(c.lang), doc.Body.Consents, doc.Body.Verifications, doc.Body.KeysDestroyed, doc.Body.ID)
	}
}
