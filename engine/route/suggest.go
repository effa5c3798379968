package route

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sighting is a number of calls in a short time that met a maintenance code.
type Sighting struct {
	Provider string
	At       time.Time // the beginning of SightingTime
	Calls    int64
}

const (
	// SightingTime is how long a time a Sighting covers.
	SightingTime = 5 * time.Minute
	// SightingWeeks is how far back sightings are looked at.
	SightingWeeks = 12
	// SightingRule is the confidence rule of Suggest in words.
	SightingRule = "maintenance codes in the same hour of the week in at least 3 weeks, in at least 3 of 4 weeks since the first of them, the last one within 14 days"

	leastWeeks  = 3
	staleAfter  = 14 * 24 * time.Hour
	hoursOfWeek = 7 * 24
	week        = 7 * 24 * time.Hour
)

// Suggestion is a window that the record of maintenance codes proposes.
type Suggestion struct {
	Window
	Weeks   int // in which codes were seen, the fewest of the hours of the window
	OfWeeks int // since the first of them
	Calls   int64
	First   time.Time // of the sightings
	Last    time.Time
}

// cluster has the sightings of one hour of the week.
type cluster struct {
	weeks       map[int64]bool // by their number
	first, last time.Time
	calls       int64
	from, to    int // minutes of the hour, to the end of the last sighting
}

// Suggest proposes windows where maintenance codes come back at the same hour of the week, see
// SightingRule. The windows are in the time zone and span the sightings, in steps of
// SightingTime. Times that the calendar covers are not proposed.
func Suggest(list []Sighting, declared *Calendar, zone string, now time.Time) ([]Suggestion, error) {
	location, err := loadZone(zone)
	if err != nil {
		return nil, &WindowError{"zone", err.Error()}
	}
	of := map[string]*[hoursOfWeek]cluster{}
	for _, s := range list {
		if s.At.Before(SightingsSince(now)) || !declared.Until(s.Provider, s.At).IsZero() {
			continue
		}
		if of[s.Provider] == nil {
			of[s.Provider] = new([hoursOfWeek]cluster)
		}
		local := s.At.In(location)
		of[s.Provider][hourOfWeek(local)].add(s, local)
	}
	var out []Suggestion
	for _, provider := range slices.Sorted(maps.Keys(of)) {
		out = append(out, runs(of[provider], now.In(location))...)
		for i := range out {
			if out[i].Provider == "" {
				out[i].Provider, out[i].Zone = provider, cmp.Or(zone, DefaultZone)
			}
		}
	}
	return out, nil
}

func (c *cluster) add(s Sighting, local time.Time) {
	minute := local.Minute()
	end := minute + int(SightingTime/time.Minute)
	if c.weeks == nil {
		*c = cluster{weeks: map[int64]bool{}, first: s.At, last: s.At, from: minute, to: end}
	}
	c.weeks[weekOf(local)] = true
	if s.At.Before(c.first) {
		c.first = s.At
	}
	if s.At.After(c.last) {
		c.last = s.At
	}
	c.calls += s.Calls
	c.from, c.to = min(c.from, minute), max(c.to, end)
}

// weekOf numbers the weeks from Sunday to Saturday.
func weekOf(local time.Time) int64 {
	const firstSunday = 3 // days after 1970-01-01
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / int64(24*time.Hour/time.Second)
	return (day - firstSunday) / 7
}

// of returns the weeks from the first sighting to the last time that the hour was over.
func (c *cluster) of(now time.Time) int {
	local := c.first.In(now.Location())
	over := now.Add(-time.Hour)
	weeks := weekOf(over) - weekOf(local) + 1
	if hourOfWeek(over) < hourOfWeek(local) {
		weeks--
	}
	return max(int(weeks), len(c.weeks))
}

func hourOfWeek(local time.Time) int { return int(local.Weekday())*24 + local.Hour() }

func (c *cluster) confident(now time.Time) bool {
	return len(c.weeks) >= leastWeeks && 4*len(c.weeks) >= 3*c.of(now) && now.Sub(c.last) <= staleAfter
}

// runs joins hours that follow each other to windows, and windows of several days to one.
func runs(hours *[hoursOfWeek]cluster, now time.Time) []Suggestion {
	var confident [hoursOfWeek]bool
	all := true
	for h := range hours {
		confident[h] = hours[h].confident(now)
		all = all && confident[h]
	}
	if all {
		return nil // it is never there; that is no maintenance
	}
	days := map[string]*Suggestion{} // by minute, hour and duration
	weekdays := map[string][]string{}
	for h := range hours {
		if !confident[h] || confident[(h+hoursOfWeek-1)%hoursOfWeek] {
			continue
		}
		s := join(hours, &confident, h, now)
		start := fmt.Sprintf("%d %d", hours[h].from, h%24)
		key := start + " " + s.Duration.String()
		weekdays[key] = append(weekdays[key], strconv.Itoa(h/24))
		if known := days[key]; known != nil {
			known.merge(&s)
		} else {
			days[key] = &s
		}
		on := strings.Join(weekdays[key], ",")
		if len(weekdays[key]) == 7 {
			on = "*"
		}
		days[key].Cron = start + " * * " + on
	}
	var out []Suggestion
	for _, key := range slices.Sorted(maps.Keys(days)) {
		days[key].Reason = fmt.Sprintf("maintenance codes in %d of %d weeks", days[key].Weeks, days[key].OfWeeks)
		out = append(out, *days[key])
	}
	return out
}

// join returns the window of the hours that begin at h.
func join(hours *[hoursOfWeek]cluster, confident *[hoursOfWeek]bool, h int, now time.Time) Suggestion {
	var s Suggestion
	n := 0
	for ; confident[(h+n)%hoursOfWeek]; n++ {
		c := &hours[(h+n)%hoursOfWeek]
		one := Suggestion{Weeks: len(c.weeks), OfWeeks: c.of(now), Calls: c.calls, First: c.first, Last: c.last}
		if n == 0 {
			s = one
		} else {
			s.merge(&one)
		}
	}
	last := &hours[(h+n-1)%hoursOfWeek]
	s.Duration = time.Duration((n-1)*60+last.to-hours[h].from) * time.Minute
	return s
}

// merge adds the evidence of another hour. The weaker one counts.
func (s *Suggestion) merge(o *Suggestion) {
	if o.Weeks*s.OfWeeks < s.Weeks*o.OfWeeks {
		s.Weeks, s.OfWeeks = o.Weeks, o.OfWeeks
	}
	if o.First.Before(s.First) {
		s.First = o.First
	}
	if o.Last.After(s.Last) {
		s.Last = o.Last
	}
	s.Calls += o.Calls
}

// SightingsSince returns the time from which Suggest needs sightings.
func SightingsSince(now time.Time) time.Time { return now.Add(-SightingWeeks * week) }
