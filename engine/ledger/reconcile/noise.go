package reconcile

import "math"

// noise is how often a window's count is off, and by how much. It is measured from
// the windows themselves: exact with one probability, else too many or too few by
// geometric distributions.
type noise struct {
	exact      float64 // log of the probability
	more, less tail
	table      [2*noiseTable + 1]float64
}

type tail struct{ log, stay float64 } // log of the probability of 1, and of one more each

// noiseTable is up to which difference the probabilities are kept ready.
const noiseTable = 64

// mostOpen is up to how many unknown outcomes a window teaches something.
const mostOpen = 32

// doubtful is the noise to begin with: little is known, so little is excluded.
func doubtful() noise { return newNoise(6, 2, 4, 2, 4) }

// measure counts the windows in which nothing is open.
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

// newTail estimates a geometric distribution from so many cases of so many units.
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

// log returns the log-likelihood of a difference in a window where so many unknown
// outcomes may explain a part of it, each number of them as likely as another.
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
