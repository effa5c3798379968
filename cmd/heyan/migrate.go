package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

func newMigrate(c *cli) *cobra.Command {
	var path string
	var dry, asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate --config FILE",
		Short: "Bring the database of an earlier version to this version",
		Long: "Changes the tables of the configured database, forward only, and prints what was done. Other commands refuse a database\n" +
			"of an earlier version, except that heyan serve migrates its SQLite file.\n\n" +
			"SQLite: stop the daemon first. The file is copied beside itself, as heyan.db.v4-20261130T090000Z; delete the copy when the\n" +
			"new version runs well, since an erasure of a person does not reach it.\n" +
			"PostgreSQL: make a backup first. Nodes of the previous version go on during and after the migration, unless the CHANGELOG\n" +
			"says that all must be stopped; then replace them one by one.\n\n" +
			"Exit codes: 0 done, or nothing to do; with --dry-run 1 if migrations are pending.",
		Args: noArgs("use --config"),
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "list the pending migrations and change nothing")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := c.load(path)
		if err != nil {
			return err
		}
		return c.migrate(cmd.Context(), loaded.Config, dry, asJSON)
	}
	return cmd
}

// migrationView is the JSON of a migration.
type migrationView struct {
	From     int64    `json:"from"`
	To       int64    `json:"to"`
	Pending  []string `json:"pending"`
	Migrated bool     `json:"migrated"`
}

func (c *cli) migrate(ctx context.Context, conf config.Config, dry, asJSON bool) error {
	o := assemble.Options{Config: conf, LookupEnv: c.lookupEnv, Migrate: true}
	found, err := assemble.Migrations(ctx, o)
	if err != nil {
		return c.storeError("--config: store: ", err)
	}
	pending := len(found.Pending) > 0
	if pending && !dry {
		o.Telemetry.Logger = newLogger(c.stderr, conf.Log, levelOf(conf.Log))
		s, err := assemble.OpenStore(ctx, o)
		if err != nil {
			return c.storeError("--config: store: ", err)
		}
		if err := s.Close(); err != nil {
			return internalError(err)
		}
	}
	if asJSON {
		c.out.JSON(migrationView{found.From, found.To, append([]string{}, found.Pending...), pending && !dry})
	} else {
		c.out.Linef("%s", migrationText(found, dry).In(c.lang))
	}
	if pending && dry {
		return exitCode(exitFound)
	}
	return nil
}

func migrationText(m sqlstore.Migration, dry bool) idv.Text {
	list := "\n  " + strings.Join(m.Pending, "\n  ")
	switch {
	case m.From > m.To:
		return idv.Text{
			EN: fmt.Sprintf("the database has the newer version %d; this program knows %d and changes nothing", m.From, m.To),
			ZH: fmt.Sprintf("数据库为较新的版本 %d，本程序仅支持到 %d，未作改动", m.From, m.To),
		}
	case len(m.Pending) == 0:
		return idv.Text{EN: fmt.Sprintf("the database has version %d; nothing to do", m.To), ZH: fmt.Sprintf("数据库版本为 %d，无需迁移", m.To)}
	case dry:
		return idv.Text{
			EN: fmt.Sprintf("from version %d to %d, pending:%s", max(m.From, 0), m.To, list),
			ZH: fmt.Sprintf("版本 %d → %d，待执行的迁移：%s", max(m.From, 0), m.To, list),
		}
	}
	return idv.Text{
		EN: fmt.Sprintf("migrated from version %d to %d:%s", max(m.From, 0), m.To, list),
		ZH: fmt.Sprintf("已由版本 %d 迁移至 %d：%s", max(m.From, 0), m.To, list),
	}
}
