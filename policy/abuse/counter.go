// Package limits keeps count of questions: how many were put in a time, and how many
// different names or numbers were tried against each other. A paid yes-or-no service
// is an oracle for whoever guesses, so guessing is stopped after a few tries.
//
// Counters are exact, and shared by the nodes of a fleet through their store. They
// are kept under keyed marks, so that a list of them names nobody.
package abuse

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// BlindIndex is a keyed hash, of 128 bits, that stands for what is counted. See package
// pseudonym, which makes it per tenant.
type BlindIndex [16]byte

// Hit is one thing to count.
type Hit struct {
	Counter BlindIndex
	Member  BlindIndex // zero: every hit counts; else different members are counted, each once
	Most    int        // how many are allowed; 0 for no bound, only to know the count
	Until   time.Time  // when the counter is forgotten; the first hit's stands
}

// Counted is what a store counted.
type Counted struct {
	Over   int   // the index of the first hit that is over its bound, -1 if none is
	Totals []int // per hit, the count with this hit; of what was there before if a hit is over
}

// Counters is the contract of a store that counts. Count takes all hits or none: if
// one would be over its bound, no counter changes, so that a blocked question does not
// push others over theirs. A member that is counted already is not counted again and
// is never over. Calls of many goroutines and nodes lose no hit.
type Counters interface {
	Count(ctx context.Context, tenant idv.Tenant, hits []Hit) (Counted, error)
}
