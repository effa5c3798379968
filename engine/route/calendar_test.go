package route

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestWindows shows when a provider is in a window, and until when. In New York clocks are put
// forward on 2026-03-08 at 02:00 and back on 2026-11-01 at 02:00.
func TestWindows(t *testing.T) {
	sunday := Window{Provider: "p", Cron: "0 2 * * 0", Duration: 2 * time.Hour, Zone: "Asia/Shanghai"}
	nightly := Window{Provider: "p", Cron: "30 2 * * *", Duration: time.Hour, Zone: "America/New_York"}
	folded := Window{Provider: "p", Cron: "30 1 * * *", Duration: time.Hour, Zone: "America/New_York"}
	once := Window{Provider: "p", From: instant(t, "2026-12-05T01:00:30+08:00"), To: instant(t, "2026-12-05T05:00:00+08:00")}
	for _, tt := range []struct {
		name    string
		windows []Window
		at      string
		want    string // "" if outside
	}{
		{"before", []Window{sunday}, "2026-11-29T01:59:59+08:00", ""},
		{"at the beginning", []Window{sunday}, "2026-11-29T02:00:00+08:00", "2026-11-29T04:00:00+08:00"},
		{"in the zone of the window", []Window{sunday}, "2026-11-28T18:30:00Z", "2026-11-29T04:00:00+08:00"},
		{"before the end", []Window{sunday}, "2026-11-29T03:59:59.999+08:00", "2026-11-29T04:00:00+08:00"},
		{"at the end", []Window{sunday}, "2026-11-29T04:00:00+08:00", ""},
		{"another day", []Window{sunday}, "2026-11-30T02:30:00+08:00", ""},
		{"another provider", []Window{{Provider: "q", Cron: "0 2 * * 0", Duration: time.Hour, Zone: "UTC"}}, "2026-11-29T02:30:00Z", ""},
		{"no windows", nil, "2026-11-29T02:30:00Z", ""},

		{"before a single one", []Window{once}, "2026-12-05T01:00:29+08:00", ""},
		{"in a single one", []Window{once}, "2026-12-05T01:00:30+08:00", "2026-12-05T05:00:00+08:00"},
		{"after a single one", []Window{once}, "2026-12-05T05:00:00+08:00", ""},

		{"over midnight", []Window{{Provider: "p", Cron: "30 23 * * 6", Duration: 90 * time.Minute, Zone: "Asia/Shanghai"}}, "2026-11-29T00:59:00+08:00", "2026-11-29T01:00:00+08:00"},
		{"of several days", []Window{{Provider: "p", Cron: "0 0 1 * *", Duration: 72 * time.Hour, Zone: "Asia/Shanghai"}}, "2026-12-03T20:00:00+08:00", "2026-12-04T00:00:00+08:00"},
		{"the last day of February", []Window{{Provider: "p", Cron: "0 0 29 2 *", Duration: time.Hour, Zone: "UTC"}}, "2028-02-29T00:10:00Z", "2028-02-29T01:00:00Z"},

		{"the union of two that overlap", []Window{sunday, {Provider: "p", Cron: "0 3 * * 0", Duration: 3 * time.Hour, Zone: "Asia/Shanghai"}}, "2026-11-29T02:30:00+08:00", "2026-11-29T06:00:00+08:00"},
		{"two without a pause", []Window{sunday, {Provider: "p", Cron: "0 4 * * 0", Duration: time.Hour, Zone: "Asia/Shanghai"}}, "2026-11-29T02:30:00+08:00", "2026-11-29T05:00:00+08:00"},
		{"two with a pause", []Window{sunday, {Provider: "p", Cron: "1 4 * * 0", Duration: time.Hour, Zone: "Asia/Shanghai"}}, "2026-11-29T02:30:00+08:00", "2026-11-29T04:00:00+08:00"},

		{"a beginning that the clock leaves out: before", []Window{nightly}, "2026-03-08T06:59:59Z", ""},
		{"a beginning that the clock leaves out: begins when the clock is put forward", []Window{nightly}, "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"},
		{"a beginning that the clock leaves out: end", []Window{nightly}, "2026-03-08T08:00:00Z", ""},
		{"the day after", []Window{nightly}, "2026-03-09T06:30:00Z", "2026-03-09T07:30:00Z"},
		{"a beginning that the clock shows twice: first", []Window{folded}, "2026-11-01T05:30:00Z", "2026-11-01T07:30:00Z"},
		{"a beginning that the clock shows twice: second", []Window{folded}, "2026-11-01T06:45:00Z", "2026-11-01T07:30:00Z"},
		{"a beginning that the clock shows twice: end", []Window{folded}, "2026-11-01T07:30:00Z", ""},
		{"midnight that the clock leaves out", []Window{{Provider: "p", Cron: "0 0 * * *", Duration: time.Hour, Zone: "Africa/Cairo"}}, "2026-04-24T00:10:00+02:00", "2026-04-24T01:00:00+02:00"},
		{"a zone with half an hour", []Window{{Provider: "p", Cron: "0 2 * * *", Duration: time.Hour, Zone: "Asia/Kolkata"}}, "2026-11-29T20:30:00Z", "2026-11-29T21:30:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewCalendar(tt.windows)
			if err != nil {
				t.Fatal(err)
			}
			got, want := c.Until("p", instant(t, tt.at)), time.Time{}
			if tt.want != "" {
				want = instant(t, tt.want)
			}
			if !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			until, holds := c.Holds("p", instant(t, tt.at))
			if !until.Equal(want) || !holds.After(instant(t, tt.at)) {
				t.Errorf("Holds: %v, %v", until, holds)
			}
		})
	}
}

