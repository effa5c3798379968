package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrSealed reports that a sealed text cannot be opened: it was modified, belongs to
// another record, or its key was destroyed. The error does not tell these apart and
// contains nothing of the text.
var ErrSealed = errors.New("the sealed text cannot be opened with this key")

// DataKey encrypts the texts of one person (envelope encryption). Destroying the stored,
// wrapped key makes all of them unreadable (crypto-shredding), except where a copy of the
// wrapped key exists, such as in a backup. It is safe for concurrent use. The zero DataKey
// opens nothing; sealing with it panics rather than leave a text in clear.
type DataKey struct{ aead cipher.AEAD }

// NewDataKey generates a data key for a person of a tenant. It returns the key and its
// wrapped form, which is what a store keeps. The wrapping is bound to that person.
func (r *Keyring) NewDataKey(t idv.Tenant, token idv.SubjectToken) (key DataKey, wrapped []byte, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails; it ends the process instead
	current := r.keys[0]
	w, err := gcm(r.of(t, current).wrapping)
	if err != nil {
		return DataKey{}, nil, err
	}
	wrapped = append([]byte(current.ID+":"), w.Seal(nil, nil, secret, []byte(token))...)
	aead, err := gcm(secret)
	return DataKey{aead}, wrapped, err
}

// Unwrap opens a wrapped data key, or returns [ErrSealed].
func (r *Keyring) Unwrap(t idv.Tenant, token idv.SubjectToken, wrapped []byte) (DataKey, error) {
	id, sealed, _ := strings.Cut(string(wrapped), ":")
	for _, k := range r.keys {
		if k.ID != id {
			continue
		}
		w, err := gcm(r.of(t, k).wrapping)
		if err != nil {
			return DataKey{}, err
		}
		secret, err := w.Open(nil, nil, []byte(sealed), []byte(token))
		if err != nil {
			return DataKey{}, ErrSealed
		}
		aead, err := gcm(secret)
		return DataKey{aead}, err
	}
	return DataKey{}, ErrSealed
}

// gcm returns AES-256 in Galois/Counter Mode with random nonces, which are safe for 2³²
// messages under one key (NIST SP 800-38D section 8.3).
func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts a text for a place, the id of the record that stores it. Open succeeds
// only for the same place.
func (k DataKey) Seal(place string, text idv.Sensitive) []byte {
	return k.aead.Seal(nil, nil, []byte(text.Reveal()), []byte(place))
}

// Open decrypts a text that Seal encrypted for the same place, or returns [ErrSealed].
func (k DataKey) Open(place string, sealed []byte) (idv.Sensitive, error) {
	if k.aead == nil {
		return idv.Sensitive{}, ErrSealed
	}
	text, err := k.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return idv.Sensitive{}, ErrSealed
	}
	return idv.NewSensitive(string(text)), nil
}
