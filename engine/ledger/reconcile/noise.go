package reconcile

import "math"

// noise is the distribution of the errors in the counts of windows, estimated from the
// windows: zero with one probability, else too high or too low by a geometric
// distribution.
type noise struct {
	exact      float64 // log-probability of no error
	more, less tail
	table      [2*noiseTable + 1]float64
}

// tail has the log-probabilities of an error of 1 and of each further unit.
type tail struct{ log, stay float64 }

// noiseTable is the largest error whose probability is precomputed.
const noiseTable = 64

// mostOpen is the largest number of unanswered calls at which a window is evidence.
const mostOpen = 32

// doubtful returns the initial noise, which is wide because little is known.
func doubtful() noise { return newNoise(6, 2, 4, 2, 4) }

// measure estimates the noise from the windows without unanswered calls.
func measure(x, open []int64) noise {
	var exact, more, moreUnits, less, lessUnits float64
	for i, v := range x {
		switch {
		case open[i] > 0:
		case v == 0:
			exact++
		case v > 0:
			more, moreUnits = more+1, moreUnits+float64(v)
		default:
			less, lessUnits = less+1, lessUnits-float64(v)
		}
	}
	return newNoise(exact, more, moreUnits, less, lessUnits)
}

func newNoise(exact, more, moreUnits, less, lessUnits float64) noise {
	all := exact + more + less + 2
	n := noise{exact: math.Log((exact + 1) / all), more: newTail(more, moreUnits, all), less: newTail(less, lessUnits, all)}
	for d := range int64(len(n.table)) {
		n.table[d] = n.compute(d - noiseTable)
	}
	return n
}

// newTail estimates a geometric distribution from the number of cases and their units.
func newTail(cases, units, all float64) tail {
	stop := (cases + 1) / (units + 2)
	return tail{log: math.Log((cases+0.5)/all) + math.Log(stop), stay: math.Log1p(-stop)}
}

func (n *noise) compute(d int64) float64 {
	switch {
	case d > 0:
		return n.more.log + float64(d-1)*n.more.stay
	case d < 0:
		return n.less.log + float64(-d-1)*n.less.stay
	}
	return n.exact
}

// log returns the log-likelihood of a difference in a window whose unanswered calls may
// explain a part of it. Each number of billed ones is equally likely.
func (n *noise) log(d, open int64) float64 {
	switch {
	case open == 0:
		return n.one(d)
	case open > mostOpen:
		return 0
	}
	best := math.Inf(-1)
	for k := range open + 1 {
		best = max(best, n.one(d-k))
	}
	sum := 0.0
	for k := range open + 1 {
		sum += math.Exp(n.one(d-k) - best)
	}
	return best + math.Log(sum/float64(open+1))
}

func (n *noise) one(d int64) float64 {
	if -noiseTable <= d && d <= noiseTable {
		return n.table[d+noiseTable]
	}
	return n.compute(d)
}