// TestWindowNext shows the occurrence that runs or comes next.
func TestWindowNext(t *testing.T) {
	for _, tt := range []struct {
		name, at, from, to string
		window             Window
	}{
		{"to come", "2026-11-28T12:00:00Z", "2026-11-28T18:00:00Z", "2026-11-28T20:00:00Z", Window{Provider: "p", Cron: "0 2 * * 0", Duration: 2 * time.Hour}},
		{"running", "2026-11-28T18:30:00Z", "2026-11-28T18:00:00Z", "2026-11-28T20:00:00Z", Window{Provider: "p", Cron: "0 2 * * 0", Duration: 2 * time.Hour}},
		{
			"single", "2026-11-28T18:30:00Z", "2026-12-05T01:00:00Z", "2026-12-05T02:00:00Z",
			Window{Provider: "p", From: instant(t, "2026-12-05T01:00:00Z"), To: instant(t, "2026-12-05T02:00:00Z")},
		},
		{"over", "2026-12-06T18:30:00Z", "", "", Window{Provider: "p", From: instant(t, "2026-12-05T01:00:00Z"), To: instant(t, "2026-12-05T02:00:00Z")}},
		{
			"the second showing of a reading that comes later", "2026-11-01T05:50:00Z", "2026-11-01T06:30:00Z", "2026-11-01T06:31:00Z",
			Window{Provider: "p", Cron: "30 1,3 * * *", Duration: time.Minute, Zone: "America/New_York"},
		},
		{
			"a reading that the clock leaves out", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:01:00Z",
			Window{Provider: "p", Cron: "30 2 * * *", Duration: time.Minute, Zone: "America/New_York"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := tt.window.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			from, to := w.Next(instant(t, tt.at))
			if tt.from == "" {
				if !from.IsZero() || !to.IsZero() {
					t.Errorf("got %v to %v, want none", from, to)
				}
				return
			}
			if !from.Equal(instant(t, tt.from)) || !to.Equal(instant(t, tt.to)) {
				t.Errorf("got %v to %v", from, to)
			}
		})
	}
}

