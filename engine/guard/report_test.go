package guard_test

import (
	"context"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

func fails(f idv.Failure) func(context.Context) (idv.Answer, error) {
	return func(context.Context) (idv.Answer, error) {
		return idv.Answer{}, &idv.Error{Failure: f, Delivery: idv.Answered, Account: f == idv.QuotaExhausted}
	}
}

// TestNews: which outcomes are news for other nodes, each once.
func TestNews(t *testing.T) {
	t.Parallel()
	maintenance := guard.Report{Name: "v", Reason: idv.SkipMaintenance}
	tests := []struct {
		name string
		do   func(t *testing.T, g *guard.Guard, v *vendor)
		want []guard.Report
	}{
		{"an answer", func(t *testing.T, g *guard.Guard, _ *vendor) { ask(t, g) }, nil},
		{"maintenance", func(t *testing.T, g *guard.Guard, v *vendor) { v.now(fails(idv.Maintenance)); ask(t, g) }, []guard.Report{maintenance}},
		{"refused credentials", func(t *testing.T, g *guard.Guard, v *vendor) { v.now(fails(idv.BadCredentials)); ask(t, g) }, []guard.Report{{Name: "v", Reason: idv.SkipCredentials}}},
		{"a used-up package of an account", func(t *testing.T, g *guard.Guard, v *vendor) { v.now(fails(idv.QuotaExhausted)); ask(t, g) }, []guard.Report{{Account: true, Name: "a", Reason: idv.SkipQuotaExhausted}}},
		{"throttling", func(t *testing.T, g *guard.Guard, v *vendor) { v.now(fails(idv.Throttled)); ask(t, g) }, nil},
		{"the breaker", func(t *testing.T, g *guard.Guard, v *vendor) {
			v.now(fails(idv.Unavailable))
			for range 6 {
				ask(t, g)
			}
		}, nil},
		{"a successful trial", func(t *testing.T, g *guard.Guard, v *vendor) {
			v.now(fails(idv.Maintenance))
			ask(t, g)
			v.now(match)
			time.Sleep(6 * time.Second)
			ask(t, g)
		}, []guard.Report{{Name: "v"}}},
		{"a closing whose time is over", func(t *testing.T, g *guard.Guard, v *vendor) {
			v.now(fails(idv.Maintenance))
			ask(t, g)
			time.Sleep(6 * time.Second)
		}, nil},
		{"new credentials", func(t *testing.T, g *guard.Guard, v *vendor) {
			v.now(fails(idv.BadCredentials))
			ask(t, g)
			g.AcceptCredentials()
		}, []guard.Report{{Name: "v"}}},
		{"an operator opens what a vendor closed", func(t *testing.T, g *guard.Guard, v *vendor) {
			v.now(fails(idv.Maintenance))
			ask(t, g)
			g.Resume()
		}, []guard.Report{{Name: "v"}}},
		{"an operator's orders", func(_ *testing.T, g *guard.Guard, _ *vendor) {
			g.Drain(time.Time{})
			g.Close(time.Now().Add(time.Hour))
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, v, told := guard.NewPool(), &vendor{reply: match}, 0
				pool.Listen(func() { told++ })
				tt.do(t, pool.Guard("v", v, guard.Limits{}, guard.Account{Name: "a"}, guard.Hooks{}), v)
				got := plain(pool.News())
				if !reflect.DeepEqual(got, tt.want) || told == 0 && tt.want != nil {
					t.Errorf("got %+v, told %d times; want %+v", got, told, tt.want)
				}
				if again := pool.News(); again != nil {
					t.Errorf("told again: %+v", again)
				}
			})
		})
	}
}

// plain drops the times of reports.
func plain(list []guard.Report) (out []guard.Report) {
	for _, r := range list {
		out = append(out, guard.Report{Account: r.Account, Name: r.Name, Reason: r.Reason})
	}
	return out
}

