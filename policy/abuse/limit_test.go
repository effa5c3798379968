package abuse_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// TestLimits reaches every limit, and wants it named, and fresh in the next window.
func TestLimits(t *testing.T) {
	for _, name := range abuse.Names() {
		t.Run(name, func(t *testing.T) {
			ls, err := abuse.Limits{}.With(name)
			if err != nil {
				t.Fatal(err)
			}
			ls[0].Most = 2
			d := newHarness(t, abuse.Config{Limits: ls})
			d.wait(17 * time.Second)
			s := pair("测试", "11010120990101005X")
			for i := range 2 {
				if out := d.check("a", s); out.Denial != nil || reach(out.Counts, name) != i+1 {
					t.Fatalf("question %d: denial %v, counts %+v", i+1, out.Denial, out.Counts)
				}
			}
			out := d.check("a", s)
			want, left := idv.Throttled, map[abuse.Window]time.Duration{
				abuse.Minute: 43 * time.Second, abuse.Hour: time.Hour - 17*time.Second, abuse.Day: 12*time.Hour - 17*time.Second,
			}[ls[0].Window]
			if ls[0].Per == abuse.PerSubject {
				want = idv.SubjectLimited
			}
			if out.Denial == nil || out.Denial.Failure != want || out.Denial.Decision.Rules[0] != "limit."+name || out.Retry != left {
				t.Fatalf("got %+v; want %v by limit.%s, again in %v", out, want, name, left)
			}
			if n := reach(out.Counts, name); n != 2 {
				t.Errorf("a denied question counts: %d", n)
			}
			d.wait(out.Retry)
			if out := d.check("a", s); out.Denial != nil || reach(out.Counts, name) != 1 {
				t.Errorf("the next window is not fresh: %+v", out)
			}
			if len(d.siren.events) != 0 {
				t.Error("a limit raises the alarm")
			}
		})
	}
}

// reach returns a count by its name, which is that of rules.
func reach(c policy.Counts, name string) int {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("cel") == name {
			return int(v.Field(i).Int())
		}
	}
	return -1
}

// TestNames says that the names are those of the counts that rules see.
func TestNames(t *testing.T) {
	names := abuse.Names()
	if n := reflect.TypeFor[policy.Counts]().NumField(); len(names) != n {
		t.Errorf("%d names, %d counts", len(names), n)
	}
	for _, name := range names {
		if reach(policy.Counts{}, name) < 0 {
			t.Errorf("no count has the name %s", name)
		}
	}
}

// TestApart says that limits count apart what is not the same.
func TestApart(t *testing.T) {
	s, other := pair("测试", "11010120990101005X"), pair("测试", "110101209902010054")
	tests := []struct {
		per      abuse.Per
		app, key string
		subject  idv.Subject
		denied   bool
	}{
		{abuse.PerTenant, "b", "key2", other, true},
		{abuse.PerApp, "b", "key1", s, false},
		{abuse.PerApp, "a", "key2", other, true},
		{abuse.PerCaller, "a", "key2", s, false},
		{abuse.PerCaller, "b", "key1", other, true},
		{abuse.PerSubject, "a", "key1", other, false},
		{abuse.PerSubject, "b", "key2", s, true},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %s", tt.per, tt.app, tt.key), func(t *testing.T) {
			d := newHarness(t, abuse.Config{Limits: abuse.Limits{{Per: tt.per, Window: abuse.Day, Most: 1}}})
			d.check("a", s)
			a := d.asked(tt.app, tt.subject)
			a.Caller = tt.key
			out, err := d.guard.Check(t.Context(), &d.counters, a)
			if err != nil || (out.Denial != nil) != tt.denied {
				t.Errorf("got %v, %v; want denied %v", out.Denial, err, tt.denied)
			}
		})
	}
}

// TestAllOrNothing says that a question denied by one limit counts for none.
func TestAllOrNothing(t *testing.T) {
	d := newHarness(t, abuse.Config{Limits: abuse.Limits{
		{Per: abuse.PerTenant, Window: abuse.Day}, {Per: abuse.PerSubject, Window: abuse.Day, Most: 1},
	}})
	s := pair("测试", "11010120990101005X")
	d.check("a", s)
	d.check("a", s)
	d.check("a", s)
	out := d.check("a", pair("测试", "110101209902010054"))
	if out.Counts.TenantDay != 2 {
		t.Errorf("the tenant asked %d questions, want 2", out.Counts.TenantDay)
	}
	if d.counters.calls != 4 {
		t.Errorf("the store was called %d times for 4 questions", d.counters.calls)
	}
}

func TestWith(t *testing.T) {
	ls := abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 5}}
	got, err := ls.With("subject_day", "app_minute", "app_minute")
	want := abuse.Limits{ls[0], {Per: abuse.PerApp, Window: abuse.Minute}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if len(ls) != 1 {
		t.Error("With changed the limits it was called on")
	}
	if _, err := ls.With("subject_year"); err == nil {
		t.Error("a count that there is not was taken")
	}
}
