package ledger

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Performance is what the calls of a period say about the providers, in sums. It has no
// identifier of a call or a person.
type Performance struct {
	Calls   []CallSum
	Latency []LatencySum
	Down    []DownMinute
	Codes   []CodeSum
	Agreed  []Agreement
}

// CallSum is the number of calls of a day with the same outcome, and their price.
type CallSum struct {
	Provider string
	Day      string     // in China, such as "2026-11-30"
	Outcome  string     // a verdict or a failure; "" if the outcome is unknown
	Failed   bool       // Outcome is a failure
	Phase    string     // where a failed call broke, as in idv.Attempt
	Charge   idv.Charge // as the ledger has it now
	Calls    int64
	Amount   idv.Money // as in Use
}

// LatencySum is the number of calls that ended with a verdict within the same time.
type LatencySum struct {
	Provider string
	Least    time.Duration // the least duration of the class, see LatencyClass
	Calls    int64
}

// DownMinute is a minute in which a provider served no call and failed in at least one, see
// Fault.
type DownMinute struct {
	Provider string
	At       time.Time // the beginning
	Failed   int64
}

// CodeSum is the number of calls with a code that the provider's table does not list.
type CodeSum struct {
	Provider    string
	Code        string
	Calls       int64
	First, Last time.Time // when the first and the last of these calls began
}

// Agreement counts the verifications for which a provider and another one both gave a verdict,
// because policy allowed a second opinion.
type Agreement struct {
	Provider string
	Both     int64 // verifications with two verdicts
	Agreed   int64 // of these, with the same verdict
}

// AgreementsOf counts the agreements among calls, of one provider or of all if it is "".
func AgreementsOf(holds []Hold, provider string) (list []Agreement) {
	said := map[string][]*Hold{} // by verification
	for i := range holds {
		if h := &holds[i]; h.OutcomeRecorded && !h.Outcome.Failed {
			said[h.Intent.Verification] = append(said[h.Intent.Verification], h)
		}
	}
	sums := map[string]*Agreement{}
	for _, calls := range said {
		for _, h := range calls {
			if len(calls) < 2 || provider != "" && h.Intent.Provider != provider {
				continue
			}
			a := sums[h.Intent.Provider]
			if a == nil {
				a = &Agreement{Provider: h.Intent.Provider}
				sums[a.Provider] = a
			}
			a.Both++
			if calls[0].Ending() == calls[1].Ending() {
				a.Agreed++
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, *sums[name])
	}
	return list
}

// MaxCodes is the greatest number of codes in a Performance.
const MaxCodes = 500

// Fault reports whether a failure counts against the availability of a provider. What heyan,
// its operator or the caller caused does not, nor does a refusal that says something about
// the request.
func Fault(f idv.Failure) bool {
	switch f {
	case idv.FailureUnknown, idv.Throttled, idv.Maintenance, idv.Unavailable, idv.Timeout, idv.Garbled:
		return true
	}
	return false
}

// Served reports whether a failure is a complete reply of a provider about the request.
func Served(f idv.Failure) bool {
	switch f {
	case idv.InvalidInput, idv.SubjectLimited, idv.Unsupported, idv.PartialMatch:
		return true
	}
	return false
}

// LatencyClass returns the least duration of the class of a duration: it in milliseconds with
// two significant digits.
func LatencyClass(d time.Duration) time.Duration {
	ms := max(d.Milliseconds(), 0)
	step := int64(1)
	for ms/step >= 100 {
		step *= 10
	}
	return time.Duration(ms/step*step) * time.Millisecond
}

// Gauge adds up calls to a Performance. The zero value is empty.
type Gauge struct {
	calls   map[CallSum]*CallSum
	latency map[LatencySum]int64
	minutes map[DownMinute]*minute
	codes   map[CodeSum]*CodeSum
}

type minute struct{ failed, served int64 }

// Add adds the call of a hold.
func (g *Gauge) Add(h *Hold) {
	if g.calls == nil {
		g.calls, g.latency = map[CallSum]*CallSum{}, map[LatencySum]int64{}
		g.minutes, g.codes = map[DownMinute]*minute{}, map[CodeSum]*CodeSum{}
	}
	i, a := &h.Intent, &h.Outcome
	key := CallSum{
		Provider: i.Provider, Day: VendorTime(i.At).Format(time.DateOnly), Outcome: h.Ending(), Failed: a.Failed, Phase: a.Phase,
		Charge: h.State.Charge(), Amount: idv.Money{Currency: i.Price.Currency},
	}
	sum := g.calls[key]
	if sum == nil {
		sum = new(key)
		g.calls[key] = sum
	}
	sum.Calls++
	sum.Amount.Micros += i.Price.Micros
	if !h.OutcomeRecorded {
		return
	}
	if !a.Failed {
		g.latency[LatencySum{Provider: i.Provider, Least: LatencyClass(a.Duration)}]++
	}
	g.availability(h)
	if a.Failed && a.Failure == idv.FailureUnknown && a.VendorCode != "" {
		g.code(i.Provider, a.VendorCode, i.At)
	}
}

func (g *Gauge) availability(h *Hold) {
	at := DownMinute{Provider: h.Intent.Provider, At: h.Intent.At.UTC().Truncate(time.Minute)}
	m := g.minutes[at]
	if m == nil {
		m = new(minute)
		g.minutes[at] = m
	}
	switch a := &h.Outcome; {
	case !a.Failed || Served(a.Failure):
		m.served++
	case Fault(a.Failure):
		m.failed++
	}
}

func (g *Gauge) code(provider, code string, at time.Time) {
	key := CodeSum{Provider: provider, Code: code}
	sum := g.codes[key]
	if sum == nil {
		sum = &CodeSum{Provider: provider, Code: code, First: at, Last: at}
		g.codes[key] = sum
	}
	sum.Calls++
	if at.Before(sum.First) {
		sum.First = at
	}
	if at.After(sum.Last) {
		sum.Last = at
	}
}

// Sums returns the sums in the order of Performance.Sort.
func (g *Gauge) Sums() Performance {
	var p Performance
	for _, c := range g.calls {
		p.Calls = append(p.Calls, *c)
	}
	for l, n := range g.latency {
		l.Calls = n
		p.Latency = append(p.Latency, l)
	}
	for d, m := range g.minutes {
		if d.Failed = m.failed; m.served == 0 && m.failed > 0 {
			p.Down = append(p.Down, d)
		}
	}
	for _, c := range g.codes {
		p.Codes = append(p.Codes, *c)
	}
	p.Sort()
	p.Codes = p.Codes[:min(len(p.Codes), MaxCodes)]
	return p
}

// Sort orders the sums: codes by their calls, most first, all others by provider and time.
func (p *Performance) Sort() {
	slices.SortFunc(p.Calls, func(a, b CallSum) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Charge, b.Charge), cmp.Compare(a.Amount.Currency, b.Amount.Currency))
	})
	slices.SortFunc(p.Latency, func(a, b LatencySum) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Least, b.Least))
	})
	slices.SortFunc(p.Down, func(a, b DownMinute) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), a.At.Compare(b.At))
	})
	slices.SortFunc(p.Agreed, func(a, b Agreement) int { return cmp.Compare(a.Provider, b.Provider) })
	slices.SortFunc(p.Codes, func(a, b CodeSum) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Code, b.Code))
	})
}

// Providers returns the names of the providers that the sums are about, sorted.
func (p *Performance) Providers() []string {
	names := map[string]bool{}
	for i := range p.Calls {
		names[p.Calls[i].Provider] = true
	}
	return slices.Sorted(maps.Keys(names))
}
