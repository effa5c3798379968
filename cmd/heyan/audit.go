package main

import (
	"context"
	"errors"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// principal names who runs a command, for the audit log: by the number of the user, since a
// name is personal data.
func principal() string { return "cli:" + strconv.Itoa(os.Getuid()) }

// acting returns a context under which a change of an open store is recorded.
func (b *ledgerStore) acting(ctx context.Context, c *cli, k audit.Kind, target, reason string) (context.Context, error) {
	ring, err := assemble.KeyringOf(ctx, c.attached(b.config), b.Store)
	if err != nil {
		return ctx, configError("--config: the keys that seal the audit log: %s", faultLines(err))
	}
	return audit.With(ctx, ring, audit.Act{Principal: principal(), Kind: k, Target: target, Reason: reason}), nil
}

// reasonRefused explains a reason that cannot be recorded, nil for any other error.
func reasonRefused(err error) error {
	if errors.Is(err, audit.ErrPersonal) {
		return usageError("--reason: must not contain a number of 11 or more digits, since it may be that of a person; leave it out")
	}
	return nil
}

func newAudit(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "audit", Short: "List and check what operators did",
		Long: "The audit log has operators' acts: keys created and revoked, providers drained, closed and resumed, packages added and\n" +
			"corrected, reconciliations, maintenance windows, second opinions, consents recorded and persons erased, reloads, backups and\n" +
			"restores. It has no claim and no personal data. Records are never changed or deleted.",
	})
	cmd.AddCommand(newAuditList(c), newAuditVerify(c))
	return cmd
}

func newAuditList(c *cli) *cobra.Command {
	var path, tenant string
	var f outputFormat
	cmd := &cobra.Command{Use: "list --config FILE", Short: "List the records of the audit log, oldest first", Args: noArgs("use --tenant to choose")}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&tenant, "tenant", "", "the records of this tenant (default all)")
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			return c.printActs(ctx, b, f, idv.Tenant(tenant))
		})
	}
	return cmd
}

func (c *cli) printActs(ctx context.Context, b *ledgerStore, f outputFormat, tenant idv.Tenant) error {
	out := c.listing(f, "seq 序号", "time 时间", "tenant 租户", "principal 操作者", "act 操作", "target 对象", "reason 原因")
	for page := (ledger.Page{}); ; {
		list, next, err := b.Acts(ctx, tenant, page)
		if err != nil {
			return internalError(err)
		}
		for i := range list {
			r := &list[i]
			err := out.line(api.ActOf(r), csvfile.Int(r.Seq), csvfile.Time(r.At), csvfile.Text(r.Tenant), csvfile.Text(r.Principal),
				csvfile.Text(r.Kind), csvfile.Text(r.Target), csvfile.Text(r.Reason))
			if err != nil {
				return err
			}
		}
		if page.After = next; next == "" {
			return out.end(idv.Text{EN: "no records", ZH: "没有记录"}.In(c.lang))
		}
	}
}

func newAuditVerify(c *cli) *cobra.Command {
	var path, head string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify --config FILE [--head HEAD]", Short: "Check that no record of the audit log was changed, removed, moved or cut off",
		Long: "Recomputes the keyed hashes with policy.keys and prints the head of the log. Keep the head apart, for example in a ticket,\n" +
			"and give it with --head later: only that shows that the whole database was replaced by an older copy. Whoever has the keys as\n" +
			"well as the database can forge records, but none before a head that was kept apart.\n\n" +
			"Exit codes: 0 the log is intact; 1 it is not.",
		Args: noArgs("use --head"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&head, "head", "", "a `HEAD` that was printed before, which the log must contain")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		var known audit.Head
		if head != "" {
			if known, err = audit.ParseHead(head); err != nil {
				return usageError("--head: %w", err)
			}
		}
		return c.withAudit(cmd, path, func(ctx context.Context, s store.Store, sealer audit.Sealer) error {
			found, err := store.VerifyAudit(ctx, s, sealer, known)
			return c.printVerified(found, err, asJSON)
		})
	}
	return cmd
}

// verifiedView is the JSON of a checked log.
type verifiedView struct {
	Intact  bool   `json:"intact"`
	Records int64  `json:"records"`
	Head    string `json:"head,omitempty"`
	Seq     int64  `json:"seq,omitempty"`   // of the first record that is wrong
	Error   string `json:"error,omitempty"` // what is wrong with it
}

func (c *cli) printVerified(head audit.Head, err error, asJSON bool) error {
	view := verifiedView{Intact: err == nil, Records: head.Seq}
	var broken *audit.BrokenError
	switch {
	case errors.As(err, &broken):
		view.Seq, view.Error = broken.Seq, broken.Text
	case err != nil:
		return internalError(err)
	case head.Seq > 0:
		view.Head = head.String()
	}
	switch {
	case asJSON:
		c.out.JSON(view)
	case view.Intact:
		c.out.Linef(idv.Text{EN: "intact: %s; head %s", ZH: "完整：%s；链头 %s"}.In(c.lang), idv.Text{
			EN: idv.Count(head.Seq, "record"), ZH: strconv.FormatInt(head.Seq, 10) + " 条记录",
		}.In(c.lang), view.Head)
	default:
		c.out.Linef(idv.Text{EN: "not intact: record %d %s", ZH: "不完整：第 %d 条记录 %s"}.In(c.lang), view.Seq, view.Error)
	}
	if !view.Intact {
		return exitCode(exitFound)
	}
	return nil
}

// withAudit opens the configured store with the keys that seal its audit log.
func (c *cli) withAudit(cmd *cobra.Command, path string, do func(context.Context, store.Store, audit.Sealer) error) (err error) {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if err := checkStore(loaded.Config.Store, mustExist); err != nil {
		return err
	}
	ring, s, err := assemble.OpenKeyring(cmd.Context(), c.attached(loaded.Config))
	if err != nil {
		return c.storeError("--config: ", err)
	}
	defer func() { err = c.unavailable(internalError(errors.Join(err, s.Close()))) }()
	return do(cmd.Context(), s, ring)
}
