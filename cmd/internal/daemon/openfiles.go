package daemon

import (
	"fmt"

	"github.com/heyan-id/heyan/config"
)

// connBounds are the most connections that the two addresses accept.
type connBounds struct{ api, admin int }

const (
	adminConns = 16 // for probes, scrapes and operators
	spareFiles = 6  // a connection that is being accepted, the lookup of a name, a file that is read
	// unlimitedConns is the bound where the system has no limit of open files.
	unlimitedConns = 1 << 20
)

// boundConns divides the files that the process may still open. It is called when the store
// and the plugins are open. Up to half of the rest is for the vendors, one file for each
// call that the limits allow, an eighth at most for the admin address, and the remainder for
// callers. Without this bound, connections that send nothing would take the files that the
// vendors, the store and the plugins need.
func boundConns(limit, used int, list []config.Provider) (connBounds, error) {
	vendors := 0
	for i := range list {
		vendors += list[i].Limits.Concurrency
	}
	free := limit - used - spareFiles
	vendors = min(vendors, free/2)
	b := connBounds{admin: min(adminConns, free/8)}
	b.api = free - vendors - b.admin
	if b.admin < 1 || b.api < 1 {
		return b, fmt.Errorf("the limit of open files, %d, leaves none for callers, since %d are in use; raise it to 1024 or more, with ulimit -n or LimitNOFILE", limit, used)
	}
	return b, nil
}
