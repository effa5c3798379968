package route

import (
	"testing"
	"time"
)

// FuzzWindow: whatever an operator declares is refused with a field, or answers questions.
func FuzzWindow(f *testing.F) {
	f.Add("0 2 * * 0", int64(120), "Asia/Shanghai", int64(1_795_000_000))
	f.Add("*/5 1-3,22 1,15 jan-mar MON", int64(4), "America/New_York", int64(1_772_953_200))
	f.Add("TZ=", int64(1), "", int64(0))
	f.Add("0 0 29 2 *", int64(1440), "Europe/London", int64(4_000_000_000))
	f.Fuzz(func(t *testing.T, cron string, minutes int64, zone string, at int64) {
		now := time.Unix(at%8_000_000_000, 0)
		w, err := Window{Provider: "p", Cron: cron, Duration: time.Duration(minutes%20_000) * time.Minute, Zone: zone}.Canonical()
		if err != nil {
			return
		}
		if again, err := w.Canonical(); err != nil || again != w {
			t.Fatalf("%+v is not canonical: %+v, %v", w, again, err)
		}
		c, err := NewCalendar([]Window{w})
		if err != nil {
			t.Fatal(err)
		}
		from, to := w.Next(now)
		until := c.Until("p", now)
		if active := !from.After(now) && to.After(now); active != !until.IsZero() {
			t.Fatalf("%+v at %v: until %v, next %v to %v", w, now, until, from, to)
		}
	})
}

// FuzzParseInstant: a time that was read is read as the same from its usual form.
func FuzzParseInstant(f *testing.F) {
	f.Add("2026-12-05 02:00", "Asia/Shanghai")
	f.Add("2026-12-05T02:00:00+08:00", "")
	f.Fuzz(func(t *testing.T, text, zone string) {
		at, err := ParseInstant(text, zone)
		if err != nil {
			return
		}
		if again, err := ParseInstant(at.UTC().Format(time.RFC3339Nano), "UTC"); at.UTC().Year() <= 9999 && at.UTC().Year() >= 0 && (err != nil || !again.Equal(at)) {
			t.Fatalf("%q in %q is %v, then %v, %v", text, zone, at, again, err)
		}
	})
}
