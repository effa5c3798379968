package auth

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/policy/access"
)

// The failures that an address may have: failureBurst at once, then one each failureEvery.
// Beyond them it is limited, and what is not in memory is looked up for it by lookupBurst and
// lookupEvery.
const (
	failureBurst = 30
	failureEvery = time.Second
	lookupBurst  = 20
	lookupEvery  = time.Second / 20
	maxAddresses = 10_000 // that are remembered one by one; the others share one allowance
)

// errSpent means that an address has failed too often for its key to be looked up.
var errSpent = errors.New("the address has failed too often")

// allowance is what an address may do.
type allowance struct{ failures, lookups *rate.Limiter }

func newAllowance() *allowance {
	return &allowance{rate.NewLimiter(rate.Every(failureEvery), failureBurst), rate.NewLimiter(rate.Every(lookupEvery), lookupBurst)}
}

// Refusals counts refused requests by reason, and bounds the failures of each client address.
// It outlives the authenticators of one daemon. It is safe for concurrent use.
//
// The bound protects the store and the log and not the secrets, which have 256 bits. Callers
// behind the address of one who guesses go on: what is known of their keys and tokens in memory
// is not subject to it, and a new key is looked up soon.
type Refusals struct {
	counts map[access.Refusal]*atomic.Int64

	mu        sync.Mutex
	addresses map[netip.Prefix]*allowance
	others    *allowance
	swept     time.Time // when forget looked at all addresses
}

// NewRefusals returns one with all counts at 0.
func NewRefusals() *Refusals {
	r := &Refusals{counts: map[access.Refusal]*atomic.Int64{}, addresses: map[netip.Prefix]*allowance{}, others: newAllowance()}
	for _, reason := range access.Refusals() {
		r.counts[reason] = new(atomic.Int64)
	}
	return r
}

// Count counts a refused request.
func (r *Refusals) Count(reason access.Refusal) {
	if n := r.counts[reason]; n != nil {
		n.Add(1)
	}
}

// Each passes on the number of refused requests by every reason there is.
func (r *Refusals) Each(observe func(reason access.Refusal, n int64)) {
	for _, reason := range access.Refusals() {
		observe(reason, r.counts[reason].Load())
	}
}

// fail takes a failure from the allowance of an address, and reports whether there was one.
func (r *Refusals) fail(from netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of(from).failures.Allow()
}

// mayLook reports whether something that is not in memory is looked up for an address.
func (r *Refusals) mayLook(from netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.addresses[network(from)]
	if a == nil {
		if a = r.others; len(r.addresses) < maxAddresses {
			return true // it never failed
		}
	}
	return a.failures.Tokens() >= 1 || a.lookups.Allow()
}

// network returns the addresses that are taken for one client: those of an IPv6 network of 64
// bits.
func network(from netip.Addr) netip.Prefix {
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	client, _ := from.Prefix(bits) // the zero prefix of an address that is not known
	return client
}

// of returns the allowance of an address.
func (r *Refusals) of(from netip.Addr) *allowance {
	client := network(from)
	if known := r.addresses[client]; known != nil {
		return known
	}
	if len(r.addresses) >= maxAddresses {
		r.forget()
	}
	if len(r.addresses) >= maxAddresses {
		return r.others
	}
	made := newAllowance()
	r.addresses[client] = made
	return made
}

// forget removes the addresses that have their whole allowance again.
func (r *Refusals) forget() {
	if time.Since(r.swept) < failureEvery { // it takes a while, and the mutex
		return
	}
	r.swept = time.Now()
	for client, a := range r.addresses {
		if a.failures.Tokens() >= failureBurst {
			delete(r.addresses, client)
		}
	}
}
