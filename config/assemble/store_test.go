package assemble_test

import (
	"errors"
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
