package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

func newBackup(c *cli) *cobra.Command {
	var path, out string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "backup --config FILE --out FILE|DIR|-", Short: "Copy the database and its key files to an archive, also while the daemon runs",
		Long: "SQLite: the archive has a consistent copy of the database, the key files without which it is useless, and a manifest. Before\n" +
			"it gets its name the copy is opened: damage, balances, keys and audit log are checked.\n" +
			"PostgreSQL: the archive has the key files only. Copy the database with pg_dump or with continuous archiving.\n\n" +
			"Whoever has the archive can read what is encrypted in it. It has the mode 600; encrypt what leaves the machine, as in\n" +
			"heyan backup --config FILE --out - | age -r RECIPIENT > heyan.tar.age. An existing file is never overwritten.",
		Args: noArgs("use --out"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&out, "out", "", "the archive `FILE`, a folder for one named by the time, or - for stdout")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := required("--out", out, "name the archive, a folder, or - for stdout"); err != nil {
			return err
		}
		loaded, err := c.load(path)
		if err != nil {
			return err
		}
		if err := checkStore(loaded.Config.Store, mustExist); err != nil {
			return err
		}
		return c.backup(cmd.Context(), loaded.Config, out, asJSON)
	}
	return cmd
}

// backupView is the JSON of a backup.
type backupView struct {
	File string `json:"file"`

	assemble.Manifest
}

func (c *cli) backup(ctx context.Context, conf config.Config, out string, asJSON bool) error {
	o := c.attached(conf)
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		out = filepath.Join(out, "heyan-"+time.Now().UTC().Format("20060102T150405Z")+".tar")
	}
	var m assemble.Manifest
	err := writeArchive(out, conf, c.stdout, func(folder string, w io.Writer) (err error) {
		m, err = assemble.Backup(ctx, o, version, folder, w)
		return err
	})
	if err != nil {
		return c.backupFailed(err)
	}
	name := filepath.Base(out)
	if out == "-" {
		name = "stdout"
	}
	err = assemble.WithAudit(ctx, o, func(s store.Store, act func(audit.Act) context.Context) error {
		return s.Record(act(audit.Act{Principal: principal(), Kind: audit.BackupMake, Target: idv.CleanText(name, idv.MaxName)}))
	})
	if err != nil {
		return c.storeError("--config: the backup is complete, but not in the audit log: ", err)
	}
	switch {
	case out == "-":
	case asJSON:
		c.out.JSON(backupView{out, m})
		return nil
	default:
		c.out.Linef("%s", out)
	}
	for _, k := range m.Elsewhere {
		c.notef(idv.Text{
			EN: "not in the archive: %s (%s); keep it apart, since the data cannot be used without it",
			ZH: "归档中不含 %s（%s）；请另行保管，缺少它数据无法使用",
		}.In(c.lang), k.Setting, k.Reference)
	}
	return nil
}

// writeArchive writes to stdout, or to a file that gets its name when it is whole.
func writeArchive(out string, conf config.Config, stdout io.Writer, write func(folder string, w io.Writer) error) error {
	if out == "-" {
		folder := os.TempDir()
		if conf.Store.Driver == "sqlite" {
			folder = filepath.Dir(strings.TrimPrefix(conf.Store.DSN, "file:")) // which is private, and has space for a database
		}
		return write(folder, stdout)
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return errExists
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".heyan-backup-*") // mode 0600
	if err != nil {
		return usageError("--out: cannot create the file; check that its folder exists and is writable")
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := errors.Join(write(filepath.Dir(out), f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), out); errors.Is(err, fs.ErrExist) {
		return errExists
	} else if err != nil {
		return fmt.Errorf("the archive cannot be put in place: %w", err)
	}
	return nil
}

// errExists is the error of an archive that would be overwritten.
var errExists = errors.New("--out: the file exists and is not overwritten; name another one")

func (c *cli) backupFailed(err error) error {
	var exit *exitError
	switch {
	case errors.Is(err, errExists):
		return usageError("%w", errExists)
	case errors.As(err, &exit):
		return err
	}
	return c.storeError("no backup was made: ", err)
}

// restoreFlags are the flags of `heyan restore`.
type restoreFlags struct {
	config, from, at, accept, reason string
	json                             bool
}

func newRestore(c *cli) *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use: "restore --config FILE (--from FILE|- | --accept-gap GAP)", Short: "Put a backup in place, and accept the time that it does not know",
		Long: "Stop every daemon first. --from puts the database and the key files of an archive where the configuration expects them;\n" +
			"nothing is overwritten, so move a damaged database away first, with its -wal and -shm.\n\n" +
			"Calls that were made after the backup are not in the copy, but their vendors will bill them. So no paid call is made before\n" +
			"--accept-gap names the missing time as the restore printed it. Meanwhile reconcile it: compare the vendors' statements of\n" +
			"that time, write off the units that were used, repeat the erasures, revocations and withdrawals.\n\n" +
			"PostgreSQL: restore the database with its own tools, then say with --database-at which time it is of. The same marks a\n" +
			"SQLite file that was copied back by hand, which heyan cannot notice.\n\n" +
			"Without these flags it prints the open gap. Exit codes: 0 done, or no gap is open; 1 a gap is open.",
		Args: noArgs("use --from"),
	}
	configFlag(cmd, &f.config)
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "the archive `FILE` of heyan backup, or - for stdin")
	flags.StringVar(&f.at, "database-at", "", "the time that the database itself is of, if it was not restored from an archive")
	flags.StringVar(&f.accept, "accept-gap", "", "the missing time, such as 2026-11-30T10:00:00Z..2026-11-30T12:00:00Z")
	reasonFlag(cmd, &f.reason, "how the missing time was reconciled, for the audit log; no personal data")
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := c.load(f.config)
		if err != nil {
			return err
		}
		switch {
		case f.accept != "" && (f.from != "" || f.at != ""):
			return usageError("--accept-gap: cannot be combined with --from and --database-at; accept the gap after it was reconciled")
		case f.accept != "":
			return c.acceptGap(cmd.Context(), loaded.Config, f)
		case f.from == "" && f.at == "":
			return c.showGap(cmd.Context(), loaded.Config, f.json)
		}
		return c.restore(cmd.Context(), loaded.Config, f)
	}
	return cmd
}

