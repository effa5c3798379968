package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/limits"
)

// Until the tables of persons are there, whatever asks for them is refused.

// AddConsent refuses.
func (s *Store) AddConsent(context.Context, consent.Record, time.Duration) error {
	return store.ErrUnwritable
}

// Consent refuses.
func (s *Store) Consent(context.Context, idv.Tenant, string) (consent.Record, error) {
	return consent.Record{}, store.ErrUnwritable
}

// ChangeConsent refuses.
func (s *Store) ChangeConsent(context.Context, idv.Tenant, string, consent.Event) (consent.Record, error) {
	return consent.Record{}, store.ErrUnwritable
}

// UseConsent refuses.
func (s *Store) UseConsent(context.Context, idv.Tenant, idv.ConsentUse) error {
	return store.ErrUnwritable
}

// ReturnConsent refuses.
func (s *Store) ReturnConsent(context.Context, idv.Tenant, string) error { return store.ErrUnwritable }

// Consents refuses.
func (s *Store) Consents(context.Context, idv.Tenant, []idv.SubjectToken, ledger.Page) ([]consent.Record, string, error) {
	return nil, "", store.ErrUnwritable
}

// DataKey refuses.
func (s *Store) DataKey(context.Context, idv.Tenant, idv.SubjectToken, []byte) ([]byte, error) {
	return nil, store.ErrUnwritable
}

// Verifications refuses.
func (s *Store) Verifications(context.Context, idv.Tenant, []idv.SubjectToken, ledger.Page) ([]idv.Verification, string, error) {
	return nil, "", store.ErrUnwritable
}

// Erase refuses.
func (s *Store) Erase(context.Context, idv.Tenant, []idv.SubjectToken, string) (store.Erasure, error) {
	return store.Erasure{}, store.ErrUnwritable
}

// Erasures refuses.
func (s *Store) Erasures(context.Context, idv.Tenant, []idv.SubjectToken) ([]store.Erasure, error) {
	return nil, store.ErrUnwritable
}

// Prune refuses.
func (s *Store) Prune(context.Context, store.Retention) (store.Pruned, error) {
	return store.Pruned{}, store.ErrUnwritable
}

// Count refuses.
func (s *Store) Count(context.Context, idv.Tenant, []limits.Hit) (limits.Counted, error) {
	return limits.Counted{}, store.ErrUnwritable
}
