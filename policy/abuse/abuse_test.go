package abuse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// TestAxes varies one dimension at a time and wants the first try beyond the bound
// denied, and an alarm that names the axis.
func TestAxes(t *testing.T) {
	number := func(region, birth string, sequence int) string {
		return complete(fmt.Sprintf("%s%s%03d", region, birth, sequence))
	}
	tests := []struct {
		axis abuse.Dimension
		most int
		try  func(i int) idv.Subject
	}{
		{abuse.NamesPerNumber, 3, func(i int) idv.Subject { return pair(fmt.Sprint("测试", i), number("110101", "20990101", 5)) }},
		{abuse.NumbersPerPrefix, 3, func(i int) idv.Subject { return pair("测试", number("110101", "20990101", i)) }},
		{abuse.NumbersPerBirth, 5, func(i int) idv.Subject { return pair("测试", number(fmt.Sprint(110101+i), "20990101", i)) }},
		{abuse.NumbersPerSequence, 3, func(i int) idv.Subject { return pair("测试", number("110101", fmt.Sprint(20990101+100*i), 5)) }},
		{abuse.NumbersPerMonth, 5, func(i int) idv.Subject { return pair("测试", number("110101", fmt.Sprint(20990101+i), i)) }},
		{abuse.NumbersPerTail, 5, func(i int) idv.Subject { return pair("测试", fmt.Sprintf("%d%d005X", 110101+i, 20990101+100*i+i)) }},
		{abuse.NumbersPerTail, 5, func(i int) idv.Subject { return pair("测试", fmt.Sprintf("H%d5678", 1234+i)) }},
		{abuse.NumbersPerHead, 5, func(i int) idv.Subject { return pair("测试", fmt.Sprintf("H123%d", 45678+i)) }},
		{abuse.CheckDigits, 3, func(i int) idv.Subject { return pair("测试", "11010120990101005"+fmt.Sprint(i)) }},
		{abuse.MobilesPerNumber, 5, func(i int) idv.Subject {
			return with(pair("测试", number("110101", "20990101", 5)), fmt.Sprint(13800000000+i), "")
		}},
		{abuse.NumbersPerMobile, 5, func(i int) idv.Subject {
			return with(pair(fmt.Sprint("测试", i), number("110101", "20990101", i)), "13800000000", "")
		}},
		{abuse.CardsPerNumber, 5, func(i int) idv.Subject {
			return with(pair("测试", number("110101", "20990101", 5)), "", fmt.Sprint(622200000000000+i))
		}},
		{abuse.NumbersPerCard, 3, func(i int) idv.Subject {
			return with(pair(fmt.Sprint("测试", i), number("110101", "20990101", i)), "", "622200000000000")
		}},
	}
	for _, tt := range tests {
		t.Run(string(tt.axis), func(t *testing.T) {
			bounds := abuse.Unwatched()
			delete(bounds, tt.axis)
			d := newHarness(t, abuse.Config{Thresholds: bounds})
			for i := range tt.most {
				if out := d.check("a", tt.try(i)); out.Denial != nil {
					t.Fatalf("try %d was denied", i+1)
				}
			}
			if out := d.check("b", tt.try(tt.most)); out.Denial == nil {
				t.Fatalf("try %d was not denied", tt.most+1)
			} else if out.Denial.Failure != idv.SubjectLimited || out.Denial.Decision.Rules[0] != abuse.RuleGuard {
				t.Errorf("denied as %v by %v", out.Denial.Failure, out.Denial.Decision.Rules)
			}
			if out := d.check("a", tt.try(0)); out.Denial != nil {
				t.Error("what was asked before is denied")
			}
			want := []abuse.Event{{Dimension: tt.axis, Tenant: "t1", App: "b", Caller: "key1", At: noon}}
			if diff := cmp.Diff(want, d.siren.events); diff != "" {
				t.Error(diff)
			}
			d.wait(abuse.DefaultRemember)
			if out := d.check("b", tt.try(tt.most)); out.Denial != nil {
				t.Error("denied when all is forgotten")
			}
		})
	}
}

