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

// claim takes the request's idempotency key for the verification of this id. It
// returns the earlier verification if this request was answered before: the same
// question is never paid for twice.
func (e *Engine) claim(ctx context.Context, r idv.Request, q question, id string) (store.Key, *idv.Verification, error) {
	if r.IdempotencyKey == "" {
		return store.Key{}, nil, nil
	}
	if len(r.IdempotencyKey) > maxKey {
		return store.Key{}, nil, &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginCaller, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Field: idv.FieldIdempotencyKey, Code: "length", Detail: "use at most 255 bytes, for example a UUID",
		}
	}
	key := store.Key{Tenant: r.Tenant, Key: r.IdempotencyKey}
	now := time.Now()
	earlier, done, err := e.store.Claim(ctx, store.Claim{
		Key: key, Print: e.fingerprint(r, q), Verification: id, Deadline: now.Add(e.timeout), Expiry: now.Add(e.keyLife),
	})
	switch {
	case errors.Is(err, store.ErrInProgress), errors.Is(err, store.ErrKeyReused):
		return key, nil, err
	case err != nil:
		return key, nil, &idv.Error{
			Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
			Detail: "the idempotency key could not be written, so nobody was asked",
		}
	case !done:
		return key, nil, nil
	}
	return key, &earlier, nil
}

// release gives the key back after a request that was not put to anybody.
func (e *Engine) release(ctx context.Context, key store.Key) error {
	if key.Key == "" {
		return nil
	}
	return e.store.Release(context.WithoutCancel(ctx), key)
}

// fingerprint is a keyed hash of what was asked, in canonical form: the same
// person written differently is the same question.
func (e *Engine) fingerprint(r idv.Request, q question) (f store.Fingerprint) {
	mac := hmac.New(sha256.New, e.printKey)
	part(mac, q.check.String())
	part(mac, r.App)
	part(mac, r.Purpose)
	part(mac, r.ConsentID)
	for _, claim := range revealed(&q) {
		part(mac, claim)
	}
	mac.Sum(f[:0])
	return f
}

// revealed lists the claims of a question in clear, to be hashed with a key.
func revealed(q *question) []string {
	list := make([]string, 0, 4)
	for _, c := range q.check.Claims().List() {
		list = append(list, q.subject.Claim(c).Reveal())
	}
	return list
}

// part writes a length and a text, so that no two lists of parts look the same.
func part(h hash.Hash, text string) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(text)))
	h.Write(n[:])
	h.Write([]byte(text))
}
