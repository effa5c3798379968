package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/ledger"
)

func newLotsList(t *tool) *cobra.Command {
	var path, provider string
	var f form
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the packages in the order of their use, and where their units are",
		Long: "A line whose id begins with open: is no package: it counts, at list price, the calls of a provider before a package was booked.",
		Args: noArgs("--provider chooses"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&provider, "provider", "", "only of this provider")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error {
			list, err := b.Lots(ctx, provider)
			if err != nil {
				return internal(err)
			}
			return t.printLots(f, list)
		})
	}
	return cmd
}

func newLotsWriteOff(t *tool) *cobra.Command {
	var path, lot, why string
	var units int64
	var f form
	cmd := &cobra.Command{
		Use: "write-off --config FILE --lot ID --units UNITS --why TEXT", Short: "Give up units of a package that are available",
		Long: "For units that the vendor took away or that were used behind heyan's back. It cannot be undone. Packages that expire are\n" +
			"written off by the daemon.",
		Args: noArgs("--lot names the package"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&lot, "lot", "", "the id of the package")
	cmd.Flags().Int64Var(&units, "units", 0, "how many units")
	cmd.Flags().StringVar(&why, "why", "", "the reason, for the book; nothing personal")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if err := needed("--lot", lot, "`heyan ledger lots list` shows the ids"); err != nil {
			return err
		}
		if err := needed("--why", why, "say why the units are given up; it stands in the book"); err != nil {
			return err
		}
		return t.withBook(cmd, path, look, func(ctx context.Context, b *book) error { return t.writeOff(ctx, b, f, lot, units, why) })
	}
	return cmd
}

func (t *tool) writeOff(ctx context.Context, b *book, f form, lot string, units int64, why string) error {
	switch err := b.WriteOff(ctx, lot, units, why); {
	case errors.Is(err, ledger.ErrNoLot):
		return usage("--lot: there is no package of this id; `heyan ledger lots list` shows them")
	case errors.Is(err, ledger.ErrTooFew):
		return usage("--units: want a number from 1 to what the package has available; `heyan ledger lots list` shows it")
	case err != nil:
		return internal(err)
	}
	list, err := b.Lots(ctx, "")
	if err != nil {
		return internal(err)
	}
	for i := range list {
		if list[i].ID == lot {
			return t.printLots(f, list[i:i+1])
		}
	}
	return nil
}