func (c *cli) restore(ctx context.Context, conf config.Config, f restoreFlags) error {
	var at time.Time
	var err error
	if f.at != "" {
		if at, _, err = parseTime("--database-at", f.at); err != nil {
			return err
		}
		if at.After(time.Now()) {
			return usageError("--database-at: must be in the past")
		}
	}
	switch {
	case conf.Store.Driver == "memory":
		return configError("--config: store.driver: memory keeps nothing after the process ends; use sqlite or postgres")
	case conf.Store.Driver == "postgres" && at.IsZero():
		return usageError("--database-at is missing: restore the PostgreSQL database first, then say which time it is of")
	case conf.Store.Driver == "sqlite" && f.from != "" && !at.IsZero():
		return usageError("--database-at: cannot be combined with --from; the archive says which time it is of")
	}
	var r assemble.Restored
	if f.from == "" {
		if err := checkStore(conf.Store, mustExist); err != nil {
			return err
		}
		r.Gap, err = assemble.MarkRestored(ctx, c.attached(conf), at, principal())
	} else {
		r, err = c.restoreArchive(ctx, conf, f.from, at)
	}
	switch {
	case errors.Is(err, assemble.ErrThere):
		return configError("--config: store.dsn: %w; move it away with its -wal and -shm files, then restore again", assemble.ErrThere)
	case err != nil:
		return c.storeError("nothing was restored: ", err)
	}
	return c.printGap(r.Gap, true, f.json)
}

func (c *cli) restoreArchive(ctx context.Context, conf config.Config, from string, at time.Time) (r assemble.Restored, err error) {
	in := c.stdin
	if from != "-" {
		file, err := os.Open(from)
		if err != nil {
			return r, usageError("--from: cannot read the file; give the path of an archive of heyan backup")
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	return assemble.Restore(ctx, c.attached(conf), in, at, principal())
}

// gapView is the JSON of a gap.
type gapView struct {
	Gap  string    `json:"gap,omitempty"`
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	Open bool      `json:"open"`
}

func (c *cli) printGap(g store.Gap, open, asJSON bool) error {
	switch {
	case asJSON && open:
		c.out.JSON(gapView{g.String(), g.From, g.To, true})
	case asJSON:
		c.out.JSON(gapView{})
	case open:
		c.out.Linef(idv.Text{
			EN: "The store knows no call of %s. No paid call is made until that time is reconciled with the vendors' bills and accepted: heyan restore --config FILE --accept-gap %s",
			ZH: "账本中没有 %s 期间的调用。请先与供应商账单对账，再确认缺失时段，此前不会发起任何付费调用：heyan restore --config FILE --accept-gap %s",
		}.In(c.lang), g, g)
	default:
		c.out.Linef("%s", idv.Text{EN: "No gap is open.", ZH: "没有待确认的缺失时段。"}.In(c.lang))
	}
	return nil
}

func (c *cli) showGap(ctx context.Context, conf config.Config, asJSON bool) error {
	return c.withGaps(ctx, conf, func(s store.Store, _ func(audit.Act) context.Context) error {
		gap, open, err := s.OpenGap(ctx)
		if err != nil {
			return internalError(err)
		}
		if err := c.printGap(gap, open, asJSON); err != nil || !open {
			return err
		}
		return exitCode(exitFound)
	})
}

func (c *cli) acceptGap(ctx context.Context, conf config.Config, f restoreFlags) error {
	gap, err := store.ParseGap(f.accept)
	if err != nil {
		return usageError("--accept-gap: %w", err)
	}
	return c.withGaps(ctx, conf, func(s store.Store, act func(audit.Act) context.Context) error {
		err := s.AcceptGap(act(audit.Act{Principal: principal(), Kind: audit.GapAccept, Target: gap.String(), Reason: f.reason}), gap)
		switch {
		case errors.Is(err, store.ErrNoGap):
			return usageError("--accept-gap: this gap is not open; `heyan restore --config FILE` prints the one that is")
		case errors.Is(err, audit.ErrPersonal):
			return reasonRefused(err)
		case err != nil:
			return internalError(err)
		}
		return c.printGap(gap, false, f.json)
	})
}

// withGaps opens the configured store for one command.
func (c *cli) withGaps(ctx context.Context, conf config.Config, do func(store.Store, func(audit.Act) context.Context) error) error {
	if err := checkStore(conf.Store, mustExist); err != nil {
		return err
	}
	err := assemble.WithAudit(ctx, c.attached(conf), do)
	var exit *exitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return c.storeError("--config: ", err)
}
