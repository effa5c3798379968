package alert

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Levels are the thresholds at which a falling balance raises an alert. A used-up
// package always raises one, so with the zero Levels it is the only alert about a balance.
type Levels struct {
	Percent []int // of the units bought, 1 to 99
	Days    []int // left at the rate of the last week, 1 to 365
}

// DefaultLevels returns 50, 20 and 5 percent, and 7 and 2 days. idcert warns at 20
// percent (the vendor's guide, section 5).
func DefaultLevels() Levels { return Levels{Percent: []int{50, 20, 5}, Days: []int{7, 2}} }

// The faults that Validate returns.
var (
	errPercent = errors.New("percent: each level must be from 1 to 99")
	errDays    = errors.New("days: each level must be from 1 to 365")
)

// Validate returns all faults of the levels. Their order does not matter, and
// duplicates have no effect.
func (l Levels) Validate() error {
	return errors.Join(validate(l.Percent, 99, errPercent), validate(l.Days, 365, errDays))
}

func validate(levels []int, maximum int, fault error) error {
	if slices.ContainsFunc(levels, func(level int) bool { return level < 1 || level > maximum }) {
		return fault
	}
	return nil
}

// State records by provider which alerts were raised. It can be stored as JSON, so
// that a restart does not repeat an alert. Nil is the state without any alert. A
// provider that has no balance keeps its record, so that no alert is repeated when its
// balance is back.
type State map[string]Raised

// Raised records the alerts that were raised about one provider. A raised level implies
// all higher ones, so the lowest represents all.
type Raised struct {
	Bought  int64          `json:"bought,omitzero"` // Balance.Bought at that time
	Lots    int64          `json:"lots,omitzero"`   // Balance.Lots at that time
	Percent int            `json:"percent,omitzero"`
	Days    int            `json:"days,omitzero"`
	UsedUp  bool           `json:"used_up,omitzero"`
	Closed  idv.SkipReason `json:"closed,omitzero"`
}

// Check compares the balances, one for each provider, with the levels and the previous
// state. It returns the new alerts by provider name, and the state for the next call. It
// does not change its arguments.
//
// A level raises an alert once. It is rearmed when a package was added or expired and
// the balance is above the level. Units that return when a call was not charged do not
// rearm it, since a balance at the level would then raise an alert every minute. A level
// of days is also rearmed when the days left exceed twice the level, which means that a
// burst of use has passed. If a balance crosses several levels of one kind at once, one alert
// tells all of them. UsedUp tells all levels of both kinds.
func (l Levels) Check(previous State, now time.Time, balances []Balance) ([]Alert, State) {
	next := maps.Clone(previous)
	if next == nil {
		next = State{}
	}
	var alerts []Alert
	for _, b := range slices.SortedFunc(slices.Values(balances), byName) {
		raised, crossings := l.compare(next[b.Provider], b)
		next[b.Provider] = raised
		for _, n := range crossings {
			alerts = append(alerts, n.alert(b, now))
		}
	}
	return alerts, next
}

func byName(a, b Balance) int { return strings.Compare(a.Provider, b.Provider) }

// crossing is a new reason for an alert about one provider.
type crossing struct {
	kind  Kind
	level int
	also  []int // the higher levels that were crossed at the same time
}

func (n crossing) alert(b Balance, now time.Time) Alert {
	a := Alert{
		Provider: b.Provider, Kind: n.kind, Level: n.level, Also: n.also,
		Available: max(b.Available, 0), Bought: b.Bought, DaysLeft: b.daysLeft(), At: now.UTC(),
	}
	a.Text = text(a)
	return a
}

// compare returns the next record of a provider and the new reasons for alerts.
func (l Levels) compare(was Raised, b Balance) (Raised, []crossing) {
	is := Raised{Bought: b.Bought, Lots: b.Lots}
	var list []crossing
	is.Closed, list = closed(was.Closed, b)
	if !b.prepaid() {
		return is, list
	}
	changed := b.Bought != was.Bought || b.Lots != was.Lots
	used := b.Available <= 0
	percent := crossed(l.Percent, func(level int) bool { return b.Available*100 <= b.Bought*int64(level) })
	days := crossed(l.Days, func(level int) bool { return !b.lasts(level) })
	is.UsedUp = used || was.UsedUp && !changed
	is.Percent = lowestRaised(was.Percent, lowest(percent), changed)
	is.Days = lowestRaised(was.Days, lowest(days), changed || was.Days > 0 && b.lasts(2*was.Days))
	switch {
	case used && !was.UsedUp:
		list = append(list, crossing{kind: UsedUp})
	case !used: // which implies all levels
		list = append(append(list, newly(Percent, was.Percent, percent)...), newly(Days, was.Days, days)...)
	}
	return is, list
}

// newly returns the crossing of the levels below every raised one, if there are any.
func newly(kind Kind, raised int, crossed []int) []crossing {
	if !lower(raised, lowest(crossed)) {
		return nil
	}
	n := crossing{kind: kind, level: lowest(crossed)}
	for _, level := range crossed {
		if level != n.level && lower(raised, level) {
			n.also = append(n.also, level)
		}
	}
	return []crossing{n}
}

// closed returns the reason of a closed gate that needs an operator, with a crossing if
// it is new. A vendor's "used up" is no crossing if the ledger agrees, since UsedUp was
// raised then.
func closed(was idv.SkipReason, b Balance) (idv.SkipReason, []crossing) {
	switch {
	case b.Closed != idv.SkipCredentials && b.Closed != idv.SkipQuotaExhausted:
		return "", nil
	case b.Closed == was:
		return was, nil
	case b.Closed == idv.SkipCredentials:
		return b.Closed, []crossing{{kind: Credentials}}
	case b.prepaid() && b.Available <= 0:
		return b.Closed, nil
	}
	return b.Closed, []crossing{{kind: QuotaExhausted}}
}

// crossed returns the crossed levels from the highest, each once.
func crossed(levels []int, is func(int) bool) []int {
	list := slices.DeleteFunc(slices.Clone(levels), func(level int) bool { return !is(level) })
	slices.SortFunc(list, func(a, b int) int { return cmp.Compare(b, a) })
	return slices.Compact(list)
}

// lowest returns the lowest of the crossed levels, 0 if there is none.
func lowest(crossed []int) int {
	if len(crossed) == 0 {
		return 0
	}
	return crossed[len(crossed)-1]
}

// lower reports whether the crossed level is lower than every raised one.
func lower(raised, crossed int) bool { return crossed > 0 && (raised == 0 || crossed < raised) }

// lowestRaised returns the lowest level that counts as raised from now on.
func lowestRaised(raised, crossed int, rearmed bool) int {
	if rearmed || lower(raised, crossed) {
		return crossed
	}
	return raised
}
