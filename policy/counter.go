package policy

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// BlindIndex is a keyed hash of 128 bits that stands for a value, so that a list of
// counters or cache keys identifies no person. Package keyring makes it, per tenant.
type BlindIndex [16]byte

// BlindIndexer computes blind indexes. The label keeps indexes of different uses apart.
// It is safe for concurrent use. [keyring.Keyring] implements it.
//
// [keyring.Keyring]: https://pkg.go.dev/github.com/heyan-id/heyan/policy/keyring#Keyring
type BlindIndexer interface {
	BlindIndex(tenant idv.Tenant, label string, parts ...string) BlindIndex
}

// Hit is one increment of a counter.
type Hit struct {
	Counter BlindIndex
	Member  BlindIndex // if zero, every hit counts; otherwise each distinct member counts once
	Most    int        // the highest allowed count; 0 means that the count is only read
	Until   time.Time  // when the counter expires; the first hit of a counter decides
}

// Counted is the result of a Count.
type Counted struct {
	Over   int   // the index of the first hit above its Most; -1 if there is none
	Totals []int // per hit, the count including it; without it if a hit is above its Most
}

// Counters counts hits durably. Count applies all hits or none: if one hit would exceed
// its Most, no counter changes, so that a denied request does not use up other limits. A
// member that is counted already is not counted again and never exceeds. Concurrent calls
// of many goroutines and nodes lose no hit.
type Counters interface {
	Count(ctx context.Context, tenant idv.Tenant, hits []Hit) (Counted, error)
}
