package alert

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Levels are the marks that are warned of when a balance comes down to them. That
// a package is used up is always told; the zero Levels tell nothing else of it.
type Levels struct {
	Percent []int // of what was bought, 1 to 99
	Days    []int // left at the rate of the last week, 1 to 365
}

// DefaultLevels returns 50, 20 and 5 percent, and 7 and 2 days. Twenty percent is
// where the first vendor warns (the vendor's guide, section five).
func DefaultLevels() Levels { return Levels{Percent: []int{50, 20, 5}, Days: []int{7, 2}} }

// The faults of levels.
var (
	errPercent = errors.New("percent: want levels from 1 to 99")
	errDays    = errors.New("days: want levels from 1 to 365")
)

// Validate returns every fault of the levels. Their order does not matter, and a
// level that stands twice counts once.
func (l Levels) Validate() error {
	return errors.Join(within(l.Percent, 99, errPercent), within(l.Days, 365, errDays))
}

func within(levels []int, most int, fault error) error {
	if slices.ContainsFunc(levels, func(level int) bool { return level < 1 || level > most }) {
		return fault
	}
	return nil
}

// State is what was told, by provider. It is a plain value that can be stored as
// JSON, so that a restart does not repeat a warning. Nil is a state in which
// nothing was told. A provider that is not among the balances keeps its line, so
// that one that is away for a while is not told of anew.
type State map[string]Told

// Told is what was told of one provider. Told levels are always an upper part of
// the list, so the lowest stands for all.
type Told struct {
	Bought  int64          `json:"bought,omitzero"` // as it was then
	Lots    int64          `json:"lots,omitzero"`   // as they were then
	Percent int            `json:"percent,omitzero"`
	Days    int            `json:"days,omitzero"`
	UsedUp  bool           `json:"used_up,omitzero"`
	Closed  idv.SkipReason `json:"closed,omitzero"`
}

// Check compares the balances with the levels and with what was told before, and
// returns what is to be told and the state to give to the next call. It changes
// neither of its arguments, and the alerts stand in the order of the providers'
// names. Balances holds one line for each provider.
//
// A level is told once. It is told again after a package was booked or expired and
// the balance stood above the level; units that come back when a call was not
// charged are no such reason, or a balance at the mark would be told every minute.
// A level of days is also told again once the days left were more than twice the
// level: a burst had passed. When several levels are crossed at once only one is
// told: that nothing is left, else the lowest of days, else the lowest of percent.
func (l Levels) Check(previous State, now time.Time, balances []Balance) ([]Alert, State) {
	next := maps.Clone(previous)
	if next == nil {
		next = State{}
	}
	var alerts []Alert
	for _, b := range slices.SortedFunc(slices.Values(balances), byName) {
		told, news := l.look(next[b.Provider], b)
		next[b.Provider] = told
		for _, n := range news {
			alerts = append(alerts, n.alert(b, now))
		}
	}
	return alerts, next
}

func byName(a, b Balance) int { return strings.Compare(a.Provider, b.Provider) }

// news is what is to be told of one provider.
type news struct {
	kind  Kind
	level int
}

func (n news) alert(b Balance, now time.Time) Alert {
	a := Alert{
		Provider: b.Provider, Kind: n.kind, Level: n.level,
		Available: max(b.Available, 0), Bought: b.Bought, DaysLeft: b.daysLeft(), At: now.UTC(),
	}
	a.Text = text(a)
	return a
}

// look returns what is told of a provider now, and what of it is new.
func (l Levels) look(was Told, b Balance) (Told, []news) {
	is := Told{Bought: b.Bought, Lots: b.Lots}
	var list []news
	is.Closed, list = closed(was.Closed, b)
	if !b.prepaid() {
		return is, list
	}
	fresh := b.Bought != was.Bought || b.Lots != was.Lots // other packages than then
	used := b.Available <= 0
	percent := lowest(l.Percent, func(level int) bool { return b.Available*100 <= b.Bought*int64(level) })
	days := lowest(l.Days, func(level int) bool { return !b.lasts(level) })
	is.UsedUp = used || was.UsedUp && !fresh
	is.Percent = stand(was.Percent, percent, fresh)
	is.Days = stand(was.Days, days, fresh || was.Days > 0 && b.lasts(2*was.Days))
	switch {
	case used && !was.UsedUp:
		list = append(list, news{kind: UsedUp})
	case used: // all levels are below
	case lower(was.Days, days):
		list = append(list, news{Days, days})
	case lower(was.Percent, percent):
		list = append(list, news{Percent, percent})
	}
	return is, list
}

// closed returns the reason of a gate that is told of, and whether it is new. That
// the vendor says so too is no news of a package that the book knows to be used up.
func closed(was idv.SkipReason, b Balance) (idv.SkipReason, []news) {
	switch {
	case b.Closed != idv.SkipCredentials && b.Closed != idv.SkipQuotaExhausted:
		return "", nil
	case b.Closed == was:
		return was, nil
	case b.Closed == idv.SkipCredentials:
		return b.Closed, []news{{kind: Credentials}}
	case b.prepaid() && b.Available <= 0:
		return b.Closed, nil
	}
	return b.Closed, []news{{kind: QuotaExhausted}}
}

// lowest returns the lowest level that was crossed, 0 if none was.
func lowest(levels []int, crossed func(int) bool) int {
	low := 0
	for _, level := range levels {
		if crossed(level) && (low == 0 || level < low) {
			low = level
		}
	}
	return low
}

// lower reports whether a level was crossed that lies below those that were told.
func lower(told, crossed int) bool { return crossed > 0 && (told == 0 || crossed < told) }

// stand returns the lowest level that counts as told from now on.
func stand(told, crossed int, rearmed bool) int {
	if rearmed || lower(told, crossed) {
		return crossed
	}
	return told
}