// TestSpellings says that another spelling is no other name and no other number.
func TestSpellings(t *testing.T) {
	d := newHarness(t, abuse.Config{Thresholds: abuse.Thresholds{abuse.NamesPerNumber: 1, abuse.NumbersPerPrefix: 1, abuse.CheckDigits: 1}})
	same := []idv.Subject{
		pair("MA LI", "11010120990101005X"),
		pair("ma-li", "11010120990101005x"),
		pair("Ｍａ·Ｌｉ", "１１０１０１20990101005Ⅹ"),
		pair(" M'A.L\u200bI ", "110101 2099-0101 005X"),
	}
	for i, s := range same {
		if out := d.check("a", s); out.Denial != nil {
			t.Errorf("spelling %d counts as another", i)
		}
	}
	if out := d.check("a", pair("MA LU", "11010120990101005X")); out.Denial == nil {
		t.Error("another name counts as the same")
	}
}

// TestTwins says that people of one family, region and day do not block each other.
func TestTwins(t *testing.T) {
	d := newHarness(t, abuse.Config{})
	for i, name := range []string{"张三", "张四", "张五", "张六", "张七", "张八"} {
		if out := d.check("a", pair(name, complete(fmt.Sprintf("11010120990101%03d", i+1)))); out.Denial != nil {
			t.Errorf("person %d is denied", i+1)
		}
	}
}

// TestTenants says that one tenant's questions do not count for another.
func TestTenants(t *testing.T) {
	d := newHarness(t, abuse.Config{
		Limits:     abuse.Limits{{Per: abuse.PerTenant, Window: abuse.Day, Most: 1}, {Per: abuse.PerApp, Window: abuse.Day, Most: 1}},
		Thresholds: abuse.Thresholds{abuse.NamesPerNumber: 1},
	})
	for _, tenant := range []idv.Tenant{"t1", "t2", ""} {
		a := d.asked("a", pair("测试"+string(tenant), "11010120990101005X"))
		a.Tenant = tenant
		if out, err := d.guard.Check(t.Context(), &d.counters, a); err != nil || out.Denial != nil {
			t.Errorf("tenant %q: %v, %v", tenant, out.Denial, err)
		}
	}
}

// failing is a store that cannot count, or counts something else.
type failing struct {
	counted policy.Counted
	err     error
}

func (f failing) Count(context.Context, idv.Tenant, []policy.Hit) (policy.Counted, error) {
	return f.counted, f.err
}

