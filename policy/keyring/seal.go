package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrSealed says that something cannot be opened: it was changed, belongs elsewhere,
// or its key is gone. It is the same for all three, and says nothing of the content.
var ErrSealed = errors.New("what is sealed cannot be opened with this key")

// DataKey is a person's own key. Everything of a person that must be read again is
// sealed with it; when it is destroyed, so is all that, save where a copy of the key lies too. It
// is safe for concurrent use. The zero DataKey opens nothing, and sealing with it
// panics: that must not end with a text in clear.
type DataKey struct{ aead cipher.AEAD }

// NewDataKey makes a data key for a person of a tenant, and returns it wrapped, as it
// is to be kept. The wrapping binds it to that person.
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

// Unwrap opens a wrapped data key.
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

// gcm makes AES-256 in Galois/Counter Mode with random nonces, which are good for 2³²
// messages of one key (NIST SP 800-38D 8.3).
func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts a text for a place, the id of the record that keeps it: it opens
// nowhere else.
func (k DataKey) Seal(place string, text idv.Sensitive) []byte {
	return k.aead.Seal(nil, nil, []byte(text.Reveal()), []byte(place))
}

// Open decrypts what Seal made for the same place.
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