// TestWindowFaults shows that a fault names the field and the remedy.
func TestWindowFaults(t *testing.T) {
	good := Window{Provider: "p", Cron: "0 2 * * 0", Duration: time.Hour, Zone: "UTC"}
	once := Window{Provider: "p", From: instant(t, "2026-12-05T01:00:00Z"), To: instant(t, "2026-12-05T02:00:00Z")}
	for _, tt := range []struct {
		name, field, text string
		window            Window
		change            func(*Window)
	}{
		{"no provider", "provider", "name a configured provider", good, func(w *Window) { w.Provider = "" }},
		{"four fields", "cron", "must be five fields", good, func(w *Window) { w.Cron = "0 2 * *" }},
		{"seconds", "cron", "must be five fields", good, func(w *Window) { w.Cron = "0 0 2 * * 0" }},
		{"a name for it", "cron", "must be five fields", good, func(w *Window) { w.Cron = "@daily" }},
		{"a zone in cron", "cron", "must be five fields", good, func(w *Window) { w.Cron = "TZ=UTC 0 2 * * 0" }},
		{"a zone without an end", "cron", "must be five fields", good, func(w *Window) { w.Cron = "TZ=UTC" }},
		{"an hour that is none", "cron", "must be five fields", good, func(w *Window) { w.Cron = "0 24 * * *" }},
		{"never", "cron", "never occurs", good, func(w *Window) { w.Cron = "0 0 30 2 *" }},
		{"no duration", "duration", "from 1m to 168h", good, func(w *Window) { w.Duration = 0 }},
		{"too long", "duration", "from 1m to 168h", good, func(w *Window) { w.Duration = 200 * time.Hour }},
		{"negative", "duration", "from 1m to 168h", good, func(w *Window) { w.Duration = -time.Hour }},
		{"overlaps itself", "duration", "is 1h0m0s", good, func(w *Window) { w.Cron = "0 * * * *" }},
		{"overlaps itself once a year", "duration", "is 24h0m0s", good, func(w *Window) { w.Cron, w.Duration = "0 0 1,31 * *", 30*time.Hour }},
		{"no zone", "zone", "IANA", good, func(w *Window) { w.Zone = "Mars/Base" }},
		{"the zone of the machine", "zone", "IANA", good, func(w *Window) { w.Zone = "Local" }},
		{"both kinds", "cron", "cannot be combined", good, func(w *Window) { w.From = once.From }},
		{"neither", "from", "is missing", good, func(w *Window) { w.Cron, w.Duration = "", 0 }},
		{"a duration without cron", "duration", "belongs to cron", once, func(w *Window) { w.Duration = time.Hour }},
		{"no end", "to", "after from", once, func(w *Window) { w.To = time.Time{} }},
		{"backwards", "to", "after from", once, func(w *Window) { w.To = w.From }},
		{"a season", "to", "drain a provider", once, func(w *Window) { w.To = w.From.AddDate(0, 2, 0) }},
		{"a reason that is no text", "reason", "", once, func(w *Window) { w.Reason = "a\x00" }},
		{"a long reason", "reason", "", once, func(w *Window) { w.Reason = strings.Repeat("长", 201) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.window
			if _, err := w.Canonical(); err != nil {
				t.Fatalf("the window before the change: %v", err)
			}
			tt.change(&w)
			_, err := w.Canonical()
			var fault *WindowError
			if !errors.As(err, &fault) || fault.Field != tt.field || !strings.Contains(fault.Message, tt.text) {
				t.Errorf("got %v, want a fault of %s with %q", err, tt.field, tt.text)
			}
		})
	}
}

func TestCalendarKeepsTheValidWindows(t *testing.T) {
	c, err := NewCalendar([]Window{{Provider: "p", Cron: "x"}, {Provider: "p", Cron: "0 2 * * *", Duration: time.Hour, Zone: "UTC"}})
	if err == nil {
		t.Error("the fault is not reported")
	}
	if c.Until("p", instant(t, "2026-11-29T02:30:00Z")).IsZero() {
		t.Error("the valid window is lost")
	}
}

