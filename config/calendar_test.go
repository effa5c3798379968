package config

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/route"
)

func TestValidateCalendar(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		window Window
		want   []want
	}{
		{"recurring", Window{Provider: "main", Cron: "0 2 * * 0", Duration: 2 * time.Hour, Zone: "Asia/Shanghai", Reason: "weekly"}, nil},
		{"single", Window{Provider: "main", From: "2026-12-05 02:00", To: "2026-12-05T06:00:00+08:00"}, nil},
		{"another provider", Window{Provider: "mian", Cron: "0 2 * * 0", Duration: time.Hour}, []want{{"calendar[0].provider", "not the name of a configured provider"}}},
		{"no provider", Window{Cron: "0 2 * * 0", Duration: time.Hour}, []want{{"calendar[0].provider", "is missing"}}},
		{"cron", Window{Provider: "main", Cron: "0 2 * *", Duration: time.Hour}, []want{{"calendar[0].cron", "must be five fields"}}},
		{"no duration", Window{Provider: "main", Cron: "0 2 * * 0"}, []want{{"calendar[0].duration", "from 1m to 168h"}}},
		{"zone", Window{Provider: "main", Cron: "0 2 * * 0", Duration: time.Hour, Zone: "Beijing"}, []want{{"calendar[0].zone", "IANA time zone"}}},
		{"from", Window{Provider: "main", From: "tomorrow", To: "2026-12-05 02:00"}, []want{{"calendar[0].from", "must be a time such as"}}},
		{"to", Window{Provider: "main", From: "2026-12-05 02:00", To: "noon"}, []want{{"calendar[0].to", "must be a time such as"}}},
		{"backwards", Window{Provider: "main", From: "2026-12-05 02:00", To: "2026-12-05 01:00"}, []want{{"calendar[0].to", "after from"}}},
		{"both kinds", Window{Provider: "main", Cron: "0 2 * * 0", Duration: time.Hour, From: "2026-12-05 02:00"}, []want{{"calendar[0].cron", "cannot be combined"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			c.Calendar = []Window{test.window}
			expect(t, Validate(c, known), test.want)
			if got := len(Windows(c)); test.want == nil && got != 1 {
				t.Errorf("%d windows", got)
			}
		})
	}
}

// TestCalendarOfAFile shows the forms that times have in a file, with and without quotes.
func TestCalendarOfAFile(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `
calendar:
  - {provider: main, cron: "0 2 * * 0", duration: 2h, reason: 每周维护}
  - {provider: main, from: 2026-12-05T02:00:00+08:00, to: "2026-12-05 03:00", zone: Asia/Tokyo}
`).Config
	got := Windows(c)
	from := time.Date(2026, 12, 4, 18, 0, 0, 0, time.UTC)
	if len(got) != 1 || got[0] != (route.Window{Provider: "main", Cron: "0 2 * * 0", Duration: 2 * time.Hour, Zone: "Asia/Shanghai", Reason: "每周维护"}) {
		t.Errorf("windows: %+v", got) // the second one ends when it begins, 02:00 in China
	}
	c.Calendar[1].To = "2026-12-05 04:00"
	if got = Windows(c); len(got) != 2 || !got[1].From.Equal(from) || !got[1].To.Equal(from.Add(time.Hour)) {
		t.Errorf("windows: %+v", got)
	}
}
