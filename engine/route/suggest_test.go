package route

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// nights returns sightings on days before now, at times of the clock in China.
func nights(provider string, now time.Time, days []int, clock ...string) (list []Sighting) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	for _, d := range days {
		for _, c := range clock {
			at, _ := time.Parse("15:04", c)
			day := now.In(zone).AddDate(0, 0, -d)
			list = append(list, Sighting{provider, time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, zone), 10})
		}
	}
	return list
}

func every(step, first, last int) (days []int) {
	for d := first; d <= last; d += step {
		days = append(days, d)
	}
	return days
}

// TestSuggest shows which records lead to which proposal. Now is Monday, 2026-11-30 12:00 in
// China.
func TestSuggest(t *testing.T) {
	now := instant(t, "2026-11-30T12:00:00+08:00")
	sundays := every(7, 1, 60) // nine of them
	covering := Window{Provider: "p", Cron: "0 2 * * 0", Duration: 2 * time.Hour, Zone: "Asia/Shanghai"}
	for _, tt := range []struct {
		name     string
		seen     []Sighting
		declared []Window
		want     []string
	}{
		{"nothing", nil, nil, nil},
		{"each Sunday", nights("p", now, sundays, "02:00", "02:30", "03:50"), nil, []string{"p 0 2 * * 0 1h55m0s 9/9 270"}},
		{"most Sundays", nights("p", now, append([]int{1, 8, 22, 29}, every(7, 43, 60)...), "02:10"), nil, []string{"p 10 2 * * 0 5m0s 7/9 70"}},
		{"every night", nights("p", now, every(1, 1, 35), "02:00", "02:25"), nil, []string{"p 0 2 * * * 30m0s 5/6 700"}},
		{"working days", nights("p", now, weekdays(28), "23:30"), nil, []string{"p 30 23 * * 1,2,3,4,5 5m0s 4/4 200"}},
		{"over midnight", append(nights("p", now, every(7, 2, 30), "23:50"), nights("p", now, every(7, 1, 30), "00:15")...), nil, []string{"p 50 23 * * 6 30m0s 5/5 100"}},
		{"two vendors", append(nights("q", now, every(7, 1, 30), "04:00"), nights("p", now, every(7, 1, 30), "02:00")...), nil, []string{"p 0 2 * * 0 5m0s 5/5 50", "q 0 4 * * 0 5m0s 5/5 50"}},

		{"two weeks are too few", nights("p", now, []int{1, 8}, "02:00"), nil, nil},
		{"three weeks are enough", nights("p", now, []int{1, 8, 15}, "02:00"), nil, []string{"p 0 2 * * 0 5m0s 3/3 30"}},
		{"one long outage", nights("p", now, []int{1}, "02:00", "02:05", "03:00", "04:00", "05:00"), nil, nil},
		{"half of the weeks", nights("p", now, every(14, 1, 60), "02:00"), nil, nil},
		{"it ended three weeks ago", nights("p", now, every(7, 22, 70), "02:00"), nil, nil},
		{"it is older than the record", nights("p", now, every(7, 90, 180), "02:00"), nil, nil},
		{"declared already", nights("p", now, sundays, "02:00", "03:00"), []Window{covering}, nil},
		{"longer than declared", nights("p", now, sundays, "03:00", "04:05"), []Window{covering}, []string{"p 5 4 * * 0 5m0s 9/9 90"}},
		{"at all times", allTheTime(now), nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			declared, err := NewCalendar(tt.declared)
			if err != nil {
				t.Fatal(err)
			}
			found, err := Suggest(tt.seen, declared, "", now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range found {
				if w, err := s.Canonical(); err != nil || w != s.Window {
					t.Errorf("%+v is not a valid window: %v", s.Window, err)
				}
				got = append(got, fmt.Sprintf("%s %s %v %d/%d %d", s.Provider, s.Cron, s.Duration, s.Weeks, s.OfWeeks, s.Calls))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func weekdays(before int) (days []int) {
	for d := range before {
		if weekday := (8 - d%7) % 7; weekday >= 1 && weekday <= 5 && d > 0 { // d days before a Monday
			days = append(days, d)
		}
	}
	return append(days, 28)
}

func allTheTime(now time.Time) (list []Sighting) {
	for d := range 30 * 24 {
		list = append(list, Sighting{"p", now.Add(-time.Duration(d) * time.Hour), 1})
	}
	return list
}

func TestSuggestInAZone(t *testing.T) {
	now := instant(t, "2026-11-30T12:00:00+08:00")
	found, err := Suggest(nights("p", now, every(7, 1, 30), "02:00"), nil, "UTC", now)
	if err != nil || len(found) != 1 || found[0].Cron != "0 18 * * 6" || found[0].Zone != "UTC" {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := Suggest(nil, nil, "Mars/Base", now); err == nil {
		t.Error("an unknown zone is accepted")
	}
}
