package receipt

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrKeyText says that a text is not a key. It does not contain the text.
var ErrKeyText = errors.New("not a key: must be 32 bytes, as 64 hexadecimal digits or as base64")

// ParsePublic reads a public key: 64 hexadecimal digits, or base64 (RFC 4648, with or
// without padding), with white space around it or not.
func ParsePublic(text string) (ed25519.PublicKey, error) {
	return parseKey(text)
}

// FormatPublic formats a public key as 64 hexadecimal digits.
func FormatPublic(key ed25519.PublicKey) string { return hex.EncodeToString(key) }

// KeyID returns the id of a public key: the first eight bytes of its SHA-256 in hexadecimal digits.
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

// Signer signs with its current key and knows the earlier public keys, with which older
// documents stay valid. It is safe for concurrent use and never prints the private key.
type Signer struct {
	sign func(message []byte) []byte // a closure, so that no formatting verb can print the private key
	keys []ed25519.PublicKey         // the current one first
}

// NewSigner returns a signer for the seed of the current key, which is 32 random bytes
// as 64 hexadecimal digits or as base64, and the earlier public keys. To rotate the key,
// pass a new seed and add the public key of the old one; then the old seed can be
// destroyed. A malformed seed is [ErrKeyText].
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

// Keys returns the public keys, the current one first. Publish all of them, so that people
// can check their receipts.
func (s *Signer) Keys() []ed25519.PublicKey { return slices.Clone(s.keys) }

// ParsePublicKeys reads a public key as [ParsePublic] does, or a JSON object with keys: the
// response of GET /v1/receipt-keys, a JWK Set, or a JWK (RFC 7517, 8037). Keys of other kinds
// in a set are left out. Without a key the error is [ErrKeyText].
func ParsePublicKeys(text string) ([]ed25519.PublicKey, error) {
	type one struct {
		Public string `json:"public_key"`
		Type   string `json:"kty"`
		Curve  string `json:"crv"`
		X      string `json:"x"`
	}
	var set struct {
		one

		Keys []one `json:"keys"`
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		key, err := ParsePublic(text)
		return []ed25519.PublicKey{key}, err
	}
	if json.Unmarshal([]byte(text), &set) != nil {
		return nil, ErrKeyText
	}
	var keys []ed25519.PublicKey
	for _, k := range append(set.Keys, set.one) {
		key, err := parseKey(k.Public)
		if k.Type == "OKP" && k.Curve == "Ed25519" {
			if key, err = base64.RawURLEncoding.Strict().DecodeString(k.X); err == nil && len(key) != ed25519.PublicKeySize {
				err = ErrKeyText
			}
		}
		if err == nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, ErrKeyText
	}
	return keys, nil
}
