// Package keyring derives the keyed tokens and blind indexes that stand for people, and
// the data keys for envelope encryption. A plain hash of a resident number protects
// nothing, because one core tries all numbers within hours. Therefore every hash is
// keyed, per tenant, with a key that is stored apart from the data.
package keyring

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"strings"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// Key is a secret of the keyring. Tokens contain its ID, so an ID is never reused.
type Key struct {
	ID     string // 1 to 16 lower-case letters and digits
	Secret idv.Sensitive
}

var keyID = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// minSecret is the minimum length of a secret in bytes: 128 bits even if it is written in
// hexadecimal digits.
const minSecret = 32

// Keyring derives tokens and blind indexes with its current key and recognizes the tokens
// of older keys. It is safe for concurrent use.
//
// To rotate, put a new key first and keep the old ones behind it; people are found under
// all of them. An old key may be removed when nothing is stored under it any more.
type Keyring struct {
	keys    []Key
	tenants sync.Map // tenantKey → *derived
}

type tenantKey struct {
	tenant idv.Tenant
	id     string
}

// New returns a keyring. The first key is the current one.
func New(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("a keyring needs at least one key")
	}
	seen := map[string]bool{}
	for i, k := range keys {
		switch {
		case !keyID.MatchString(k.ID) || k.ID == "ring":
			return nil, fmt.Errorf("key %d: the id must be 1 to 16 lower-case letters and digits, and not the reserved word ring", i+1)
		case seen[k.ID]:
			return nil, fmt.Errorf("key %d: the id is already used by another key; give it an id of its own", i+1)
		case len(k.Secret.Reveal()) < minSecret:
			return nil, fmt.Errorf("key %s: the secret must have at least %d bytes", k.ID, minSecret)
		}
		seen[k.ID] = true
	}
	return &Keyring{keys: keys}, nil
}

// Current returns the id of the key that derives new tokens.
func (r *Keyring) Current() string { return r.keys[0].ID }

// IDs returns the ids of all keys, the current key first.
func (r *Keyring) IDs() []string {
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.ID
	}
	return ids
}

// derived holds the keys of one tenant under one key of the keyring. Each use has a key of
// its own, so that a token reveals nothing about a blind index.
type derived struct {
	tokens, indexes, names, secrets, audit sync.Pool // of *keyed
	wrapping                               []byte
}

// of returns the keys of a tenant under a key of the keyring.
func (r *Keyring) of(t idv.Tenant, k Key) *derived {
	name := tenantKey{t, k.ID}
	if d, ok := r.tenants.Load(name); ok {
		return d.(*derived)
	}
	d := &derived{wrapping: derive(k, t, "wrap")}
	tokens, indexes, names := derive(k, t, "token"), derive(k, t, "mark"), derive(k, t, "name")
	secrets, records := derive(k, t, "api key"), derive(k, t, "audit")
	d.tokens.New = func() any { return &keyed{mac: hmac.New(sha256.New, tokens)} }
	d.indexes.New = func() any { return &keyed{mac: hmac.New(sha256.New, indexes)} }
	d.names.New = func() any { return &keyed{mac: hmac.New(sha256.New, names)} }
	d.secrets.New = func() any { return &keyed{mac: hmac.New(sha256.New, secrets)} }
	d.audit.New = func() any { return &keyed{mac: hmac.New(sha256.New, records)} }
	kept, _ := r.tenants.LoadOrStore(name, d)
	return kept.(*derived)
}

// derive returns a key of 256 bits for one use and tenant (HKDF, RFC 5869).
func derive(k Key, t idv.Tenant, use string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(k.Secret.Reveal()), nil, "heyan "+use+" "+string(t), 32)
	if err != nil {
		panic(err) // only for a length that HKDF cannot produce
	}
	return key
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Token returns the token of a person under the current key. What identifies the person,
// such as the ID number, is that of [idv.Subject.Person], in the canonical form of package
// identity.
func (r *Keyring) Token(t idv.Tenant, person idv.Sensitive) idv.SubjectToken {
	return r.token(t, r.keys[0], person)
}

// Tokens returns the person's tokens under every key, the current key first. Records of a
// person may be stored under any of them.
func (r *Keyring) Tokens(t idv.Tenant, person idv.Sensitive) []idv.SubjectToken {
	list := make([]idv.SubjectToken, len(r.keys))
	for i, k := range r.keys {
		list[i] = r.token(t, k, person)
	}
	return list
}

// Matches reports whether a token belongs to a person. It reports false for a token of a
// key that is not in the keyring.
func (r *Keyring) Matches(token idv.SubjectToken, t idv.Tenant, person idv.Sensitive) bool {
	id, _, _ := strings.Cut(string(token), ":")
	for _, k := range r.keys {
		if k.ID == id {
			return hmac.Equal([]byte(token), []byte(r.token(t, k, person)))
		}
	}
	return false
}

