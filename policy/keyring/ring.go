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

// Key is a secret of the ring. ID names it in tokens, for as long as one is kept.
type Key struct {
	ID     string // small letters and digits, at most 16
	Secret idv.Sensitive
}

var keyID = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// minSecret is the least length of a secret, in bytes: 128 bits even if it is
// written in hexadecimal digits.
const minSecret = 32

// Keyring makes tokens and marks with its current key, and knows those that older keys
// made. It is safe for concurrent use.
//
// To rotate, put a new key first and keep the old ones behind it: people are found
// under all of them. An old key may go when nothing is kept under it any more.
type Keyring struct {
	keys    []Key
	tenants sync.Map // tenantKey → *derived
}

type tenantKey struct {
	tenant idv.Tenant
	id     string
}

// New makes a ring; the first key is the current one.
func New(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("a key ring needs a key")
	}
	seen := map[string]bool{}
	for i, k := range keys {
		switch {
		case !keyID.MatchString(k.ID) || k.ID == "ring":
			return nil, fmt.Errorf("key %d: its id is not 1 to 16 small letters and digits, or is ring, by which the keys themselves are remembered", i+1)
		case seen[k.ID]:
			return nil, fmt.Errorf("key %d: its id is taken by one before it", i+1)
		case len(k.Secret.Reveal()) < minSecret:
			return nil, fmt.Errorf("key %s: its secret is shorter than %d bytes", k.ID, minSecret)
		}
		seen[k.ID] = true
	}
	return &Keyring{keys: keys}, nil
}

// Current returns the id of the key that makes new tokens.
func (r *Keyring) Current() string { return r.keys[0].ID }

// IDs returns the ids of all keys, the current one's first.
func (r *Keyring) IDs() []string {
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.ID
	}
	return ids
}

// derived are the keys of one tenant under one key of the ring. Each use has its own,
// so that a token tells nothing of a mark.
type derived struct {
	tokens, marks sync.Pool // of *keyed
	wrapping      []byte
}

// of returns a tenant's keys under a key of the ring.
func (r *Keyring) of(t idv.Tenant, k Key) *derived {
	name := tenantKey{t, k.ID}
	if d, ok := r.tenants.Load(name); ok {
		return d.(*derived)
	}
	d := &derived{wrapping: derive(k, t, "wrap")}
	tokens, marks := derive(k, t, "token"), derive(k, t, "mark")
	d.tokens.New = func() any { return &keyed{mac: hmac.New(sha256.New, tokens)} }
	d.marks.New = func() any { return &keyed{mac: hmac.New(sha256.New, marks)} }
	kept, _ := r.tenants.LoadOrStore(name, d)
	return kept.(*derived)
}

// derive makes a key of 256 bits for one use and tenant (RFC 5869).
func derive(k Key, t idv.Tenant, use string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(k.Secret.Reveal()), nil, "heyan "+use+" "+string(t), 32)
	if err != nil {
		panic(err) // only for a length that HKDF cannot make
	}
	return key
}

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Token returns the token of the person with this number, under the current key. The
// number is in its canonical form, as package identity makes it.
func (r *Keyring) Token(t idv.Tenant, number idv.Sensitive) idv.SubjectToken {
	return r.token(t, r.keys[0], number)
}

// Tokens returns the person's tokens under every key, the current one first: what is
// kept of a person may stand under any of them.
func (r *Keyring) Tokens(t idv.Tenant, number idv.Sensitive) []idv.SubjectToken {
	list := make([]idv.SubjectToken, len(r.keys))
	for i, k := range r.keys {
		list[i] = r.token(t, k, number)
	}
	return list
}

// Matches reports whether a token is that of the person with this number. A token of
// a key that is not in the ring matches nobody.
func (r *Keyring) Matches(token idv.SubjectToken, t idv.Tenant, number idv.Sensitive) bool {
	id, _, _ := strings.Cut(string(token), ":")
	for _, k := range r.keys {
		if k.ID == id {
			return hmac.Equal([]byte(token), []byte(r.token(t, k, number)))
		}
	}
	return false
}

// tokenBytes is the length of a token's hash: 160 bits, so that two people never
// share one.
const tokenBytes = 20

func (r *Keyring) token(t idv.Tenant, k Key, number idv.Sensitive) idv.SubjectToken {
	pool := &r.of(t, k).tokens
	m := pool.Get().(*keyed)
	defer pool.Put(m)
	m.begin(number.Reveal())
	sum := m.end()
	m.text = append(append(m.text[:0], k.ID...), ':')
	m.text = tokenText.AppendEncode(m.text, sum[:tokenBytes])
	return idv.SubjectToken(m.text)
}

// BlindIndex returns the keyed hash of some parts, for a counter or a cache: label keeps
// marks of different uses apart. It is made with the current key alone: what is kept
// under a mark is short-lived, and a new key begins it anew.
func (r *Keyring) BlindIndex(t idv.Tenant, label string, parts ...string) policy.BlindIndex {
	pool := &r.of(t, r.keys[0]).marks
	m := pool.Get().(*keyed)
	defer pool.Put(m)
	m.begin(label)
	for _, p := range parts {
		m.add(p)
	}
	return policy.BlindIndex(m.end()[:len(policy.BlindIndex{})])
}

// keyed is a keyed hash with the room that it needs, so that one more of it costs no
// allocation. It is used by one goroutine at a time.
type keyed struct {
	mac       hash.Hash
	text, sum []byte
}

func (m *keyed) begin(part string) {
	m.text = m.text[:0]
	m.add(part)
}

// add adds a length and a text, so that no two lists of parts look the same.
func (m *keyed) add(part string) {
	m.text = binary.BigEndian.AppendUint32(m.text, uint32(len(part)))
	m.text = append(m.text, part...)
}

// end returns the hash of the parts and wipes them. It is good until the next begin.
func (m *keyed) end() []byte {
	m.mac.Reset()
	m.mac.Write(m.text)
	m.sum = m.mac.Sum(m.sum[:0])
	clear(m.text)
	return m.sum
}
