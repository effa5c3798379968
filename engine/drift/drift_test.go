package drift

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// clock counts answers.
var begin = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// vendor answers a fictitious stream of questions. Each app has its own mix of people, and
// the share of the apps changes all the time.
type vendor struct {
	*Detector
	random  *rand.Rand
	honest  []mix // by app
	changed *mix
	n       int
}

func (v *vendor) answer() (Alarm, bool) {
	// The apps have their peaks at different times, of 5,000 answers each.
	app := (v.n/5000 + int(v.random.ExpFloat64())) % len(v.honest)
	return v.answerTo(app)
}

func (v *vendor) answerTo(app int) (Alarm, bool) {
	m := v.honest[app]
	if v.changed != nil {
		m = *v.changed
	}
	v.n++
	return v.Observe(Answer{
		Provider: "p", Source: Source{Tenant: "t", App: fmt.Sprint("app", app), Purpose: "loan"},
		Verdict: verdictAt(draw(v.random, m)), At: begin.Add(time.Duration(v.n) * time.Second),
	})
}

func draw(r *rand.Rand, m mix) int {
	left := r.Float64()
	for i, share := range m {
		if left -= share; left < 0 {
			return i
		}
	}
	return 0
}

func newVendor(seed uint64, honest ...mix) *vendor {
	return &vendor{Detector: &Detector{}, random: rand.New(rand.NewPCG(seed, 14)), honest: honest}
}

func apps() []mix {
	return []mix{{.80, .15, .05}, {.70, .22, .08}, {.85, .10, .05}, {.5, .4, .1}, {.95, .04, .01}}
}

// TestHonest counts the false alarms in a million honest answers, in several mixes.
func TestHonest(t *testing.T) {
	t.Parallel()
	const answers = 1_000_000
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for name, honest := range map[string][]mix{
		"five apps": apps(), "one app": {{.8, .15, .05}}, "nearly always match": {{.99, .008, .002}}, "two-way vendor": {{.85, 0, 0, .15}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				v := newVendor(seed, honest...)
				for range answers {
					if a, ok := v.answer(); ok {
						t.Fatalf("seed %d: a false alarm after %d answers: %+v", seed, v.n, a)
					}
				}
				if s := v.State("p"); s.Answers < answers-10_000 {
					t.Errorf("only %d answers were judged", s.Answers)
				}
			}
		})
	}
}

// TestChanged counts the answers from a change to its alarm. The bar of 200 stands for mixes
// with 80 % to 85 % matches; the others show what their mix allows.
func TestChanged(t *testing.T) {
	t.Parallel()
	trials := 100
	if testing.Short() {
		trials = 30
	}
	for _, test := range []struct {
		name   string
		honest []mix
		change Change
		most   int // in any trial
	}{
		{"match", []mix{{.80, .15, .05}}, AlwaysMatch, 200},
		{"mismatch", []mix{{.80, .15, .05}}, AlwaysMismatch, 200},
		{"no record", []mix{{.80, .15, .05}}, AlwaysNoRecord, 200},
		{"random", []mix{{.80, .15, .05}}, Random, 200},
		{"random of three", []mix{{.80, .15, .05}}, RandomOfThree, 200},
		{"match, of 85 %", []mix{{.85, .10, .05}}, AlwaysMatch, 200},
		{"random, of 85 %", []mix{{.85, .10, .05}}, Random, 200},
		{"match, five apps", apps(), AlwaysMatch, 400},
		{"mismatch, five apps", apps(), AlwaysMismatch, 200},
		{"two-way vendor", []mix{{.85, 0, 0, .15}}, AlwaysMismatchOrNoRecord, 200},
		{"two-way vendor, random", []mix{{.85, 0, 0, .15}}, RandomTwoWay, 200},
		{"match, of 70 %", []mix{{.70, .22, .08}}, AlwaysMatch, 200},
		{"random, of 70 %", []mix{{.70, .22, .08}}, Random, 400},
		{"match, of 90 %", []mix{{.90, .07, .03}}, AlwaysMatch, 500},
		{"match, of 88 %", []mix{{.88, .08, .04}}, AlwaysMatch, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			delays := delays(t, trials, test.change, test.most, test.honest)
			slices.Sort(delays)
			t.Logf("answers until the alarm: median %d, 99th percentile %d, most %d", delays[len(delays)/2], delays[len(delays)*99/100], delays[len(delays)-1])
		})
	}
}

func delays(t *testing.T, trials int, change Change, most int, honest []mix) (list []int) {
	t.Helper()
	at := slices.IndexFunc(changes[:], func(c struct {
		name Change
		mix  mix
	}) bool {
		return c.name == change
	})
	pure := changes[at].mix
	for i := range pure {
		if pure[i] < .01 {
			pure[i] = 0
		}
	}
	for seed := range trials {
		v := newVendor(uint64(seed), honest...)
		for range 20_000 {
			if a, ok := v.answer(); ok {
				t.Fatalf("seed %d: a false alarm: %+v", seed, a)
			}
		}
		v.changed = &pure
		for n := 1; ; n++ {
			a, ok := v.answer()
			// A random vendor may begin with a run of one verdict.
			if ok && a.Change != change && strings.HasPrefix(string(change), "always") {
				t.Errorf("seed %d: %s was reported as %s", seed, change, a.Change)
			}
			if ok || n > most {
				list = append(list, n)
				break
			}
		}
		if n := list[len(list)-1]; n > most {
			t.Fatalf("seed %d: no alarm after %d answers", seed, most)
		}
	}
	return list
}

// TestForget: a provider that stands for another vendor is learned anew, and no other one is.
func TestForget(t *testing.T) {
	t.Parallel()
	v := newVendor(1, apps()[0])
	for range 2 * learn {
		v.answer()
		v.Observe(Answer{Provider: "other", Verdict: idv.Match, At: begin})
	}
	v.Forget("p", "unknown")
	if n := v.State("p").Answers; n != 0 {
		t.Errorf("%d answers are left", n)
	}
	if n := v.State("other").Answers; n != learn {
		t.Errorf("the other provider has %d answers, want %d", n, learn)
	}
}