// NameToken returns the token of the name of a person, under the current key. Both claims
// must be in the canonical form of package identity, so that every spelling of a name has
// the same token.
func (r *Keyring) NameToken(t idv.Tenant, s idv.Subject) idv.NameToken {
	return r.nameToken(t, r.keys[0], s)
}

// MatchesName reports whether a token stands for the name of a person. It reports false for
// a token of a key that is not in the keyring.
func (r *Keyring) MatchesName(token idv.NameToken, t idv.Tenant, s idv.Subject) bool {
	id, _, _ := strings.Cut(string(token), ":")
	for _, k := range r.keys {
		if k.ID == id {
			return hmac.Equal([]byte(token), []byte(r.nameToken(t, k, s)))
		}
	}
	return false
}

func (r *Keyring) nameToken(t idv.Tenant, k Key, s idv.Subject) idv.NameToken {
	return idv.NameToken(keyedToken(&r.of(t, k).names, k.ID, s.Person().Reveal(), s.Name.Reveal()))
}

// SecretToken returns the keyed hash of an API key's secret, under the current key. It is
// bound to the API key's tenant and id.
func (r *Keyring) SecretToken(t idv.Tenant, id string, secret idv.Sensitive) string {
	return r.secretToken(t, r.keys[0], id, secret)
}

// MatchesSecret reports in constant time whether a token stands for the secret of an API
// key. It reports false for a token of a key that is not in the keyring.
func (r *Keyring) MatchesSecret(token string, t idv.Tenant, id string, secret idv.Sensitive) bool {
	ring, _, _ := strings.Cut(token, ":")
	for _, k := range r.keys {
		if k.ID == ring {
			return hmac.Equal([]byte(token), []byte(r.secretToken(t, k, id, secret)))
		}
	}
	return false
}

func (r *Keyring) secretToken(t idv.Tenant, k Key, id string, secret idv.Sensitive) string {
	return keyedToken(&r.of(t, k).secrets, k.ID, id, secret.Reveal())
}

// SealAudit returns the keyed hash of the parts of an audit record, under the current key.
func (r *Keyring) SealAudit(parts ...string) string { return r.sealAudit(r.keys[0], parts) }

// MatchesAudit reports whether a hash is that of the parts of an audit record. It reports
// false for a hash under a key that is not in the keyring.
func (r *Keyring) MatchesAudit(seal string, parts ...string) bool {
	id, _, _ := strings.Cut(seal, ":")
	for _, k := range r.keys {
		if k.ID == id {
			return hmac.Equal([]byte(seal), []byte(r.sealAudit(k, parts)))
		}
	}
	return false
}

func (r *Keyring) sealAudit(k Key, parts []string) string {
	return keyedToken(&r.of("", k).audit, k.ID, parts...)
}

// tokenBytes is the length of the hash in a token: 160 bits, so that two people never
// share one.
const tokenBytes = 20

func (r *Keyring) token(t idv.Tenant, k Key, person idv.Sensitive) idv.SubjectToken {
	return idv.SubjectToken(keyedToken(&r.of(t, k).tokens, k.ID, person.Reveal()))
}

// keyedToken returns the id of a key, a colon, and the hash of the parts.
func keyedToken(pool *sync.Pool, id string, parts ...string) string {
	m := pool.Get().(*keyed)
	defer pool.Put(m)
	m.text = m.text[:0]
	for _, p := range parts {
		m.add(p)
	}
	sum := m.end()
	m.text = append(append(m.text[:0], id...), ':')
	m.text = tokenText.AppendEncode(m.text, sum[:tokenBytes])
	return string(m.text)
}

// BlindIndex returns the keyed hash of the parts, for a counter or a cache. The label
// keeps indexes of different uses apart. Only the current key is used: what is stored
// under an index is short-lived, and a new key starts it anew.
func (r *Keyring) BlindIndex(t idv.Tenant, label string, parts ...string) policy.BlindIndex {
	pool := &r.of(t, r.keys[0]).indexes
	m := pool.Get().(*keyed)
	defer pool.Put(m)
	m.begin(label)
	for _, p := range parts {
		m.add(p)
	}
	return policy.BlindIndex(m.end()[:len(policy.BlindIndex{})])
}

// keyed is a keyed hash with its buffers, so that another hash costs no allocation. One
// goroutine uses it at a time.
type keyed struct {
	mac       hash.Hash
	text, sum []byte
}

func (m *keyed) begin(part string) {
	m.text = m.text[:0]
	m.add(part)
}

// add appends the length and the text of a part, so that no two lists of parts encode to
// the same bytes.
func (m *keyed) add(part string) {
	m.text = binary.BigEndian.AppendUint32(m.text, uint32(len(part)))
	m.text = append(m.text, part...)
}

// end returns the hash of the parts and wipes them. The hash is valid until the next
// begin.
func (m *keyed) end() []byte {
	m.mac.Reset()
	m.mac.Write(m.text)
	m.sum = m.mac.Sum(m.sum[:0])
	clear(m.text)
	return m.sum
}
