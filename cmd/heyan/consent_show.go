package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/policy/consent"
)

func newConsentShow(t *tool) *cobra.Command {
	var withText bool
	cmd := t.oneConsent(&cobra.Command{
		Use: "show ID --config FILE", Short: "Print what is kept of a consent, or with --text what the person read",
		Long: "The text holds the person's name and number: print it for that person, not into a log. It is made again from what was\n" +
			"sealed, byte for byte, and is gone when the person is erased. Times are UTC+8.",
	}, func(ctx context.Context, c *office, id string, asJSON bool) error {
		if withText {
			text, err := c.Text(ctx, tenant, id)
			if err != nil {
				return t.refuseDesk(err, asJSON)
			}
			record, err := c.Consent(ctx, tenant, id)
			if err != nil {
				return t.refuseDesk(err, asJSON)
			}
			t.showText(record, text.Body, asJSON)
			return nil
		}
		record, err := c.Consent(ctx, tenant, id)
		if err != nil {
			return t.refuseDesk(err, asJSON)
		}
		if asJSON {
			t.out.JSON(api.ConsentOf(&record, time.Now()))
			return nil
		}
		t.printConsent(&record)
		return nil
	})
	cmd.Flags().BoolVar(&withText, "text", false, "print the text that the person read, with the name and number in it")
	return cmd
}

// stateText says where a consent stands.
func stateText(s consent.State) words.Text {
	texts := map[consent.State]words.Text{
		consent.Drafted:    {EN: "drafted; nobody has seen it yet", ZH: "文本已生成（drafted），尚未展示"},
		consent.Presented:  {EN: "presented; the person has not decided", ZH: "已展示（presented），本人尚未决定"},
		consent.Given:      {EN: "given", ZH: "已同意（given）"},
		consent.Refused:    {EN: "refused; nobody is asked on it", ZH: "已拒绝（refused），不得据此核验"},
		consent.Withdrawn:  {EN: "withdrawn; no call rests on it any more", ZH: "已撤回（withdrawn），不得再据此核验"},
		consent.Expired:    {EN: "expired; its time is over", ZH: "已过期（expired）"},
		consent.Superseded: {EN: "superseded; a newer one stands in its place", ZH: "已被较新的同意取代（superseded）"},
	}
	return texts[s]
}

func (t *tool) printConsent(r *consent.Record) {
	at := func(when time.Time) string { return csvfile.Time(when).Plain() }
	plain := func(text string) string { return csvfile.Text(text).Plain() }
	v := api.ConsentOf(r, time.Now())
	t.out.Linef("%s: %s\n", v.ID, stateText(v.State).In(t.lang))
	t.field("purpose", "目的", plain(v.Purpose))
	t.field("app", "应用", plain(v.App))
	t.field("data", "信息", strings.Join(v.Items, ", "))
	for _, p := range v.Recipients {
		t.field("recipient", "接收方", plain(p.Name+", "+p.Contact))
	}
	t.field("guardian", "监护人", plain(v.Guardian))
	t.field("uses", "次数", usesText(r))
	t.field("drafted", "生成", at(v.DraftedAt))
	t.field("presented", "展示", at(v.PresentedAt))
	t.field("decided", "决定", at(v.DecidedAt))
	t.field("action", "方式", string(v.Proof.Action))
	t.field("valid until", "有效至", at(v.ValidUntil))
	t.field("ended", "终止", at(v.EndedAt))
	t.field("notice", "告知书", v.Notice.Name+" "+v.Notice.Version+" "+v.Notice.Language)
	t.field("text hash", "文本摘要", v.Notice.Text)
	t.field("erased by", "删除编号", v.Erased)
}
