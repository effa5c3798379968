package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// orderFlags are the flags of `heyan provider drain|resume|close`.
type orderFlags struct {
	config, reason, until string
	lasts                 time.Duration
	json                  bool
}

// newOrder returns the command that gives an order for a provider.
func newOrder(c *cli, kind store.OrderKind, act audit.Kind, short, long string) *cobra.Command {
	var f orderFlags
	cmd := &cobra.Command{
		Use: string(kind) + " NAME --config FILE", Short: short, Long: long,
		Args: exactly(1, "the configured name of a provider"),
	}
	configFlag(cmd, &f.config)
	reasonFlag(cmd, &f.reason, "why; shown with the provider and recorded in the audit log; no personal data")
	if kind != store.OrderResume {
		cmd.Flags().DurationVar(&f.lasts, "for", 0, "how long, such as 90m (default until it is resumed)")
		cmd.Flags().StringVar(&f.until, "until", "", "the last day, or the time, until which it holds")
	}
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withLedger(cmd, f.config, mustExist, func(ctx context.Context, b *ledgerStore) error {
			if _, err := b.provider(args[0]); err != nil {
				return err
			}
			return c.order(ctx, b, store.Order{Provider: args[0], Kind: kind, Reason: f.reason, Principal: principal()}, act, f)
		})
	}
	return cmd
}

func newProviderDrain(c *cli) *cobra.Command {
	return newOrder(c, store.OrderDrain, audit.ProviderDrain, "Stop calling a provider",
		"Every running daemon with this store stops within a second, and a restart does not end it. Calls in flight complete.")
}

func newProviderResume(c *cli) *cobra.Command {
	return newOrder(c, store.OrderResume, audit.ProviderResume, "Call a provider again",
		"Ends a drain, a close, and a pause after a used-up package or rejected credentials, on every running daemon with this store.")
}

func newProviderClose(c *cli) *cobra.Command {
	return newOrder(c, store.OrderClose, audit.ProviderClose, "Stop calling a provider for an announced maintenance",
		"As heyan provider drain, but --reason is required, and when the time is over one call tries whether the provider is back\n"+
			"before others follow.")
}

// order gives an order.
func (c *cli) order(ctx context.Context, b *ledgerStore, o store.Order, act audit.Kind, f orderFlags) (err error) {
	switch {
	case f.until != "" && f.lasts != 0:
		return usageError("--for: cannot be combined with --until")
	case f.lasts < 0:
		return usageError("--for: must be in the future")
	case f.lasts > 0:
		o.Until = time.Now().Add(f.lasts)
	}
	if f.until != "" {
		if o.Until, err = dayEnd("--until", f.until); err != nil {
			return err
		}
	}
	if ctx, err = b.acting(ctx, c, act, o.Provider, o.Reason); err != nil {
		return err
	}
	set, err := b.SetOrder(ctx, o)
	var fault *store.OrderError
	switch {
	case errors.As(err, &fault):
		return usageError("--%s: %s", fault.Field, fault.Message)
	case errors.Is(err, audit.ErrPersonal):
		return reasonRefused(err)
	case err != nil:
		return internalError(err)
	}
	c.printOrder(&set, f.json)
	return nil
}

// orderView is the JSON of an order.
type orderView struct {
	Provider string `json:"provider"`

	*api.Order
}

func (c *cli) printOrder(o *store.Order, asJSON bool) {
	if asJSON {
		c.out.JSON(orderView{o.Provider, api.OrderOf(o)})
		return
	}
	done := map[store.OrderKind]idv.Text{
		store.OrderDrain:  {EN: "%s: drained", ZH: "%s：已下线"},
		store.OrderClose:  {EN: "%s: closed", ZH: "%s：已停用"},
		store.OrderResume: {EN: "%s: resumed", ZH: "%s：已恢复"},
	}[o.Kind]
	end := ""
	if !o.Until.IsZero() {
		end = idv.Text{EN: " until ", ZH: "，至 "}.In(c.lang) + shortTime(o.Until)
	}
	c.out.Linef(done.In(c.lang)+"%s", o.Provider, end)
}
