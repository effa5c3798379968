package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/policy/consent"
)

func newConsentList(t *tool) *cobra.Command {
	var path, input string
	var f form
	cmd := &cobra.Command{
		Use: "list --config FILE --input FILE", Short: "Print the consents of a person, oldest first",
		Long: `The person comes from a file, or with - from stdin, as {"id_number":"…"}. Times are UTC+8.`,
		Args: noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return t.withPerson(cmd, path, input, func(ctx context.Context, c *office, number idv.Sensitive) error {
			found, err := c.Find(ctx, tenant, number)
			if err != nil {
				return t.refuseDesk(err, f.json)
			}
			return t.listConsents(&found, f)
		})
	}
	return cmd
}

// listConsents prints a line for each consent that was found.
func (t *tool) listConsents(found *consents.SubjectRecords, f form) error {
	out := t.listing(f, "consent 同意编号", "state 状态", "purpose 目的", "app 应用", "uses 次数", "drafted 生成", "decided 决定", "valid_until 有效至", "ended 终止",
		"role 身份")
	now := time.Now()
	for i := range found.Consents {
		r := &found.Consents[i]
		v := api.ConsentOf(r, now)
		v.AsGuardian = found.AsGuardian(r)
		err := out.line(v, csvfile.Text(v.ID), csvfile.Text(v.State), csvfile.Text(v.Purpose), csvfile.Text(v.App), csvfile.Text(usesText(r)),
			csvfile.Time(v.DraftedAt), csvfile.Time(v.DecidedAt), csvfile.Time(v.ValidUntil), csvfile.Time(v.EndedAt), csvfile.Text(roleText(v.AsGuardian)))
		if err != nil {
			return err
		}
	}
	return out.end(words.Text{EN: "no consent of this person is kept", ZH: "未保存此人的同意记录"}.In(t.lang))
}

// roleText says as what a person stands in a consent.
func roleText(guardian bool) string {
	if guardian {
		return "guardian"
	}
	return "subject"
}

// usesText says how much of a consent is used up.
func usesText(r *consent.Record) string { return fmt.Sprintf("%d/%d", r.Used, r.MaxUses) }
