package receipt

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrKeyText says that a text is not a key. It repeats nothing of it.
var ErrKeyText = errors.New("not a key: want 32 bytes as 64 hexadecimal digits or as base64")

// ParsePublic reads a public key: 64 hexadecimal digits, or base64 (RFC 4648, with or
// without padding). White space around it does not count.
func ParsePublic(text string) (ed25519.PublicKey, error) {
	return parseKey(text)
}

// FormatPublic writes a public key as 64 hexadecimal digits.
func FormatPublic(key ed25519.PublicKey) string { return hex.EncodeToString(key) }

// KeyID names a public key: the first eight bytes of its SHA-256 in hexadecimal digits.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

func parseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	key, err := hex.DecodeString(text)
	if err != nil {
		key, err = base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
	}
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, ErrKeyText
	}
	return key, nil
}

// Signer signs with its current key, and knows the public keys of before: what was
// signed with them stays valid. It is safe for concurrent use, and prints no secret.
type Signer struct {
	sign func(message []byte) []byte // holds the private key, where no printing reaches it
	keys []ed25519.PublicKey         // the current one first
}

// NewSigner makes a signer of the current key's seed, which is 32 random bytes written
// as 64 hexadecimal digits or as base64, and of the public keys of before. To rotate,
// give a new seed and put the public key of the old one behind it; the old seed may be
// destroyed.
func NewSigner(seed idv.Sensitive, before ...ed25519.PublicKey) (*Signer, error) {
	secret, err := parseKey(seed.Reveal())
	if err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(secret)
	public, _ := key.Public().(ed25519.PublicKey)
	return &Signer{
		sign: func(message []byte) []byte { return ed25519.Sign(key, message) },
		keys: append([]ed25519.PublicKey{public}, before...),
	}, nil
}

// Keys returns the public keys, the current one first. Publish them all: people check
// their receipts with them.
func (s *Signer) Keys() []ed25519.PublicKey { return slices.Clone(s.keys) }
