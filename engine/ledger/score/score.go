// Package score computes the score card of a provider from the sums of its calls: how often
// and how fast it answered, what it said, and what a verdict cost. It is pure; the sums come
// from [ledger.Performance], which a store computes.
package score

import (
	"cmp"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Card is the score card of a provider.
type Card struct {
	Provider string
	From, To time.Time
	Calls    int64
	Counts   Counts
	Outages  []Outage          // by time
	Latency  Latency           // of calls with a verdict
	Verdicts map[string]int64  // calls by verdict
	Failures map[string]int64  // calls by failure; "" for an outcome that was lost
	Phases   map[string]int64  // failed calls by where they broke, where that is known
	Echo     int64             // replies that were not about the person asked for
	Codes    []ledger.CodeSum  // that the table does not list, most calls first
	Agreed   *ledger.Agreement // nil if no call had a second opinion
	Price    *Price            // nil if there is no verdict, or prices in several currencies
	Days     []Day             // each of the period with a call, by time
}

// Counts divide the calls by what they say about the availability of the provider. Calls that
// neither was served nor failed by its fault are in none.
type Counts struct {
	Served  int64 // with a verdict, or another complete reply about the request
	Faults  int64 // see ledger.Fault
	Unknown int64 // the outcome was lost
}

// Availability returns the share of served calls, and false if no call says anything.
func (c Counts) Availability() (share float64, ok bool) {
	all := c.Served + c.Faults
	if all == 0 {
		return 0, false
	}
	return float64(c.Served) / float64(all), true
}

// Outage is a time in which at least minFailed calls failed and none was served.
type Outage struct {
	From, To time.Time // to the minute
	Failed   int64
}

// minFailed is the number of failed calls that make an outage. Fewer are single errors.
const minFailed = 3

// Latency has percentiles with two significant digits.
type Latency struct{ P50, P90, P99 time.Duration }

// Price is what a verdict cost. Known counts charged calls; Most adds those that may have been
// charged.
type Price struct {
	Known, Most idv.Money
	Verdicts    int64
}

// PerVerdict returns the cost of one verdict.
func (p *Price) PerVerdict() (known, most idv.Money) {
	known, most = p.Known, p.Most
	known.Micros /= p.Verdicts
	most.Micros /= p.Verdicts
	return known, most
}

// Day is the availability of a day in China.
type Day struct {
	Date string // such as "2026-11-30"
	Counts
}

// Cards returns the score cards of the named providers, in their order, or of all that have
// calls, by name, if there are no names.
func Cards(p ledger.Performance, from, to time.Time, names ...string) []Card {
	if len(names) == 0 {
		names = p.Providers()
	}
	cards := make([]Card, len(names))
	for i, name := range names {
		cards[i] = card(&p, name)
		cards[i].From, cards[i].To = from, to
		if at := slices.IndexFunc(p.Agreed, func(a ledger.Agreement) bool { return a.Provider == name }); at >= 0 {
			cards[i].Agreed = &p.Agreed[at]
		}
	}
	return cards
}

func card(p *ledger.Performance, name string) Card {
	c := Card{Provider: name, Verdicts: map[string]int64{}, Failures: map[string]int64{}, Phases: map[string]int64{}}
	price, mixed := Price{}, false
	for i := range p.Calls {
		s := &p.Calls[i]
		if s.Provider != name {
			continue
		}
		c.add(s)
		mixed = mixed || price.Known.Currency != "" && s.Amount.Currency != "" && price.Known.Currency != s.Amount.Currency
		price.add(s)
	}
	if price.Verdicts > 0 && !mixed {
		c.Price = &price
	}
	c.Latency = latency(p.Latency, name)
	c.Outages = outages(p.Down, name)
	for _, code := range p.Codes {
		if code.Provider == name {
			c.Codes = append(c.Codes, code)
		}
	}
	return c
}

// add counts the calls of a sum. Sums come by day.
func (c *Card) add(s *ledger.CallSum) {
	c.Calls += s.Calls
	if n := len(c.Days); n == 0 || c.Days[n-1].Date != s.Day {
		c.Days = append(c.Days, Day{Date: s.Day})
	}
	said := countsOf(s)
	c.Counts.add(said)
	c.Days[len(c.Days)-1].add(said)
	if s.Outcome != "" && !s.Failed {
		c.Verdicts[s.Outcome] += s.Calls
		return
	}
	c.Failures[s.Outcome] += s.Calls
	if s.Phase != "" {
		c.Phases[s.Phase] += s.Calls
	}
	if s.Phase == idv.PhaseEcho {
		c.Echo += s.Calls
	}
}

func (c *Counts) add(more Counts) {
	c.Served += more.Served
	c.Faults += more.Faults
	c.Unknown += more.Unknown
}

func countsOf(s *ledger.CallSum) Counts {
	failure, known := failureOf(s)
	switch {
	case s.Outcome == "":
		return Counts{Unknown: s.Calls}
	case !s.Failed, known && ledger.Served(failure):
		return Counts{Served: s.Calls}
	case known && ledger.Fault(failure):
		return Counts{Faults: s.Calls}
	}
	return Counts{}
}

func failureOf(s *ledger.CallSum) (f idv.Failure, known bool) {
	return f, f.UnmarshalText([]byte(s.Outcome)) == nil
}

func (p *Price) add(s *ledger.CallSum) {
	p.Known.Currency = cmp.Or(p.Known.Currency, s.Amount.Currency)
	p.Most.Currency = p.Known.Currency
	if s.Charge != idv.NotCharged {
		p.Most.Micros += s.Amount.Micros
	}
	if s.Charge == idv.Charged {
		p.Known.Micros += s.Amount.Micros
	}
	if !s.Failed && s.Outcome != "" {
		p.Verdicts += s.Calls
	}
}

// latency returns the percentiles of classes in rising order.
func latency(classes []ledger.LatencySum, name string) (l Latency) {
	var all, seen int64
	for i := range classes {
		if classes[i].Provider == name {
			all += classes[i].Calls
		}
	}
	for i := range classes {
		c := &classes[i]
		if c.Provider != name {
			continue
		}
		before := seen
		seen += c.Calls
		for percent, into := range map[int64]*time.Duration{50: &l.P50, 90: &l.P90, 99: &l.P99} {
			// The rank of a percentile, rounded up.
			if rank := (all*percent + 99) / 100; before < rank && rank <= seen {
				*into = c.Least
			}
		}
	}
	return l
}

// outages joins minutes that follow each other. A minute without a call ends an outage, since
// it says nothing.
func outages(minutes []ledger.DownMinute, name string) (list []Outage) {
	for _, m := range minutes {
		if m.Provider != name {
			continue
		}
		end := m.At.Add(time.Minute)
		if n := len(list); n > 0 && list[n-1].To.Equal(m.At) {
			list[n-1].To = end
			list[n-1].Failed += m.Failed
			continue
		}
		list = append(list, Outage{m.At, end, m.Failed})
	}
	return slices.DeleteFunc(list, func(o Outage) bool { return o.Failed < minFailed })
}
