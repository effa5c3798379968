package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// TestEvidenceOfTheHonest: whatever mix of the box is the honest one, the expectation of the
// likelihood ratio is at most 1.
func TestEvidenceOfTheHonest(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var counts [verdicts]float64
		for i := range counts {
			counts[i] = math.Floor(math.Pow(10, random.Float64()*4)) - 1
		}
		counts[random.IntN(verdicts)] += 100
		b := boxOf(counts)
		for _, c := range changes {
			log, each := b.evidence(c.mix)
			if each < -1e-9 {
				t.Fatalf("%v, %s: the mean evidence of a change is %v", counts, c.name, each)
			}
			for range 50 {
				p, ok := within(&b, random)
				if !ok {
					continue
				}
				mean := 0.
				for i := range p {
					mean += p[i] * math.Exp(log[i])
				}
				if mean > 1+1e-6 {
					t.Fatalf("%v, %s, mix %v: the expectation is %v", counts, c.name, p, mean)
				}
			}
		}
	}
}

// within returns a corner of the box whose shares add up to 1.
func within(b *box, random *rand.Rand) (p mix, ok bool) {
	left := 1.
	for i := range p {
		p[i] = b.low[i]
		left -= p[i]
	}
	for _, i := range random.Perm(verdicts) {
		more := min(left, b.high[i]-b.low[i])
		p[i] += more
		left -= more
	}
	return p, math.Abs(left) < 1e-9
}

// told plays answers and counts the alarms.
func (v *vendor) told(answers int) (alarms []Alarm) {
	for range answers {
		if a, ok := v.answer(); ok {
			alarms = append(alarms, a)
		}
	}
	return alarms
}

func TestEpisode(t *testing.T) {
	t.Parallel()
	v := newVendor(7, mix{.8, .15, .05})
	if alarms := v.told(5000); len(alarms) != 0 {
		t.Fatalf("false alarms: %+v", alarms)
	}
	if needs := v.State("p").Needs; needs[AlwaysMatch] == 0 || needs[AlwaysMatch] > 200 || needs[AlwaysMismatch] > 30 {
		t.Errorf("a change needs %v answers", needs)
	}
	v.changed = &mix{1}
	alarms := v.told(3000)
	if len(alarms) != 1 || v.State("p").Episode == nil {
		t.Fatalf("%d alarms in an episode of 3,000 answers, state %+v", len(alarms), v.State("p"))
	}
	a := alarms[0]
	if a.Source == nil || a.Source.App != "app0" || a.After[idv.Match] < 90 || a.After[idv.Mismatch] != 0 || a.Before[idv.Mismatch] == 0 || a.Since.After(a.At) {
		t.Errorf("the alarm is %+v", a)
	}
	v.changed = nil
	if alarms := v.told(3000); len(alarms) != 0 || v.State("p").Episode != nil {
		t.Errorf("after the end: alarms %+v, state %+v", alarms, v.State("p"))
	}
	v.changed = &mix{0, 1}
	if alarms := v.told(100); len(alarms) != 1 || alarms[0].Change != AlwaysMismatch {
		t.Errorf("the second episode is told as %+v", alarms)
	}
	if alarms := v.told(adopt + 2*learn); len(alarms) != 0 || v.State("p").Episode != nil {
		t.Errorf("a mix that stays is not adopted: %+v, %+v", alarms, v.State("p"))
	}
}

// TestOneAppChanges: an app whose people are others, as in an attack, is no fault of a
// provider that other apps use too.
func TestOneAppChanges(t *testing.T) {
	t.Parallel()
	v := newVendor(3, apps()...)
	v.told(30_000)
	v.honest[0] = mix{.02, .97, .01}
	if alarms := v.told(60_000); len(alarms) != 0 {
		t.Errorf("the attack on one app is an alarm about the provider: %+v", alarms)
	}
	v.changed = &mix{0, 1}
	if alarms := v.told(400); len(alarms) != 1 || alarms[0].Source != nil {
		t.Errorf("the provider has changed for all apps: %+v", alarms)
	}
}

func TestSharesOfApps(t *testing.T) {
	t.Parallel()
	v := newVendor(5, mix{.95, .04, .01}, mix{.2, .6, .2})
	for i := range 8000 {
		v.answerTo(i % 2)
	}
	for range 20_000 { // the app with few matches asks alone now
		if a, ok := v.answerTo(1); ok {
			t.Fatalf("a changed share of the apps is an alarm: %+v", a)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	var d Detector
	for i := range 1000 {
		d.Observe(Answer{Provider: "p", Source: Source{App: fmt.Sprint(i)}, Verdict: idv.Match})
	}
	if n := len(d.providers["p"].sources); n > maxSources+1 {
		t.Errorf("%d sources are kept", n)
	}
	if _, ok := d.Observe(Answer{Provider: "q", Verdict: idv.Undetermined}); ok || d.providers["q"] != nil {
		t.Error("an answer without a verdict counts")
	}
	if s := d.State("q"); s.Needs != nil || s.Episode != nil {
		t.Errorf("an unknown provider has the state %+v", s)
	}
}

func BenchmarkObserve(b *testing.B) {
	v := newVendor(1, apps()...)
	v.told(30_000)
	a := Answer{Provider: "p", Source: Source{"t", "app0", "loan"}, Verdict: idv.Match}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a.Verdict = idv.Match; i%5 == 0 {
			a.Verdict = idv.Mismatch
		}
		v.Observe(a)
	}
}
