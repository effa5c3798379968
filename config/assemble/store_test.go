package assemble_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

func TestOpenStoreRefusesAnUnknownDriver(t *testing.T) {
	t.Parallel()
	c := config.Defaults()
	c.Store.Driver, c.Store.DSN = "redis", "redis://127.0.0.1"
	s, err := assemble.OpenStore(t.Context(), assemble.Options{Config: c})
	if s != nil || err == nil || !strings.Contains(err.Error(), `store.driver: "redis" is not known`) {
		t.Errorf("got %v, %v; want no store and an error that names the driver", s, err)
	}
}

// TestLedgerInAnotherCurrency: a program whose prices are in another currency than the ledger
// does not start, since it could book no call without a package.
func TestLedgerInAnotherCurrency(t *testing.T) {
	t.Parallel()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "heyan.db")}
	s, err := assemble.OpenStore(t.Context(), assemble.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	lot := ledger.Lot{ID: "l", Provider: c.Providers[0].Name, Units: 1, Bought: time.Now(), Total: idv.Money{Micros: 1, Currency: "USD"}}
	if err := errors.Join(s.AddLot(t.Context(), lot), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)}); err == nil || !strings.Contains(err.Error(), "is in CNY, but the ledger is kept in USD") {
		t.Errorf("got %v", err)
	}
}

// TestWhoMigrates: the daemon migrates its SQLite file; a command beside it does not, unless
// it is heyan migrate.
func TestWhoMigrates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attached, migrate, refused bool
	}{
		"the daemon": {false, false, false}, "a command": {true, false, true}, "heyan migrate": {false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packed, err := os.Open("../../engine/store/sqlstore/testdata/golden/0003/sqlite.gz")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = packed.Close() }()
			r, err := gzip.NewReader(packed)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			c := config.Defaults()
			path := filepath.Join(t.TempDir(), "heyan.db")
			c.Store.DSN = "file:" + path
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := assemble.OpenStore(t.Context(), assemble.Options{Config: c, Attached: tt.attached, Migrate: tt.migrate})
			if errors.Is(err, assemble.ErrOlder) != tt.refused {
				t.Errorf("got %v", err)
			}
			if s != nil {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
