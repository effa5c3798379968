// Package store is the contract for what must survive: the attempts, which cost
// money, the verifications, which are evidence, and the idempotency keys, which
// keep a repeated request from being paid twice. storetest holds every
// implementation to it.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The errors that callers act on, with errors.Is.
var (
	// ErrNotFound says that there is no such verification for this tenant; that of
	// another tenant is not found either.
	ErrNotFound = errors.New("no such verification")
	// ErrInProgress says that the first request with this key is still running.
	ErrInProgress = errors.New("a request with this idempotency key is still running")
	// ErrKeyReused says that the key was used for another question.
	ErrKeyReused = errors.New("this idempotency key was used with another request")
)

// Key names an idempotency key. The tenant is part of it, so that no tenant can
// read another's result by guessing.
type Key struct{ Tenant, Key string }

// Fingerprint is a keyed hash of a canonical request. A plain hash would be an
// oracle for ID numbers, whose space can be searched in hours.
type Fingerprint [32]byte

// Store is what the engine needs. Implementations are safe for concurrent use.
type Store interface {
	Attempts
	Results
	Keys
	// Close flushes and frees. The store is not used afterwards.
	Close() error
}

// Attempts is the book of calls, see dispatch.Book.
type Attempts interface {
	Intend(ctx context.Context, verification string, a idv.Attempt) error
	Settle(ctx context.Context, verification string, a idv.Attempt) error
}

// Results holds verifications.
type Results interface {
	// Finish stores a verification and ends its claim, if key.Key is not "".
	Finish(ctx context.Context, key Key, v idv.Verification) error
	// Verification returns a stored one, or ErrNotFound.
	Verification(ctx context.Context, tenant, id string) (idv.Verification, error)
}

// Keys holds idempotency keys.
type Keys interface {
	// Claim takes a key for one request until expiry. It returns done = true with
	// the earlier result if the same request has ended before, ErrInProgress while
	// it runs, ErrKeyReused if the fingerprint differs.
	Claim(ctx context.Context, k Key, f Fingerprint, expiry time.Time) (earlier idv.Verification, done bool, err error)
	// Release gives a key back after a request that ended before any call.
	Release(ctx context.Context, k Key) error
}
