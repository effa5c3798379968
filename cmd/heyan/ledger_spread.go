package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/audit"
)

func newLotsSpread(c *cli) *cobra.Command {
	var path, lot string
	var f outputFormat
	cmd := &cobra.Command{
		Use: "spread --config FILE --lot ID", Short: "Divide a package anew into the rows that the nodes of a fleet draw on",
		Long: "For a package that was added before store.lot_rows was changed. It levels the available units over that many rows and changes\n" +
			"no balance. All rows are locked meanwhile, so take a quiet moment. In a SQLite file a package has one row.",
		Args: noArgs("use --lot"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&lot, "lot", "", "the id of the package")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if err := required("--lot", lot, "`heyan ledger lots list` lists the ids"); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error { return c.spreadLot(ctx, b, f, lot) })
	}
	return cmd
}

func (c *cli) spreadLot(ctx context.Context, b *ledgerStore, f outputFormat, id string) error {
	lot, err := b.findLot(ctx, id)
	if err != nil {
		return err
	}
	if ctx, err = b.acting(ctx, c, audit.LotSpread, lot, ""); err != nil {
		return err
	}
	rows, err := b.SpreadLot(ctx, lot)
	switch {
	case errors.Is(err, ledger.ErrNoLot):
		return unknownLot()
	case err != nil:
		return internalError(err)
	}
	c.notef("rows of the package: %d", rows)
	return c.printLot(ctx, b, f, lot)
}
