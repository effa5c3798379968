package route

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Mode names an order of the candidates.
type Mode string

// The modes. None of them looks at verdicts: a vendor that answers "match" more often is not
// a better one.
const (
	Priority Mode = "priority" // the order of the rule's list
	Weighted Mode = "weighted" // first choices in proportion to the weights, spread evenly
	Cheapest Mode = "cheapest" // by the price of the next unit; unknown prices after known ones, used-up packages last
	Fastest  Mode = "fastest"  // by the latency of answers; a provider whose latency is not known comes first
	Sticky   Mode = "sticky"   // the same order for the same person, and an equal share of people for each provider
)

// Modes lists the modes.
func Modes() []Mode { return []Mode{Priority, Weighted, Cheapest, Fastest, Sticky} }

// Order sorts the candidates of a question, the first choice first. It is a pure function, so
// that an explanation gives the order of the verification. Candidates that are equal stay in
// the order of the rule's list.
type Order func(q *Question, list []Candidate)

// orderOf returns the order of a mode, nil for the order of the list.
func orderOf(m Mode) Order {
	switch m {
	case Weighted:
		return weighted
	case Cheapest:
		return cheapest
	case Fastest:
		return fastest
	case Sticky:
		return sticky
	default:
		return nil
	}
}

// goldenRatio spreads turns: the fractions of its multiples are as even as any sequence can
// be, for every set of weights and whichever providers are left.
const goldenRatio = 0.6180339887498949

// weighted draws one candidate after the other in proportion to their weights. A candidate
// that is skipped leaves its share to the others in proportion.
func weighted(q *Question, list []Candidate) {
	_, at := math.Modf(float64(q.Turn%(1<<40)) * goldenRatio)
	for ; len(list) > 1; list = list[1:] {
		total := 0
		for i := range list {
			total += list[i].Weight
		}
		if total == 0 {
			return
		}
		i, below := 0, float64(list[0].Weight)
		for goal := at * float64(total); i < len(list)-1 && goal >= below; below += float64(list[i].Weight) {
			i++
		}
		chosen := list[i]
		copy(list[1:i+1], list[:i])
		list[0] = chosen
	}
}

func cheapest(_ *Question, list []Candidate) {
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Or(
			compareBool(a.Exhausted, b.Exhausted),
			compareBool(a.Price.Currency == "", b.Price.Currency == ""),
			cmp.Compare(a.Price.Micros, b.Price.Micros),
		)
	})
}

func fastest(_ *Question, list []Candidate) {
	slices.SortStableFunc(list, func(a, b Candidate) int { return cmp.Compare(a.Latency, b.Latency) })
}

// sticky sorts by a hash of the person and the provider. When a provider is skipped, only
// its own people go elsewhere. Without a person the order is that of the list.
func sticky(q *Question, list []Candidate) {
	if q.Subject == "" {
		return
	}
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Compare(rank(q, b.Name), rank(q, a.Name))
	})
}

func rank(q *Question, provider string) uint64 {
	sum := sha256.Sum256([]byte(string(q.Subject) + "\x00" + provider))
	return binary.BigEndian.Uint64(sum[:])
}

// compareBool sorts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