func TestParseInstant(t *testing.T) {
	for _, tt := range []struct{ text, zone, want string }{
		{"2026-12-05 02:00", "", "2026-12-04T18:00:00Z"},
		{"2026-12-05 02:00", "UTC", "2026-12-05T02:00:00Z"},
		{"2026-12-05T02:00:00+09:00", "UTC", "2026-12-04T17:00:00Z"},
		{"2026-12-05", "", ""},
		{"tomorrow", "", ""},
		{"2026-12-05 02:00", "Mars/Base", ""},
	} {
		got, err := ParseInstant(tt.text, tt.zone)
		if (err != nil) != (tt.want == "") || err == nil && !got.Equal(instant(t, tt.want)) {
			t.Errorf("%q in %q: got %v, %v, want %s", tt.text, tt.zone, got, err, tt.want)
		}
	}
}

// TestCalendarAgreesWithACount compares the calendar with a count of minutes: a window begins
// in each minute that the wall clock shows as its beginning, or leaves out.
func TestCalendarAgreesWithACount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"}).Draw(t, "zone")
		around := rapid.SampledFrom([]string{"2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2026-04-24", "2026-10-30", "2026-12-31"}).Draw(t, "day")
		day, err := time.Parse("2006-01-02", around)
		if err != nil {
			t.Fatal(err)
		}
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip("no such zone on this machine")
		}
		var windows []Window
		for i := range rapid.IntRange(1, 3).Draw(t, "windows") {
			minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
			windows = append(windows, Window{
				Provider: "p", Cron: fmt.Sprintf("%d %d * * *", minute, hour), Zone: zone,
				Duration: time.Duration(rapid.IntRange(1, 600).Draw(t, fmt.Sprint("duration", i))) * time.Minute,
			})
		}
		c, err := NewCalendar(windows)
		if err != nil {
			t.Fatal(err)
		}
		begin, end := day.Add(-24*time.Hour), day.Add(48*time.Hour)
		inside := map[int64]bool{} // by Unix minutes
		for at := begin.Add(-12 * time.Hour); at.Before(end); at = at.Add(time.Minute) {
			for _, w := range windows {
				if begins(w, at, location) {
					for m := at; m.Before(at.Add(w.Duration)); m = m.Add(time.Minute) {
						inside[m.Unix()] = true
					}
				}
			}
		}
		for at := begin; at.Before(end); at = at.Add(7 * time.Minute) {
			until := c.Until("p", at)
			if until.IsZero() == inside[at.Unix()] {
				t.Fatalf("at %v: until %v, the count says %v", at.In(location), until, inside[at.Unix()])
			}
			if last := until.Add(-time.Minute); !until.IsZero() && until.Before(end) && (inside[until.Unix()] || !inside[last.Unix()]) {
				t.Fatalf("at %v: until %v, which the count does not say", at.In(location), until.In(location))
			}
		}
	})
}

// begins reports whether the wall clock shows the beginning of a daily window in a minute, or
// jumps over it to this minute.
func begins(w Window, at time.Time, zone *time.Location) bool {
	var minute, hour int
	_, _ = fmt.Sscanf(w.Cron, "%d %d", &minute, &hour)
	now, before := at.In(zone), at.Add(-time.Minute).In(zone)
	for reading := before.Hour()*60 + before.Minute() + 1; ; reading++ {
		if jumped := now.Hour()*60 + now.Minute() - before.Hour()*60 - before.Minute(); jumped < 0 && jumped > -1000 {
			return now.Hour() == hour && now.Minute() == minute // put back
		}
		if reading%(24*60) == hour*60+minute {
			return true
		}
		if reading%(24*60) == now.Hour()*60+now.Minute() {
			return false
		}
	}
}
