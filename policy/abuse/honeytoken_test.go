package abuse_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
)

const canaryNumber = "11010120990101005X"

func canaries(t testing.TB) abuse.Honeytokens {
	t.Helper()
	c, err := abuse.NewHoneytokens(ring(t), map[idv.Tenant][]idv.Sensitive{"t1": {idv.NewSensitive(canaryNumber)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCanary uses a canary and wants the app blocked, for the time it says, in the
// words of any enumeration, and no other app is.
func TestCanary(t *testing.T) {
	honest := pair("测试", "110101209902010054")
	tests := []struct {
		name string
		use  func(d *harness, s idv.Subject) abuse.Result
	}{
		{"asked about", func(d *harness, s idv.Subject) abuse.Result { return d.check("thief", s) }},
		{"refused by the local check", func(d *harness, s idv.Subject) abuse.Result { return d.refused("thief", s) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newHarness(t, abuse.Config{Honeytokens: canaries(t), Block: 2 * time.Hour})
			if out := d.check("thief", honest); out.Denial != nil {
				t.Fatal("denied before a canary was used")
			}
			out := tt.use(d, pair("测试", "110101 2099 0101 005x"))
			guessed := guessing(t)
			if diff := cmp.Diff(guessed, out); diff != "" {
				t.Errorf("a canary is told from guessing: %s", diff)
			}
			d.wait(2*time.Hour - time.Second)
			if diff := cmp.Diff(guessed, d.check("thief", honest)); diff != "" {
				t.Errorf("the app is not blocked: %s", diff)
			}
			if out := d.check("a", honest); out.Denial != nil {
				t.Error("another app is blocked")
			}
			d.wait(time.Second)
			if out := d.check("thief", honest); out.Denial != nil {
				t.Error("the block outlasts its time")
			}
			want := []abuse.Event{{Dimension: abuse.HoneytokenUsed, Tenant: "t1", App: "thief", Caller: "key1", At: noon}}
			if diff := cmp.Diff(want, d.siren.events); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// guessing returns the result of an attempt with one name too many.
func guessing(t *testing.T) abuse.Result {
	d := newHarness(t, abuse.Config{Thresholds: abuse.Thresholds{abuse.NamesPerNumber: 1}})
	d.check("a", pair("张三", "110101209902010054"))
	return d.check("a", pair("李四", "110101209902010054"))
}

// TestBlockedCountsNothing says that the requests of a blocked app use up no other limit
// a bound: at once if it had asked nothing in this quarter of an hour, else from the
// next on.
func TestBlockedCountsNothing(t *testing.T) {
	for name, before := range map[string]bool{"asked nothing before": false, "asked before": true} {
		t.Run(name, func(t *testing.T) {
			d := newHarness(t, abuse.Config{Honeytokens: canaries(t), Thresholds: abuse.Thresholds{abuse.NamesPerNumber: 1}})
			if before {
				d.check("thief", pair("测试", "110101209902010206"))
			}
			d.check("thief", pair("测试", canaryNumber))
			if before {
				d.wait(15 * time.Minute)
			}
			if out := d.check("thief", pair("张三", "110101209902010054")); out.Denial == nil {
				t.Error("the app is not blocked")
			}
			if out := d.check("a", pair("李四", "110101209902010054")); out.Denial != nil {
				t.Error("a blocked question was counted")
			}
		})
	}
}

// TestBlockHasNoGap asks every minute of a block, which a second canary made longer.
func TestBlockHasNoGap(t *testing.T) {
	honest := pair("测试", "110101209902010054")
	d := newHarness(t, abuse.Config{Honeytokens: canaries(t), Block: time.Hour})
	d.wait(7 * time.Minute)
	d.check("thief", honest)
	d.check("thief", pair("测试", canaryNumber))
	for minute := range 90 {
		if minute == 30 {
			d.check("thief", pair("测试", canaryNumber))
		}
		if out := d.check("thief", honest); out.Denial == nil {
			t.Errorf("not blocked in minute %d", minute)
		}
		d.wait(time.Minute)
	}
	d.wait(15 * time.Minute)
	if out := d.check("thief", honest); out.Denial != nil {
		t.Error("the block outlasts its time")
	}
}

// TestBlockWithoutList says what docs/policy.md tells of a false alarm: without a list a
// block is not looked at, and with the list back it holds for the rest of its time.
func TestBlockWithoutList(t *testing.T) {
	honest := pair("测试", "110101209902010054")
	listed, bare := newHarness(t, abuse.Config{Honeytokens: canaries(t)}), newHarness(t, abuse.Config{})
	listed.check("app", pair("测试", canaryNumber))
	watching := listed.guard
	for _, step := range []struct {
		name    string
		guard   *abuse.Detector
		blocked bool
	}{
		{"blocked", watching, true}, {"without the list", bare.guard, false}, {"with it again", watching, true},
	} {
		listed.guard = step.guard
		if out := listed.check("app", honest); (out.Denial != nil) != step.blocked {
			t.Errorf("%s: denied %v", step.name, out.Denial)
		}
	}
}

// TestCanaryOfAnother says that a tenant's canary is a number like any other for
// another tenant, which does not learn of it.
func TestCanaryOfAnother(t *testing.T) {
	d := newHarness(t, abuse.Config{Honeytokens: canaries(t)})
	a := d.asked("a", pair("测试", canaryNumber))
	a.Tenant = "t2"
	if out, err := d.guard.Check(t.Context(), &d.counters, a); err != nil || out.Denial != nil {
		t.Errorf("got %v, %v", out.Denial, err)
	}
}

// TestCanaryHeardWithoutStore says that the alarm does not need the store.
func TestCanaryHeardWithoutStore(t *testing.T) {
	d := newHarness(t, abuse.Config{Honeytokens: canaries(t)})
	_, err := d.guard.Check(t.Context(), failing{err: errors.New("away")}, d.asked("thief", pair("测试", canaryNumber)))
	if err == nil || len(d.siren.events) != 1 {
		t.Errorf("got %v and %d alarms, want an error and one", err, len(d.siren.events))
	}
}

// TestBadCanary says that what no question could match is refused, and not repeated.
func TestBadCanary(t *testing.T) {
	for name, number := range map[string]string{"empty": "", "with a name": canaryNumber + ",张三", "a name": "张三", "nothing but marks": "---"} {
		t.Run(name, func(t *testing.T) {
			_, err := abuse.NewHoneytokens(ring(t), map[idv.Tenant][]idv.Sensitive{"t1": {idv.NewSensitive(number)}})
			if err == nil || strings.Contains(err.Error(), "张三") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestCheckDigits varies the last character and wants the person blocked, also for the
// one right number, which alone would cost something.
func TestCheckDigits(t *testing.T) {
	d := newHarness(t, abuse.Config{})
	for i := range 3 {
		if out := d.refused("a", pair("测试", "11010120990201005"+string(rune('0'+i)))); out.Denial != nil {
			t.Fatalf("try %d was denied", i+1)
		}
	}
	if out := d.refused("a", pair("测试", "110101209902010053")); out.Denial == nil {
		t.Error("the fourth last character was let through")
	}
	if out := d.check("a", pair("测试", "110101209902010054")); out.Denial == nil {
		t.Error("the right one was let through after three wrong ones")
	}
	if got := d.siren.of("a"); len(got) != 1 || got[0] != abuse.CheckDigits {
		t.Errorf("alarms %v", got)
	}
	if out := d.refused("a", pair("测试", "1101012099")); out.Denial != nil || d.counters.calls != 5 {
		t.Errorf("a number of another form was counted: %d calls", d.counters.calls)
	}
}

// TestAlarmMinute says that an axis of an app rings once a minute.
func TestAlarmMinute(t *testing.T) {
	d := newHarness(t, abuse.Config{Honeytokens: canaries(t)})
	use := func(app string) { d.check(app, pair("测试", canaryNumber)) }
	steps := []struct {
		wait time.Duration
		app  string
		want int
	}{
		{0, "a", 1}, {0, "a", 1}, {59 * time.Second, "a", 1}, {0, "b", 2}, {time.Second, "a", 3}, {0, "a", 3},
		{-time.Hour, "a", 4}, // the clock was set back
	}
	for i, s := range steps {
		d.wait(s.wait)
		if use(s.app); len(d.siren.events) != s.want {
			t.Errorf("after step %d: %d alarms, want %d", i, len(d.siren.events), s.want)
		}
	}
}

// TestHoneytokenOfAnyClaim plants one number and uses it as each claim that a list can
// mean: an ID number of any document, a mobile number, a bank card.
func TestHoneytokenOfAnyClaim(t *testing.T) {
	const planted = "99999999999"
	tokens, err := abuse.NewHoneytokens(ring(t), map[idv.Tenant][]idv.Sensitive{"t1": {idv.NewSensitive(planted)}})
	if err != nil {
		t.Fatal(err)
	}
	honest := pair("测试", "110101209902010054")
	cpf := pair("TEST PERSON", planted)
	cpf.Document = idv.BrazilCPF
	for _, test := range []struct {
		name    string
		subject idv.Subject
		used    bool
	}{
		{"none", with(honest, "13800000000", "6222000000000000"), false},
		{"mobile", with(honest, planted, ""), true},
		{"bank card", with(honest, "", planted), true},
		{"bank card without an ID number", idv.Subject{Name: honest.Name, BankCard: idv.NewSensitive(planted)}, true},
		{"ID number", pair("测试", planted), true},
		{"CPF", cpf, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for what, use := range map[string]func(*harness) abuse.Result{
				"asked about":                func(d *harness) abuse.Result { return d.check("thief", test.subject) },
				"refused by the local check": func(d *harness) abuse.Result { return d.refused("thief", test.subject) },
			} {
				d := newHarness(t, abuse.Config{Honeytokens: tokens})
				if out := use(d); (out.Denial != nil) != test.used || (len(d.siren.events) == 1) != test.used {
					t.Errorf("%s: denied %v, alarms %v; want %v", what, out.Denial != nil, d.siren.events, test.used)
				}
			}
		})
	}
}
