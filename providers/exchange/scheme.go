package exchange

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// scheme is an authentication scheme with its secrets, counted from 0.
type scheme struct {
	auth.Authenticator
	number uint64
}

// serialBits are the bits of a credential's serial that count the tokens of one scheme. The
// bits above them hold the scheme's number.
const serialBits = 32

// SetAuth authenticates new calls by a, for example since a secret was replaced. A scheme
// with tokens fetches a new one. Calls in flight are not affected.
func (x *Exchange) SetAuth(a auth.Authenticator) {
	for {
		old := x.scheme.Load()
		if x.scheme.CompareAndSwap(old, &scheme{a, old.number + 1}) {
			return
		}
	}
}

// Replaced implements [providers.Rotating].
func (x *Exchange) Replaced(used providers.Credential) bool {
	return used.Serial>>serialBits < x.scheme.Load().number
}

// Renew implements [providers.Renewer]. It passes the refused credential to the
// authentication scheme; one without tokens cannot renew anything.
func (x *Exchange) Renew(refused providers.Credential) bool {
	if x.Replaced(refused) {
		return true
	}
	r, ok := x.scheme.Load().Authenticator.(providers.Renewer)
	refused.Serial &= 1<<serialBits - 1
	return ok && r.Renew(refused)
}

// open decrypts a reply where the scheme does so. The vendor has answered: whatever the
// scheme says of a reply that it cannot open, the call may have been charged.
func (s *scheme) open(r providers.Reply) (providers.Reply, error) {
	opener, ok := s.Authenticator.(auth.Opener)
	if !ok {
		return r, nil
	}
	opened, err := opener.Open(r)
	if err != nil {
		e := *idv.AsError(err)
		e.Phase, e.Delivery, e.Charge = "decode", idv.DeliveryUnknown, idv.ChargeUnknown
		return providers.Reply{}, &e
	}
	return opened, nil
}
