package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrNewer means that a newer version of heyan wrote this database. An older version cannot
// open it, since the meaning of its columns may have changed.
var ErrNewer = errors.New("the database was written by a newer version of heyan")

// migrate migrates the tables to this version, forward only.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, log *slog.Logger, options ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	options = append(options, goose.WithSlog(log), goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the database: %w", err)
	}
	if current > target {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	return nil
}

// migrate waits longer for the lock of another process than the writer does.
func (l *lite) migrate(ctx context.Context, log *slog.Logger) error {
	db, err := openDB(l.path, "_pragma=busy_timeout(30000)&"+pragmasWithoutWait)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(migrate(ctx, db, "sqlite3", "sqlite", log), db.Close())
}
