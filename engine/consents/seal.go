package consents

import (
	"context"
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/keyring"
)

// maxKeyTries is how often a draft is encrypted before it fails. Another draft may create
// the person's key at the same time, or an erasure destroy it, but hardly twice in a row.
const maxKeyTries = 5

// save encrypts the values of the text with the person's data key and stores the draft. The
// store writes a new key in the same transaction: a draft that fails leaves no key, and an
// erasure at the same time leaves no consent whose text cannot be decrypted.
func (s *Service) save(ctx context.Context, r *consent.Record, values notice.Values) error {
	encoded, err := notice.EncodeValues(values)
	if err != nil {
		return err
	}
	for range maxKeyTries {
		var key store.DataKey
		if key, err = s.seal(ctx, r, encoded); err != nil {
			return err
		}
		if err = s.Store.AddConsent(ctx, *r, key, s.Defaults.Pause); !errors.Is(err, store.ErrKeyChanged) {
			return err
		}
	}
	return err
}

// seal encrypts the values for the record, with the person's data key or, if there is none,
// a new one.
func (s *Service) seal(ctx context.Context, r *consent.Record, encoded idv.Sensitive) (store.DataKey, error) {
	wrapped, err := s.Store.DataKey(ctx, r.Tenant, r.Subject, nil)
	if err != nil {
		return store.DataKey{}, err
	}
	var key keyring.DataKey
	isNew := wrapped == nil
	if isNew {
		key, wrapped, err = s.Keyring.NewDataKey(r.Tenant, r.Subject)
	} else {
		key, err = s.Keyring.Unwrap(r.Tenant, r.Subject, wrapped)
	}
	if err != nil {
		return store.DataKey{}, err
	}
	r.Sealed = key.Seal(r.ID, encoded)
	return store.DataKey{Wrapped: wrapped, New: isNew}, nil
}
