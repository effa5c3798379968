// Package forecast computes from past use, remaining packages and the vendor's price table
// when the calls run out and which package to buy next. It is pure: it has no clock and no
// store.
package forecast

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Day is the use of one day.
type Day struct {
	Day      time.Time // any instant of the day
	Charged  int64     // calls that were charged
	Verdicts int64     // calls that returned a verdict
}

// Lot is the remainder of a package.
type Lot struct {
	Left    int64
	Expires time.Time // zero if it never expires
}

// Options tune the advice. The zero value has the defaults.
type Options struct {
	// Horizon is the maximum time that a package should last, since it ties up money and the
	// vendor may go out of business. The default is a year.
	Horizon time.Duration

	// Least is the minimum time that a package should last, so that purchases stay rare. The
	// default is a week.
	Least time.Duration

	// Reorder is the time that the unused calls last below which a purchase is advised. The
	// default is 30 days.
	Reorder time.Duration
}

const (
	day            = 24 * time.Hour
	week           = 7
	defaultHorizon = 365 * day
	defaultReorder = 30 * day
)

// Advice says which package to buy and why.
type Advice struct {
	PerDay   float64   `json:"per_day"`   // charged calls per day, the mean of the last seven days
	Verdicts float64   `json:"verdicts"`  // verdicts per charged call over all days; 0 if unknown
	Left     int64     `json:"left"`      // unused calls of lots that have not expired
	Wasted   int64     `json:"wasted"`    // of these, calls that will expire unused
	DaysLeft float64   `json:"days_left"` // -1 if there is no use
	RunsOut  time.Time `json:"runs_out,omitzero"`
	Steps    []Step    `json:"steps"` // by number of calls
	Buy      int       `json:"buy"`   // index of the step to buy, -1 for none
	Reason   Reason    `json:"reason"`
}

// Step is a package of the price table with its consequences.
type Step struct {
	Units      int64     `json:"units"`
	Total      idv.Money `json:"-"`
	Price      string    `json:"price"`       // Total, a decimal
	PerCall    string    `json:"per_call"`    // rounded up
	PerVerdict string    `json:"per_verdict"` // "" if Advice.Verdicts is unknown
	Currency   string    `json:"currency"`
	LastsDays  float64   `json:"lasts_days"` // at PerDay; -1 if nothing is used
	TooLong    bool      `json:"too_long"`   // lasts longer than the horizon

	// BreakEven is the number of calls from which on the next larger package costs less than
	// the same number of calls at the price of this one; 0 if it never does.
	BreakEven     int64   `json:"break_even,omitzero"`
	BreakEvenDays float64 `json:"break_even_days,omitzero"` // at PerDay
}

// Reason is the reason for the advice.
type Reason string

// The reasons.
const (
	ReasonNothing  Reason = "nothing_for_sale" // the price table has no package with a price
	ReasonUnused   Reason = "unused"           // no use in the last week
	ReasonEnough   Reason = "enough"           // the unused calls last longer than Reorder
	ReasonCheapest Reason = "cheapest"         // the cheapest per call that lasts at least Least and at most Horizon
	ReasonLargest  Reason = "largest"          // all last less than Least; the largest
	ReasonSmallest Reason = "smallest"         // all last longer than Horizon; the one with the lowest total price
)

// Make returns the advice at an instant. It never advises free packages, since a vendor
// gives each once. Days more than seven days before now count for Verdicts only.
func Make(now time.Time, days []Day, prices []idv.Price, lots []Lot, o Options) Advice {
	if o.Horizon <= 0 {
		o.Horizon = defaultHorizon
	}
	if o.Least <= 0 {
		o.Least = week * day
	}
	if o.Reorder <= 0 {
		o.Reorder = defaultReorder
	}
	a := Advice{Steps: []Step{}, Buy: -1, DaysLeft: -1}
	a.use(now, days)
	a.left(now, lots)
	a.steps(prices, o.Horizon)
	a.choose(o.Least.Hours()/24, o.Reorder.Hours()/24)
	return a
}

func (a *Advice) use(now time.Time, days []Day) {
	var charged, verdicts, lately int64
	for _, d := range days {
		charged += d.Charged
		verdicts += d.Verdicts
		if !d.Day.After(now) && now.Sub(d.Day) < week*day {
			lately += d.Charged
		}
	}
	a.PerDay = float64(lately) / week
	if charged > 0 {
		a.Verdicts = float64(verdicts) / float64(charged)
	}
}

