package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

func newWebhook(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "webhook", Short: "List undelivered messages to webhooks, and send them again",
		Long: "Works on the messages in the configured store. The daemon sends them; a message is dead after eleven attempts in about 28\n" +
			"hours, and is then sent only on request.",
	})
	cmd.AddCommand(newWebhookList(c), newWebhookResend(c))
	return cmd
}

func newWebhookList(c *cli) *cobra.Command {
	var path, tenant string
	var f store.MessageFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the undelivered messages, newest first",
		Args: noArgs("use --dead and --tenant to choose"),
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&f.Dead, "dead", false, "only messages that are not sent any more")
	cmd.Flags().StringVar(&tenant, "tenant", "", "the messages of this tenant (default all)")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f.Tenant = idv.Tenant(tenant)
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			out := c.listing(outputFormat{json: asJSON}, "id 编号", "webhook 名称", "state 状态", "attempts 次数", "reason 原因", "next 下次发送", "verification 核验编号", "tenant 租户")
			err := eachPage(0, func(p ledger.Page) ([]store.Message, string, error) { return b.Messages(ctx, f, p) }, func(m *store.Message) error {
				view := api.MessageOf(m)
				next := csvfile.Cell{}
				if view.Next != nil {
					next = csvfile.Time(*view.Next)
				}
				return out.line(view, csvfile.Text(m.ID), csvfile.Text(m.Webhook), csvfile.Text(view.State), csvfile.Int(int64(m.Attempts)),
					csvfile.Text(m.Failure), next, csvfile.Text(m.Verification), csvfile.Text(m.Tenant))
			})
			if err != nil {
				return err
			}
			return out.end(idv.Text{EN: "no undelivered messages", ZH: "没有未送达的消息"}.In(c.lang))
		})
	}
	return cmd
}

func newWebhookResend(c *cli) *cobra.Command {
	var path, tenant string
	var dead, asJSON bool
	cmd := &cobra.Command{
		Use: "resend [ID …] --config FILE", Short: "Send undelivered messages again",
		Long: "The messages are due at once and have all their attempts again; the daemon sends them within a second. Their ids stay, so a\n" +
			"receiver that has one can drop it.",
		Args: func(_ *cobra.Command, args []string) error {
			if dead == (len(args) > 0) {
				return usageError("give the ids of messages, as heyan webhook list prints them, or --dead for all dead ones")
			}
			return nil
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&dead, "dead", false, "all messages that are not sent any more")
	cmd.Flags().StringVar(&tenant, "tenant", "", "only messages of this tenant (default all)")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f := store.MessageFilter{Tenant: idv.Tenant(tenant), Dead: dead}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			ids := args
			if dead {
				err := eachPage(0, func(p ledger.Page) ([]store.Message, string, error) { return b.Messages(ctx, f, p) }, func(m *store.Message) error {
					ids = append(ids, m.ID)
					return nil
				})
				if err != nil {
					return err
				}
			}
			return c.resend(ctx, b, f, ids, asJSON)
		})
	}
	return cmd
}

func (c *cli) resend(ctx context.Context, b *ledgerStore, f store.MessageFilter, ids []string, asJSON bool) error {
	for _, id := range ids {
		acting, err := b.acting(ctx, c, audit.MessageResend, id, "")
		if err != nil {
			return err
		}
		sent, err := b.ResendMessage(acting, f, id)
		switch {
		case errors.Is(err, store.ErrNoMessage) && f.Dead:
			continue // it was delivered or resent meanwhile
		case errors.Is(err, store.ErrNoMessage):
			return usageError("no undelivered message has this id; heyan webhook list lists the ids")
		case err != nil:
			return internalError(err)
		case asJSON:
			c.out.JSON(api.MessageOf(&sent))
		default:
			c.out.Linef(idv.Text{EN: "Message %s is sent again.", ZH: "消息 %s 将重新发送。"}.In(c.lang), sent.ID)
		}
	}
	if len(ids) == 0 && !asJSON {
		c.out.Linef("%s", idv.Text{EN: "no undelivered messages", ZH: "没有未送达的消息"}.In(c.lang))
	}
	return nil
}
