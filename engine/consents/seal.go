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

// keyTries is how often a draft is sealed before it is given up: the person's key may
// have been made by another draft or destroyed by an erasure meanwhile, hardly twice.
const keyTries = 5

// keep seals what the text is made of with the person's own key, and keeps the draft.
// A new key is kept in the same transaction: a draft that fails leaves none, and no
// erasure in between leaves a consent whose text nobody can open.
func (d *Service) keep(ctx context.Context, r *consent.Record, values notice.Values) error {
	encoded, err := notice.EncodeValues(values)
	if err != nil {
		return err
	}
	for range keyTries {
		var key store.DataKey
		if key, err = d.seal(ctx, r, encoded); err != nil {
			return err
		}
		if err = d.Store.AddConsent(ctx, *r, key, d.Defaults.Pause); !errors.Is(err, store.ErrKeyChanged) {
			return err
		}
	}
	return err
}

// seal encrypts a text for the record, with the person's key or, if there is none, a
// new one.
func (d *Service) seal(ctx context.Context, r *consent.Record, text idv.Sensitive) (store.DataKey, error) {
	wrapped, err := d.Store.DataKey(ctx, r.Tenant, r.Subject, nil)
	if err != nil {
		return store.DataKey{}, err
	}
	var key keyring.DataKey
	none := wrapped == nil
	if none {
		key, wrapped, err = d.Keyring.NewDataKey(r.Tenant, r.Subject)
	} else {
		key, err = d.Keyring.Unwrap(r.Tenant, r.Subject, wrapped)
	}
	if err != nil {
		return store.DataKey{}, err
	}
	r.Sealed = key.Seal(r.ID, text)
	return store.DataKey{Wrapped: wrapped, New: none}, nil
}
