package drift

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

// verdicts are the answers that are told apart, by their index in a mix.
const verdicts = 4

// indexOf returns the index of a verdict in a mix, and false for one that is no answer.
func indexOf(v idv.Verdict) (int, bool) {
	switch v {
	case idv.Match:
		return 0, true
	case idv.Mismatch:
		return 1, true
	case idv.NoRecord:
		return 2, true
	case idv.MismatchOrNoRecord:
		return 3, true
	}
	return 0, false
}

func verdictAt(i int) idv.Verdict {
	return [verdicts]idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord}[i]
}

// mix has the share of each verdict.
type mix [verdicts]float64

// Change is a way in which the answers of a provider lose their relation to the people asked
// for.
type Change string

// The changes that are looked for. Always… means that nearly every answer has the verdict,
// Random… that the answers are drawn among two or three verdicts alike.
const (
	AlwaysMatch              Change = "always_match"
	AlwaysMismatch           Change = "always_mismatch"
	AlwaysNoRecord           Change = "always_no_record"
	AlwaysMismatchOrNoRecord Change = "always_mismatch_or_no_record"
	Random                   Change = "random"         // match or mismatch
	RandomOfThree            Change = "random_three"   // match, mismatch or no_record
	RandomTwoWay             Change = "random_two_way" // match or mismatch_or_no_record
	changeCount                     = 7
)

// changes are the changes with their mixes. A changed provider may still give other verdicts
// now and then.
var changes = [changeCount]struct {
	name Change
	mix  mix
}{
	{AlwaysMatch, among(0)}, {AlwaysMismatch, among(1)}, {AlwaysNoRecord, among(2)}, {AlwaysMismatchOrNoRecord, among(3)},
	{Random, among(0, 1)}, {RandomOfThree, among(0, 1, 2)}, {RandomTwoWay, among(0, 3)},
}

// rest is the share of the verdicts that a change does not name.
const rest = .002

func among(list ...int) (m mix) {
	for i := range m {
		m[i] = rest / float64(verdicts-len(list))
	}
	for _, i := range list {
		m[i] = (1 - rest) / float64(len(list))
	}
	return m
}

// box has the least and the greatest share of each verdict among honest answers.
type box struct{ low, high mix }

// The width of a box around the shares of past answers: four standard errors, eight answers
// and a hundredth.
const (
	errorsWide  = 4
	answersWide = 8
	shareWide   = .01
)

// boxOf returns the box around what was counted.
func boxOf(counts [verdicts]float64) (b box) {
	n := 0.
	for _, c := range counts {
		n += c
	}
	for i, c := range counts {
		p := c / n
		width := errorsWide*math.Sqrt(p*(1-p)/n) + answersWide/n + shareWide
		b.low[i], b.high[i] = max(p-width, 0), min(p+width, 1)
	}
	return b
}

// nearest returns the mix in the box that q is hardest to tell from: r with the least
// KL(q‖r). It is q times a constant, clipped to the box; the sum grows with the constant.
func (b *box) nearest(q mix) (r mix) {
	least, most := 0., 1e9
	for range 100 {
		factor := math.Sqrt(max(least, 1e-9) * most)
		sum := 0.
		for i := range r {
			r[i] = min(max(q[i]*factor, b.low[i]), b.high[i])
			sum += r[i]
		}
		if sum < 1 {
			least = factor
		} else {
			most = factor
		}
	}
	return r
}

// evidence returns for each verdict the logarithm of its likelihood ratio between a change and
// the nearest honest mix. Whatever mix of the box is the honest one, the expectation of the
// ratio is at most 1: since r minimizes KL(q‖r) over a convex set, Σ p·q/r ≤ 1 for each p
// in it.
func (b *box) evidence(q mix) (log mix, perAnswer float64) {
	r := b.nearest(q)
	for i := range q {
		log[i] = math.Log(q[i] / r[i])
		perAnswer += q[i] * log[i]
	}
	return log, perAnswer
}