// TestApply: the report of another node closes and opens the gate, and is no news.
func TestApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := guard.NewPool()
		pool.Listen(func() { t.Error("news of a report of another node") })
		g := pool.Guard("v", &vendor{reply: match}, guard.Limits{}, guard.Account{Name: "a"}, guard.Hooks{Changed: func(_ string, a idv.Availability) {
			if a.Reason != idv.SkipDrained {
				t.Error("the hook was called")
			}
		}})
		step := func(r guard.Report, changes bool, want idv.SkipReason) {
			t.Helper()
			if got := pool.Apply(r); got != changes {
				t.Errorf("%+v changed: %v, want %v", r, got, changes)
			}
			if a := g.Availability(); a.Reason != want {
				t.Errorf("after %+v: %q, want %q", r, a.Reason, want)
			}
		}
		closed := guard.Report{Name: "v", Reason: idv.SkipMaintenance, Until: time.Now().Add(time.Minute)}
		step(guard.Report{Name: "unknown", Reason: idv.SkipMaintenance}, false, "")
		step(guard.Report{Name: "v"}, false, "")
		step(closed, true, idv.SkipMaintenance)
		step(closed, false, idv.SkipMaintenance)
		step(guard.Report{Name: "v"}, true, "")
		if ramp := g.Activity().Ramp; ramp != 1 {
			t.Errorf("the ramp begins at %d, want 1", ramp)
		}
		step(guard.Report{Account: true, Name: "a", Reason: idv.SkipQuotaExhausted}, true, idv.SkipQuotaExhausted)
		step(guard.Report{Account: true, Name: "a"}, true, "")
		closed.Until = time.Now().Add(24 * time.Hour)
		step(closed, true, idv.SkipMaintenance)
		if until, most := g.Availability().Until, time.Now().Add(10*time.Minute); until.After(most) {
			t.Errorf("a wrong clock closes the gate until %v, want %v at most", until, most)
		}
		g.Drain(time.Time{})
		step(guard.Report{Name: "v"}, true, idv.SkipDrained)
	})
}

// TestApplyBesideOwnNews: what this node learned last wins, unless it is old or an operator
// ordered something.
func TestApplyBesideOwnNews(t *testing.T) {
	t.Parallel()
	open, closed := guard.Report{Name: "v"}, guard.Report{Name: "v", Reason: idv.SkipMaintenance, Until: time.Date(2000, 1, 1, 0, 5, 0, 0, time.UTC)}
	down := func(t *testing.T, g *guard.Guard, v *vendor) { v.now(fails(idv.Maintenance)); ask(t, g) }
	tests := []struct {
		name string
		do   func(t *testing.T, g *guard.Guard, v *vendor)
		wait time.Duration
		then guard.Report
		want idv.SkipReason
		news int
	}{
		{"closed here, open there", down, time.Second, open, idv.SkipMaintenance, 1},
		{"closed here long ago, open there", down, 4 * time.Second, open, "", 0},
		{"closed here and there", down, time.Second, closed, idv.SkipMaintenance, 0},
		{"ordered here, open there", func(_ *testing.T, g *guard.Guard, _ *vendor) { g.Close(time.Time{}) }, 0, open, idv.SkipMaintenance, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool, v := guard.NewPool(), &vendor{reply: match}
				g := pool.Guard("v", v, guard.Limits{}, guard.Account{}, guard.Hooks{})
				tt.do(t, g, v)
				time.Sleep(tt.wait)
				pool.Apply(tt.then)
				if a, news := g.Availability(), pool.News(); a.Reason != tt.want || len(news) != tt.news {
					t.Errorf("got %q and the news %+v, want %q and %d", a.Reason, news, tt.want, tt.news)
				}
			})
		})
	}
}

// TestUntold: a report that could not be passed on is news again, unless the gate learned
// something else meanwhile.
func TestUntold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, v := guard.NewPool(), &vendor{reply: fails(idv.BadCredentials)}
		g := pool.Guard("v", v, guard.Limits{}, guard.Account{}, guard.Hooks{})
		ask(t, g)
		first := pool.News()
		pool.Untold(first[0])
		if again := pool.News(); !reflect.DeepEqual(again, first) {
			t.Errorf("got %+v, want %+v", again, first)
		}
		pool.Apply(guard.Report{Name: "v"})
		pool.Untold(first[0])
		if news := pool.News(); news != nil {
			t.Errorf("outdated news: %+v", news)
		}
	})
}
