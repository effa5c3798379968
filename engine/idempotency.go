package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// maxKey is the longest idempotency key, in bytes.
const maxKey = 255

// claim opens the result and claims the request's idempotency key for it. It returns
// the earlier verification if the same request was answered before, so that it is not
// paid for twice.
func (s *session) claim(ctx context.Context) (*idv.Verification, error) {
	s.openResult(ctx)
	r := &s.request
	if r.IdempotencyKey == "" {
		return nil, nil
	}
	if len(r.IdempotencyKey) > maxKey {
		e := refusal(idv.InvalidInput, idv.OriginCaller, idv.FieldIdempotencyKey, "use at most 255 bytes, for example a UUID")
		e.Code = "length"
		return nil, e
	}
	key := store.Key{Tenant: r.Tenant, Key: r.IdempotencyKey}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	earlier, done, err := s.store.Claim(ctx, store.Claim{
		Key: key, Print: s.fingerprint(), Verification: s.result.ID, Deadline: s.deadline,
		Expiry: time.Now().Add(s.idempotencyTTL),
	})
	switch {
	case errors.Is(err, store.ErrInProgress), errors.Is(err, store.ErrKeyReused):
		return nil, err
	case err != nil:
		return nil, storeFailed("the idempotency key could not be written, so no provider was called")
	case done:
		return &earlier, nil
	}
	s.key = key
	return nil, nil
}

func replay(earlier *idv.Verification) idv.Verification {
	if earlier == nil {
		return idv.Verification{}
	}
	return *earlier
}

// fingerprint returns a keyed hash of the request in canonical form: the same person
// written differently is the same request.
func (s *session) fingerprint() (f store.Fingerprint) {
	mac := hmac.New(sha256.New, s.fingerprintKey)
	hashPart(mac, s.question.check.String())
	hashPart(mac, s.request.App)
	hashPart(mac, s.request.Purpose)
	hashPart(mac, s.request.ConsentID)
	for _, claim := range s.question.reveal() {
		hashPart(mac, claim)
	}
	mac.Sum(f[:0])
	return f
}

// reveal lists the claims in clear, to be hashed with a key.
func (q *question) reveal() []string {
	list := make([]string, 0, 4)
	for _, c := range q.check.Claims().List() {
		claim := q.subject.Claim(c)
		if c == idv.ClaimIDNumber {
			claim = q.subject.Person() // with the document, if the number does not tell which it is
		}
		list = append(list, claim.Reveal())
	}
	return list
}

// hashPart writes the length and the text, so that no two lists of parts hash alike.
func hashPart(h hash.Hash, text string) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(text)))
	h.Write(n[:])
	h.Write([]byte(text))
}
