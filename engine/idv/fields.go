package idv

// Comparison is what a source says about one claim.
type Comparison uint8

// The comparisons.
const (
	NotCompared     Comparison = iota // the source did not compare the claim, or does not say
	FieldMatched                      // the claim agrees with the register
	FieldMismatched                   // the claim differs from the register
)

var comparisonWords = []string{"not_compared", "matched", "mismatched"}

// String returns the comparison's name in JSON.
func (c Comparison) String() string { return word(comparisonWords, c) }

// Valid reports whether c is one of the constants.
func (c Comparison) Valid() bool { return int(c) < len(comparisonWords) }

// MarshalText returns the comparison's name.
func (c Comparison) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets the comparison of a name, or returns an error for an unknown name.
func (c *Comparison) UnmarshalText(b []byte) error {
	return parse("comparison", comparisonWords, b, c)
}

// Fields says for each claim how it compares with the register; its index is a [Claim].
// The zero value says nothing about any claim, as most vendors do.
type Fields [claimCount]Comparison

// IsZero reports whether no claim was compared.
func (f Fields) IsZero() bool { return f == Fields{} }

// Only returns the comparisons of a set of claims.
func (f Fields) Only(set ClaimSet) Fields {
	for c := range claimCount {
		if !set.Has(c) {
			f[c] = NotCompared
		}
	}
	return f
}

// Contradict reports whether the comparisons cannot belong to a verdict: a match with a
// claim that differs, or a comparison without a record.
func (f Fields) Contradict(v Verdict) bool {
	for _, c := range f {
		if !c.Valid() || v == Match && c == FieldMismatched || v == NoRecord && c != NotCompared {
			return true
		}
	}
	return false
}
