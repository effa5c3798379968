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

// The failures that an address may have: burst at once, then one each failureEvery.
const (
	failureBurst = 30
	failureEvery = time.Second
	maxAddresses = 10_000 // that are remembered one by one; the others share one allowance
)

// errSpent means that an address has failed too often for its key to be looked up.
var errSpent = errors.New("the address has failed too often")

// Refusals counts refused requests by reason, and bounds the failures of each client address.
// It outlives the authenticators of one daemon. It is safe for concurrent use.
//
// The bound protects the store and the log and not the secrets, which have 256 bits: what is
// known of keys and tokens in memory is not subject to it, so that callers behind the address
// of someone who guesses go on.
type Refusals struct {
	counts map[access.Refusal]*atomic.Int64

	mu        sync.Mutex
	addresses map[netip.Prefix]*rate.Limiter
	others    *rate.Limiter
}

// NewRefusals returns one with all counts at 0.
func NewRefusals() *Refusals {
	r := &Refusals{counts: map[access.Refusal]*atomic.Int64{}, addresses: map[netip.Prefix]*rate.Limiter{}, others: newAllowance()}
	for _, reason := range access.Refusals() {
		r.counts[reason] = new(atomic.Int64)
	}
	return r
}

func newAllowance() *rate.Limiter { return rate.NewLimiter(rate.Every(failureEvery), failureBurst) }

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
	return r.allowance(from, true).Allow()
}

// spent reports whether an address has no failure left.
func (r *Refusals) spent(from netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.allowance(from, false).Tokens() < 1
}

// allowance returns that of an address; one that never failed is made if add is set. The
// addresses of an IPv6 network of 64 bits are one client's.
func (r *Refusals) allowance(from netip.Addr, add bool) *rate.Limiter {
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	client, _ := from.Prefix(bits) // the zero prefix of an address that is not known
	if known := r.addresses[client]; known != nil {
		return known
	}
	if !add {
		if len(r.addresses) < maxAddresses {
			return newAllowance()
		}
		return r.others
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
	for client, l := range r.addresses {
		if l.Tokens() >= failureBurst {
			delete(r.addresses, client)
		}
	}
}
