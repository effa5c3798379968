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

// ErrNewer says that a newer version of heyan has written this database. It is not
// opened, for an older one would not know what its columns mean.
var ErrNewer = errors.New("the database was written by a newer version")

// migrate brings the tables to this version, forward only.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, log *slog.Logger, options ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	options = append(options, goose.WithSlog(log), goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("the version of the database: %w", err)
	}
	if current > target {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	return nil
}
