package store

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// GateFact is what a node learned from a vendor about the gate of a provider, or of an account
// that providers share. It holds no personal data.
type GateFact struct {
	Account bool // the gate is that of an account
	Name    string
	Reason  idv.SkipReason // why the gate is closed; "" if a call found it open
	Until   time.Time      // zero for no end
	Node    string         // that learned it
	// Credentials is a keyed hash of the credentials that the vendor refused; "" for another
	// reason, or if they are not known.
	Credentials string
	Version     int64 // changes with each fact about the gate; the store sets it
}

// Check returns an *idv.TextError for a fact that cannot be kept.
func (f *GateFact) Check() error {
	return idv.CheckTexts(idv.KeptText{Field: "name", Text: f.Name}, idv.KeptText{Field: "reason", Text: string(f.Reason)}, idv.KeptText{Field: "node", Text: f.Node},
		idv.KeptText{Field: "credentials", Text: f.Credentials})
}

// Gates stores what nodes learned about gates, so that the other nodes need not learn it by
// calls of their own.
type Gates interface {
	// ReportGate replaces the fact about a gate.
	ReportGate(ctx context.Context, f GateFact) error
	// GateFacts returns the last fact about each gate that ever had one, accounts first, by name.
	GateFacts(ctx context.Context) ([]GateFact, error)
}
