package daemon

import (
	"cmp"
	"crypto/rand"
	"os"

	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// newFleet shares what this process learns of the vendors with the other ones of a store.
func newFleet(d *daemon, s store.Store) *fleet.Fleet {
	host, _ := os.Hostname()
	return fleet.New(fleet.Options{
		Store: s, Pool: func() *guard.Pool { return d.app().Engine.Guards() }, Log: d.options.Log,
		Credentials: func(account bool, name string) string { return d.app().Credentials(account, name) },
		Node:        cmp.Or(idv.CleanText(host, 100), "node") + "-" + rand.Text()[:6],
	})
}
