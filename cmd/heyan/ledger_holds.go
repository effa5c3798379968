package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// holdView is the JSON of a hold.
type holdView struct {
	Attempt      string       `json:"attempt"`
	Verification string       `json:"verification,omitempty"`
	Provider     string       `json:"provider"`
	Lot          string       `json:"lot"`
	State        ledger.State `json:"state"`
	Check        idv.Check    `json:"check"`
	Tenant       idv.Tenant   `json:"tenant,omitempty"`
	App          string       `json:"app,omitempty"`
	Purpose      string       `json:"purpose,omitempty"`
	At           time.Time    `json:"at"`
	Outcome      string       `json:"outcome,omitempty"` // a verdict or a failure; empty if the process died
	VendorCode   string       `json:"vendor_code,omitempty"`
	VendorRef    string       `json:"vendor_ref,omitempty"`
	Sent         idv.Delivery `json:"delivery"`
	Price        api.Cost     `json:"price"`
	Changed      time.Time    `json:"changed"`
	Why          string       `json:"reason,omitempty"`
}

func viewHold(h *ledger.Hold) holdView {
	i, a := &h.Intent, h.Attempt()
	return holdView{
		Attempt: i.Attempt, Verification: i.Verification, Provider: i.Provider, Lot: h.Lot, State: h.State, Check: i.Check,
		Tenant: i.Tenant, App: i.App, Purpose: i.Purpose, At: i.At, Outcome: h.Ending(), VendorCode: a.VendorCode, VendorRef: a.VendorRef,
		Sent: a.Delivery, Price: api.CostOf(i.Price), Changed: h.Changed, Why: h.Why,
	}
}

func newLedgerHolds(c *cli) *cobra.Command {
	var path string
	var unknown bool
	var sel entryFilter
	var f outputFormat
	cmd := &cobra.Command{
		Use: "holds --config FILE", Short: "List the calls with the state of their unit, oldest first",
		Long: "With --unknown it lists only the calls with an unknown charge: settle them with `heyan ledger reconcile`, or one by one\n" +
			"with `heyan ledger resolve`. A call whose process died is listed one minute after its deadline, as held until the daemon\n" +
			"or resolve recovers it.",
		Args: noArgs("use the flags to select calls"),
	}
	configFlag(cmd, &path)
	sel.add(cmd)
	cmd.Flags().BoolVar(&unknown, "unknown", false, "only calls with an unknown charge")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := sel.parse()
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.printHolds(ctx, b, f, filter, unknown) })
	}
	return cmd
}

func (c *cli) printHolds(ctx context.Context, b *ledgerStore, f outputFormat, filter ledger.Filter, unknown bool) error {
	var states []ledger.State
	if unknown {
		states = []ledger.State{ledger.StateUnknown, ledger.StateHeld}
	}
	out := c.listing(f, "attempt 调用", "time 时间", "provider 供应商", "state 状态", "outcome 结果", "code 代码", "delivery 送达", "price 单价", "currency 币种",
		"lot 套餐", "tenant 租户", "app 应用", "purpose 目的", "reason 原因")
	now := time.Now()
	err := b.eachHold(ctx, filter, func(h *ledger.Hold) error {
		if unknown && h.State == ledger.StateHeld && !store.Lost(h, now) {
			return nil // the call is in flight
		}
		i, a := &h.Intent, h.Attempt()
		return out.line(viewHold(h), csvfile.Text(i.Attempt), csvfile.Time(i.At), csvfile.Text(i.Provider), csvfile.Text(h.State.String()), csvfile.Text(h.Ending()),
			csvfile.Text(a.VendorCode), csvfile.Text(a.Delivery.String()), csvfile.Amount(i.Price), csvfile.Text(i.Price.Currency), csvfile.Text(h.Lot),
			csvfile.Text(i.Tenant), csvfile.Text(i.App), csvfile.Text(i.Purpose), csvfile.Text(h.Why))
	}, states...)
	if err != nil {
		return err
	}
	return out.end(idv.Text{EN: "no matching calls", ZH: "没有符合条件的调用"}.In(c.lang))
}

func newLedgerResolve(c *cli) *cobra.Command {
	var path, attempt, why string
	var charged, not, asJSON bool
	cmd := &cobra.Command{
		Use: "resolve --config FILE --attempt ID (--charged | --not-charged) --reason TEXT", Short: "Settle a call with an unknown charge",
		Long: "For charges that are known from the vendor's bill or support. It cannot be undone.",
		Args: noArgs("use --attempt"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&attempt, "attempt", "", "the `ID` of the call, as heyan ledger holds --unknown lists it")
	cmd.Flags().BoolVar(&charged, "charged", false, "the vendor charged it: the unit is spent")
	cmd.Flags().BoolVar(&not, "not-charged", false, "the vendor did not charge it: the unit is returned")
	reasonFlag(cmd, &why, "the evidence, recorded in the ledger; no personal data")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := required("--attempt", attempt, "`heyan ledger holds --unknown` lists the calls"); err != nil {
			return err
		}
		if charged == not {
			return usageError("--charged, --not-charged: exactly one of them is required")
		}
		if err := required("--reason", why, "name the evidence; it is recorded in the ledger"); err != nil {
			return err
		}
		charge := idv.NotCharged
		if charged {
			charge = idv.Charged
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			return c.resolve(ctx, b, settled{attempt, charge, why}, asJSON)
		})
	}
	return cmd
}

// settled is the JSON of a settled call.
type settled struct {
	Attempt string     `json:"attempt"`
	Charge  idv.Charge `json:"charge"`
	Why     string     `json:"reason"`
}

func (c *cli) resolve(ctx context.Context, b *ledgerStore, s settled, asJSON bool) error {
	// A call whose process died counts as running until Recover marks it as lost.
	if _, err := b.Recover(ctx); err != nil {
		return internalError(err)
	}
	ctx, err := b.acting(ctx, c, audit.HoldResolve, s.Attempt, s.Why)
	if err != nil {
		return err
	}
	switch err := b.Resolve(ctx, s.Attempt, s.Charge, s.Why); {
	case errors.Is(err, audit.ErrPersonal):
		return reasonRefused(err)
	case errors.Is(err, ledger.ErrNoHold):
		return usageError("--attempt: no call has this id; `heyan ledger holds --unknown` lists the open calls")
	case errors.Is(err, ledger.ErrSettled):
		return usageError("--attempt: the call is already settled and was not changed; `heyan ledger entries` shows how")
	case errors.Is(err, ledger.ErrRunning):
		return usageError("--attempt: the call is still running; try again one minute after its deadline")
	case err != nil:
		return internalError(err)
	}
	if asJSON {
		c.out.JSON(s)
		return nil
	}
	c.out.Linef("%s: %s", s.Attempt, words.Charge(s.Charge).In(c.lang))
	return nil
}