// TestCannotJudge wants an error, which is no permission, wherever the guard cannot
// know.
func TestCannotJudge(t *testing.T) {
	s := pair("测试", "11010120990101005X")
	d := newHarness(t, abuse.Config{})
	away := errors.New("away")
	tests := []struct {
		name     string
		guard    *abuse.Detector
		counters policy.Counters
		now      time.Time
	}{
		{"no guard", nil, &d.counters, noon},
		{"zero guard", &abuse.Detector{}, &d.counters, noon},
		{"no time", d.guard, &d.counters, time.Time{}},
		{"store away", d.guard, failing{err: away}, noon},
		{"no totals", d.guard, failing{counted: policy.Counted{Over: -1}}, noon},
		{"index out of range", d.guard, failing{counted: policy.Counted{Over: 99, Totals: make([]int, 7)}}, noon},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := abuse.Attempt{Tenant: "t1", Subject: s, Now: tt.now}
			_, err := tt.guard.Check(t.Context(), tt.counters, a)
			if err == nil {
				t.Error("Check has no error")
			}
			if _, err := tt.guard.RecordInvalid(t.Context(), tt.counters, a); err == nil {
				t.Error("Refused has no error")
			}
			if tt.name == "store away" && !errors.Is(err, away) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNewFaults(t *testing.T) {
	marks := ring(t)
	tests := []struct {
		name string
		c    abuse.Config
		want string
	}{
		{"no marker", abuse.Config{}, "indexer"},
		{"bad limit", abuse.Config{Indexer: marks, Limits: abuse.Limits{{Per: "village", Window: abuse.Day}}}, "village_day"},
		{"negative limit", abuse.Config{Indexer: marks, Limits: abuse.Limits{{abuse.PerApp, abuse.Day, -1}}}, "negative"},
		{"limit twice", abuse.Config{Indexer: marks, Limits: abuse.Limits{{abuse.PerApp, abuse.Day, 1}, {abuse.PerApp, abuse.Day, 2}}}, "repeated"},
		{"no such axis", abuse.Config{Indexer: marks, Thresholds: abuse.Thresholds{"shoes": 3}}, "shoes"},
		{"canary bound", abuse.Config{Indexer: marks, Thresholds: abuse.Thresholds{abuse.HoneytokenUsed: 3}}, "canary"},
		{"bound of 0", abuse.Config{Indexer: marks, Thresholds: abuse.Thresholds{abuse.CheckDigits: 0}}, "at least 1"},
		{"short memory", abuse.Config{Indexer: marks, Remember: time.Minute}, "remember"},
		{"long memory", abuse.Config{Indexer: marks, Remember: 8 * 24 * time.Hour}, "remember"},
		{"negative memory", abuse.Config{Indexer: marks, Remember: -1}, "remember"},
		{"long block", abuse.Config{Indexer: marks, Block: 8 * 24 * time.Hour}, "block"},
		{"short block", abuse.Config{Indexer: marks, Block: time.Second}, "block"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			guard, err := abuse.New(tt.c)
			if err == nil || guard != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestTogether lets many vary one dimension at once: no more than its bound get through.
func TestTogether(t *testing.T) {
	d := newHarness(t, abuse.Config{})
	var passed, denied int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			out := d.check(fmt.Sprint("app", i%2), pair("测试", complete(fmt.Sprintf("11010120990101%03d", i))))
			mu.Lock()
			defer mu.Unlock()
			if out.Denial == nil {
				passed++
			} else {
				denied++
			}
		})
	}
	all.Wait()
	if passed != 3 || denied != 61 {
		t.Errorf("passed %d, denied %d; want 3 and 61", passed, denied)
	}
	if n := len(d.siren.events); n != 2 {
		t.Errorf("%d alarms of two apps in a minute, want 2", n)
	}
}

// TestNamesakes says that people of one name are counted apart where an axis says so.
func TestNamesakes(t *testing.T) {
	d := newHarness(t, abuse.Config{})
	for i := range 9 {
		month := complete(fmt.Sprintf("1101012099%02d01%03d", i+1, i))
		year := fmt.Sprintf("%d%d0101005X", 110201+i, 2090+i)
		for _, number := range []string{month, year} {
			if out := d.check("a", pair("测试", number)); out.Denial != nil {
				t.Errorf("namesake %d is denied: %v", i, d.siren.of("a"))
			}
		}
	}
}

// TestNumbersPerConsent: a caller with a leaked consent id does not find out whose
// it is. Beyond the bound the right number gets no answer either, also if it was asked
// about before.
func TestNumbersPerConsent(t *testing.T) {
	right := complete("11010120990101005")
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("asked about before: %v", known), func(t *testing.T) {
			d := newHarness(t, abuse.Config{})
			a := d.asked("shop", pair("测试", right))
			a.Consent = "con_1"
			ask := func(what func(context.Context, policy.Counters, abuse.Attempt) (abuse.Result, error)) bool {
				t.Helper()
				out, err := what(t.Context(), &d.counters, a)
				if err != nil {
					t.Fatal(err)
				}
				return out.Denial == nil
			}
			if known {
				for range 10 {
					if !ask(d.guard.Check) {
						t.Fatal("the person's own question was denied")
					}
				}
			}
			refused := 0
			for i := range 10 {
				a.Subject = pair("测试", complete(fmt.Sprintf("1101012099%02d010%02d", 1+i, 10+i)))
				if !ask(d.guard.RecordProbe) {
					refused++
				}
			}
			if want := map[bool]int{true: 8, false: 7}[known]; refused != want {
				t.Errorf("%d of 10 tries were denied, want %d", refused, want)
			}
			a.Subject = pair("测试", right)
			if ask(d.guard.Check) {
				t.Error("the right number got an answer after ten wrong ones")
			}
			if got := d.siren.of("shop"); len(got) == 0 || got[0] != abuse.NumbersPerConsent {
				t.Errorf("alarms %v", got)
			}
			a.Consent = "con_2"
			if !ask(d.guard.Check) {
				t.Error("another consent of the person is denied")
			}
		})
	}
}
