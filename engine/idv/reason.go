package idv

// Reason says why a verification has no verdict: the name of a [Failure]. It is empty
// if there is a verdict.
type Reason string

// ReasonOf returns the reason that names a failure.
func ReasonOf(f Failure) Reason { return Reason(f.String()) }

// Failure returns the failure that the reason names, FailureUnknown if it names none.
func (r Reason) Failure() (f Failure) {
	_ = f.UnmarshalText([]byte(r)) // leaves FailureUnknown
	return f
}

// Basis is the legal basis of a verification (PIPL art. 13). The bases are constants of
// package policy. It is empty if the person was not asked for consent and no other basis
// was given.
type Basis string
