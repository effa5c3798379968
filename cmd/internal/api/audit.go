package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/audit"
)

// Act is a record of the audit log.
type Act struct {
	Seq       int64      `json:"seq" doc:"Its place in the log of the installation, which has no gap; the records of other tenants are between those of one"`
	At        time.Time  `json:"at"`
	Tenant    idv.Tenant `json:"tenant,omitempty"`
	Principal string     `json:"principal" doc:"key: and the id of the API key, cli: and the user id of the machine, or daemon"`
	Act       audit.Kind `json:"act" doc:"What was done, such as provider.drain"`
	Target    string     `json:"target,omitempty" doc:"What it was done to: an id or a configured name"`
	Reason    string     `json:"reason,omitempty"`
	MAC       string     `json:"mac" doc:"The keyed hash of the record and of the one before it"`
}

// ActOf returns the view of a record.
func ActOf(r *audit.Record) Act {
	return Act{r.Seq, r.At, r.Tenant, r.Principal, r.Kind, r.Target, r.Reason, r.MAC}
}
