package assemble_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
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
