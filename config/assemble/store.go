package assemble

import (
	"context"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// Migrations returns what `heyan migrate` would do to the configured database, and changes
// nothing.
func Migrations(ctx context.Context, o Options) (sqlstore.Migration, error) {
	if o.Config.Store.Driver == "memory" {
		return sqlstore.Migration{}, errors.New("store.driver: the memory store has no tables; there is nothing to migrate")
	}
	dsn, err := sourceOf(o)
	if err != nil {
		return sqlstore.Migration{}, err
	}
	return sqlstore.Migrations(ctx, o.Config.Store.Driver, dsn)
}

// ErrOlder says that the tables of a database have to be migrated first.
var ErrOlder = sqlstore.ErrOlder

// OpenStore opens the configured store alone: for commands that use the ledger and call no
// vendor. It starts no plugin and needs no
// vendor's secret. The caller closes it.
func OpenStore(ctx context.Context, o Options) (store.Store, error) {
	c := o.Config.Store
	if err := checkStore(c); err != nil {
		return nil, err
	}
	// The daemon migrates its own file. The database of a fleet is migrated on request only,
	// since nodes of the earlier version may use it.
	metrics, err := telemetry.NewStore(o.Telemetry)
	if err != nil {
		return nil, err
	}
	options := sqlstore.Options{
		Logger: o.Telemetry.Logger, Attached: o.Attached, Migrate: o.Migrate || c.Driver == "sqlite" && !o.Attached, Committed: metrics.Commit,
		Subscriber: Subscriber(o.Config.Webhooks), Rows: c.LotRows,
	}
	s, err := openStore(ctx, o, options)
	if err != nil {
		return nil, err
	}
	waiting := func() int { return 0 } // a store in memory has no queue
	if queue, ok := s.(interface{ Waiting() int }); ok {
		waiting = queue.Waiting
	}
	if err := metrics.Queue(waiting); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openStore opens the store by its driver.
func openStore(ctx context.Context, o Options, options sqlstore.Options) (store.Store, error) {
	c := o.Config.Store
	switch c.Driver {
	case "memory":
		s := memory.New(0)
		s.Subscribe(options.Subscriber)
		return s, nil
	case "sqlite":
		s, err := sqlstore.OpenSQLite(ctx, c.DSN, options)
		if err != nil { // a nil *Store must not become a store that is there
			return nil, err
		}
		return s, nil
	case "postgres":
		return openPostgres(ctx, o, options)
	}
	return nil, fmt.Errorf("store.driver: %q is not known; choose memory, sqlite or postgres", c.Driver)
}

// Subscriber returns which webhooks get a message about a verification, nil if there are
// none.
func Subscriber(list []config.Subscription) store.Subscriber {
	if len(list) == 0 {
		return nil
	}
	return func(v *idv.Verification) (names []string) {
		for i := range list {
			if list[i].Wants(config.VerificationCompleted, string(v.Tenant), v.App) {
				names = append(names, list[i].Name)
			}
		}
		return names
	}
}

// openPostgres opens the database that the DSN names, itself or by a reference.
func openPostgres(ctx context.Context, o Options, options sqlstore.Options) (store.Store, error) {
	dsn, err := sourceOf(o)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.OpenPostgres(ctx, dsn, options)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// sourceOf returns the DSN, itself or what its reference stands for.
func sourceOf(o Options) (string, error) {
	c := o.Config.Store
	if c.Driver != "postgres" {
		return c.DSN, nil
	}
	dsn := c.DSN
	if config.IsReference(dsn) {
		secret, err := o.resolve(dsn)
		if err != nil {
			return "", fmt.Errorf("dsn: %w", err)
		}
		dsn = secret.Reveal()
	}
	return dsn, checkServer(c, dsn)
}

// fingerprintKey returns the key of the hash that is kept of a request with an
// idempotency key. It has to outlive the process, or the same request after a
// restart would look like another one.
func fingerprintKey(o Options) ([]byte, error) {
	c := o.Config
	if c.Idempotency.Key != "" {
		secret, err := o.resolve(c.Idempotency.Key)
		if err != nil {
			return nil, fmt.Errorf("idempotency.key: %w", err)
		}
		return []byte(secret.Reveal()), nil
	}
	if c.Store.Driver != "sqlite" {
		return nil, nil // memory: the engine makes one that dies with it
	}
	key, _, err := o.madeKey(keySuffix, "idempotency.key")
	return key, err
}

// ErrOwned says that another process has the SQLite file open that a daemon wants.
var ErrOwned = sqlstore.ErrOwned

// ExamineStore looks at the configured database, and changes nothing. The memory store has
// nothing to look at.
func ExamineStore(ctx context.Context, o Options) (sqlstore.Examination, error) {
	if o.Config.Store.Driver == "memory" {
		return sqlstore.Examination{Missing: true}, nil
	}
	dsn, err := sourceOf(o)
	if err != nil {
		return sqlstore.Examination{}, err
	}
	return sqlstore.Examine(ctx, o.Config.Store.Driver, dsn)
}
