package replica

import "github.com/heyan-id/heyan/engine/idv"

// FaultKind is what is wrong with a request.
type FaultKind int

// The faults of a request.
const (
	FaultPath      FaultKind = iota // no such address
	FaultMethod                     // another method
	FaultSize                       // too large
	FaultMalformed                  // it cannot be parsed
	FaultForm                       // an unknown, duplicate or other value
	FaultMissing                    // a value is missing
	FaultClaim                      // the product does not accept a claim
	FaultAnonymous                  // nothing authenticates it
	FaultKey                        // an unknown key
	FaultSignature                  // a wrong signature
	FaultTime                       // it is too old or from the future
	FaultNonce                      // its nonce was used before
	FaultToken                      // its access token is unknown, expired or revoked
)

// Fault is why a request is refused.
type Fault struct {
	Kind   FaultKind
	Field  idv.Field // the claim that is missing or invalid
	Detail string    // names a parameter, never a value
}

// Asked is what a request asks for.
type Asked struct {
	Query idv.Query
	known idv.ClaimSet // the claims that were read
}

func (a *Asked) know(s source) {
	if s != sourceID {
		a.known |= idv.Claims(idv.Claim(s))
	}
}

// claim returns a claim that was read, "" otherwise.
func (a Asked) claim(c idv.Claim) string {
	if !a.known.Has(c) {
		return ""
	}
	return plain(a.Query.Subject.Claim(c))
}
