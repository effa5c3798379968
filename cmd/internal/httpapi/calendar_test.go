package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// withCalendar returns an API whose engine follows the calendar, with a configured window.
func withCalendar(t *testing.T, o engine.Options) http.Handler {
	t.Helper()
	o.Store = memory.New(0)
	e := enginetest.Engine(t, o)
	configured := []route.Window{{Provider: "a", Cron: "0 2 29 2 *", Duration: time.Hour, Zone: "UTC", Reason: "leap"}}
	d := httpapi.Dependencies{Auth: auth.None{}, Engine: e, Store: o.Store, Windows: configured}
	d.RefreshCalendar = func(ctx context.Context) error {
		stored, err := o.Store.Windows(ctx)
		if err != nil {
			return err
		}
		c, err := route.NewCalendar(slices.Concat(configured, stored))
		e.SetCalendar(c)
		return err
	}
	return httpapi.API(d)
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := withCalendar(t, enginetest.Options(enginetest.New("a")))
		id := ""
		for _, s := range []struct {
			name, method, path, body string
			status                   int
			want                     []string
		}{
			{"the configured one", "GET", "/v1/calendar", "", 200, []string{`{"windows":[{"provider":"a","cron":"0 2 29 2 *","duration":"1h","zone":"UTC","reason":"leap","source":"config","state":"upcoming","next_from":"2000-02-29T02:00:00Z","next_to":"2000-02-29T03:00:00Z"}]}`}},
			{"before", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`}},
			{"another provider", "POST", "/v1/calendar", `{"provider":"b","cron":"0 2 * * 0","duration":"2h"}`, 422, []string{`"location":"body.provider"`, "the configured providers are a"}},
			{"a bad cron", "POST", "/v1/calendar", `{"provider":"a","cron":"0 2 * *","duration":"2h"}`, 422, []string{`"location":"body.cron"`, "must be five fields"}},
			{"a bad duration", "POST", "/v1/calendar", `{"provider":"a","cron":"0 2 * * 0","duration":"2 hours"}`, 422, []string{`"location":"body.duration"`}},
			{"a bad zone", "POST", "/v1/calendar", `{"provider":"a","cron":"0 2 * * 0","duration":"2h","zone":"Beijing"}`, 422, []string{`"location":"body.zone"`}},
			{"no end", "POST", "/v1/calendar", `{"provider":"a","from":"2000-01-01T00:00:00Z"}`, 422, []string{`"location":"body.to"`}},
			{"add", "POST", "/v1/calendar", `{"provider":"a","from":"2000-01-01T00:00:00Z","to":"2000-01-01 09:00","reason":"move"}`, 201,
				[]string{`"source":"store","state":"active","next_from":"2000-01-01T00:00:00Z","next_to":"2000-01-01T01:00:00Z"`}},
			{"its provider", "GET", "/v1/providers", "", 200, []string{`"available":false,"reason":"scheduled_maintenance","until":"2000-01-01T01:00:00Z","source":"calendar"`}},
			{"nothing is left", "POST", "/v1/verifications", person, 200, []string{
				`"verdict":"undetermined"`, `"reason":"unavailable"`, `"skipped":[{"provider":"a","reason":"scheduled_maintenance","until":"2000-01-01T01:00:00Z"}]`,
				`"code":"retry_later"`, `"at":"2000-01-01T01:00:00Z"`,
			}},
			{"explained", "POST", "/v1/verifications:explain", person, 200, []string{`"reason":"scheduled_maintenance","until":"2000-01-01T01:00:00Z"`}},
			{"an unknown one", "POST", "/v1/calendar/x:remove", "", 404, []string{"no stored window has this id"}},
			{"remove", "POST", "/v1/calendar/{id}:remove", "", 200, []string{`"reason":"move"`}},
			{"after", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`}},
			{"nothing to propose", "GET", "/v1/calendar:suggest", "", 200, []string{`"suggestions":[]`, `"rule":"maintenance codes in the same hour`}},
			{"no zone", "GET", "/v1/calendar:suggest?zone=Beijing", "", 422, []string{`"location":"query.zone"`}},
		} {
			w := do(h, s.method, strings.ReplaceAll(s.path, "{id}", id), s.body)
			if w.Code != s.status {
				t.Errorf("%s: status %d, want %d: %s", s.name, w.Code, s.status, w.Body)
			}
			for _, want := range s.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s: no %s in %s", s.name, want, w.Body)
				}
			}
			if s.name == "add" {
				var made api.Window
				if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
					t.Fatal(err)
				}
				id = made.ID
			}
		}
	})
}

// TestSuggestedWindow: a vendor that is in maintenance each Tuesday night leads to a proposal,
// which the configuration can take.
func TestSuggestedWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a", enginetest.Fail(idv.Maintenance, idv.Answered))
		h := withCalendar(t, enginetest.Options(a))
		time.Sleep(66 * time.Hour) // to Tuesday, 02:00 in China
		for range 4 {
			for range 12 {
				do(h, "POST", "/v1/verifications", person)
				time.Sleep(10 * time.Minute)
			}
			time.Sleep(166 * time.Hour)
		}
		w := do(h, "GET", "/v1/calendar:suggest", "")
		for _, want := range []string{
			`"provider":"a","cron":"0 2 * * 2","duration":"1h55m","zone":"Asia/Shanghai","weeks":4,"of_weeks":4,"calls":48`,
			`"yaml":"{provider: a, cron: \"0 2 * * 2\", duration: 1h55m, zone: Asia/Shanghai, reason: \"maintenance codes in 4 of 4 weeks\"}"`,
		} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("no %s in %s", want, w.Body)
			}
		}
		if got := do(h, "GET", "/v1/calendar", "").Body.String(); strings.Count(got, `"provider"`) != 1 {
			t.Errorf("a proposal took effect: %s", got)
		}
	})
}