// left simulates the use of the lots in order of expiry. Calls that are unused when their
// lot expires are wasted.
func (a *Advice) left(now time.Time, lots []Lot) {
	order := slices.Clone(lots)
	slices.SortStableFunc(order, func(x, y Lot) int {
		return cmp.Compare(expiry(now, x), expiry(now, y))
	})
	days := 0.0
	for _, l := range order {
		until := expiry(now, l)
		if until <= 0 || l.Left <= 0 {
			continue
		}
		a.Left += l.Left
		used := float64(l.Left)
		if a.PerDay > 0 {
			used = min(used, max(until-days, 0)*a.PerDay)
			days += used / a.PerDay
		}
		a.Wasted += int64(float64(l.Left) - math.Floor(used+1e-6))
	}
	if a.PerDay > 0 {
		a.DaysLeft = days
		a.RunsOut = now.Add(span(days))
	}
}

// expiry returns the number of days until a lot expires.
func expiry(now time.Time, l Lot) float64 {
	if l.Expires.IsZero() {
		return math.Inf(1)
	}
	return l.Expires.Sub(now).Hours() / 24
}

// span returns a duration of days, at most a hundred years.
func span(days float64) time.Duration { return time.Duration(min(days, 36_500) * float64(day)) }

func (a *Advice) steps(prices []idv.Price, horizon time.Duration) {
	currency := "" // of the first price: prices in two cannot be compared
	sold := slices.DeleteFunc(slices.Clone(prices), func(p idv.Price) bool {
		currency = cmp.Or(currency, p.Total.Currency)
		return p.Units <= 0 || p.Total.Micros <= 0 || p.Total.Currency != currency
	})
	slices.SortFunc(sold, func(x, y idv.Price) int {
		return cmp.Or(cmp.Compare(x.Units, y.Units), cmp.Compare(x.Total.Micros, y.Total.Micros))
	})
	for i, p := range sold {
		s := Step{Units: p.Units, Total: p.Total, Price: p.Total.Amount(), PerCall: p.PerCall().Amount(), Currency: p.Total.Currency, LastsDays: -1}
		if a.Verdicts > 0 {
			s.PerVerdict = perVerdict(p, a.Verdicts).Amount()
		}
		if a.PerDay > 0 {
			s.LastsDays = float64(p.Units) / a.PerDay
			s.TooLong = s.LastsDays > horizon.Hours()/24
		}
		if i+1 < len(sold) {
			s.BreakEven = breakEven(p, sold[i+1])
			if a.PerDay > 0 {
				s.BreakEvenDays = float64(s.BreakEven) / a.PerDay
			}
		}
		a.Steps = append(a.Steps, s)
	}
}

func perVerdict(p idv.Price, verdicts float64) idv.Money {
	micros := math.Ceil(float64(p.Total.Micros) / float64(p.Units) / verdicts)
	return idv.Money{Micros: int64(micros), Currency: p.Total.Currency}
}

// breakEven returns the smallest number of calls that costs more at the price per call of a
// package than the next package costs as a whole.
func breakEven(p, next idv.Price) int64 {
	calls := int64(math.Floor(float64(next.Total.Micros)/float64(p.Total.Micros)*float64(p.Units))) + 1
	if calls > next.Units {
		return 0
	}
	return calls
}

func (a *Advice) choose(least, reorder float64) {
	switch {
	case len(a.Steps) == 0:
		a.Reason = ReasonNothing
		return
	case a.PerDay == 0:
		a.Reason = ReasonUnused
		return
	case a.DaysLeft > reorder:
		a.Reason = ReasonEnough
		return
	}
	inTime := func(s Step) bool { return !s.TooLong }
	a.Reason, a.Buy = ReasonCheapest, a.best(func(s Step) bool { return inTime(s) && s.LastsDays >= least }, cheaper)
	if a.Buy < 0 {
		a.Reason, a.Buy = ReasonLargest, a.best(inTime, func(x, y Step) int { return cmp.Compare(y.Units, x.Units) })
	}
	if a.Buy < 0 {
		a.Reason, a.Buy = ReasonSmallest, a.best(func(Step) bool { return true }, func(x, y Step) int { return cmp.Compare(x.Total.Micros, y.Total.Micros) })
	}
}

// best returns the index of the first step in order among those for which keep is true, -1
// if there is none.
func (a *Advice) best(keep func(Step) bool, compare func(x, y Step) int) int {
	best := -1
	for i, s := range a.Steps {
		if keep(s) && (best < 0 || compare(s, a.Steps[best]) < 0) {
			best = i
		}
	}
	return best
}

// cheaper orders by the exact price per call, then by the total, since the smaller of two
// packages at the same price ties up less money.
func cheaper(x, y Step) int {
	return cmp.Or(
		cmp.Compare(float64(x.Total.Micros)/float64(x.Units), float64(y.Total.Micros)/float64(y.Units)),
		cmp.Compare(x.Total.Micros, y.Total.Micros),
	)
}
