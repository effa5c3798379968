// Package drift notices that the answers of a provider have lost their relation to the people
// asked for: suddenly always match, always mismatch, always no record, or random.
//
// Each answer is judged against what the same source (tenant, app and purpose) got from the
// provider before, so that a changed share of the sources is no change of the provider. The
// judgements of all sources are multiplied: a provider that changes does so for all of them.
//
// The test is CUSUM over likelihood ratios whose expectation is at most 1 for every honest
// mix near the past one, see box.evidence. It is at most the Shiryaev–Roberts sum of the same
// ratios, whose expectation after n answers is at most n, so by Doob's inequality a change is
// falsely reported within n answers with probability at most n / alarmAt, and any of the
// changes with at most 7 n / alarmAt: 0.7 % in a million answers. How soon a change is
// noticed depends on the honest mix; see [State.Needs].
package drift

import (
	"math"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The limits of the test, in answers where they are no ratio.
const (
	alarmAt   = 1e9    // the likelihood ratio that reports a change
	endAt     = 1e4    // the likelihood ratio against the change that ends an episode
	doubtAt   = 100    // from this ratio on, answers are not learned from
	learn     = 1000   // answers of a source before its answers are judged
	block     = 200    // answers that are learned at once
	memory    = 8000   // past answers; older ones count half
	adopt     = 20_000 // an episode this long is the provider's new mix, and learned
	elsewhere = 60     // answers of other sources that tell a change of the provider from one of a source

	maxSources = 64 // of a provider; all others are one
)

// Source is where questions come from. The mix of its people is its own.
type Source struct {
	Tenant       idv.Tenant
	App, Purpose string
}

// Answer is an answer of a provider.
type Answer struct {
	Provider string
	Source   Source
	Verdict  idv.Verdict
	At       time.Time
}

// Alarm reports a change. It has counts, and nothing about a person.
type Alarm struct {
	Provider string
	Change   Change
	At       time.Time             // of the answer that completed the evidence
	Since    time.Time             // when the change seems to have begun
	Before   map[idv.Verdict]int64 // past answers of the sources, by verdict
	After    map[idv.Verdict]int64 // answers since
	Source   *Source               // the only one with answers since; nil if there are several
}

// State is what is known of a provider.
type State struct {
	Provider string
	Answers  int64 // judged since the start
	Episode  *Alarm
	// Needs is the mean number of answers after which each change would be noticed, by the
	// mix of the source with the most answers. A change that cannot be told from that mix is
	// missing. It is nil while nothing is judged.
	Needs map[Change]int64
}

// Detector judges answers. It is safe for concurrent use. Its state is in memory, and small:
// maxSources sources for each provider.
type Detector struct {
	mu        sync.Mutex
	providers map[string]*stream
}

// stream judges the answers of one provider.
type stream struct {
	sources map[Source]*source
	answers int64
	tests   [changeCount]test
	episode *Alarm
	change  int     // of the episode
	against float64 // the evidence against it
	lasted  int64   // answers
}

// test is the evidence for one change since it was last refuted.
type test struct {
	log   float64
	epoch int // counts the refutations
	since time.Time
	after [verdicts]int64
}

// source is what is known of one source at one provider.
type source struct {
	past    [verdicts]float64
	fresh   [verdicts]float64 // not yet learned
	judged  bool
	ratios  [changeCount]mix     // logarithms
	answers [changeCount]float64 // that a change needs, in the mean
	parts   [changeCount]part
}

// part is what a source contributes to a test.
type part struct {
	epoch, calls int
	log          float64
}

// Observe judges an answer. It reports an alarm once for each episode: until answers refute
// the change, or have become the usual ones.
func (d *Detector) Observe(a Answer) (Alarm, bool) {
	v, ok := indexOf(a.Verdict)
	if !ok {
		return Alarm{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.providers == nil {
		d.providers = map[string]*stream{}
	}
	s := d.providers[a.Provider]
	if s == nil {
		s = &stream{sources: map[Source]*source{}}
		d.providers[a.Provider] = s
	}
	return s.observe(&a, v)
}

// Forget drops what is known of providers whose names stand for another vendor or customer
// from now on.
func (d *Detector) Forget(providers ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range providers {
		delete(d.providers, name)
	}
}

// State returns what is known of a provider.
func (d *Detector) State(provider string) State {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := State{Provider: provider}
	s := d.providers[provider]
	if s == nil {
		return out
	}
	out.Answers = s.answers
	if s.episode != nil {
		episode := *s.episode
		out.Episode = &episode
	}
	var most *source
	for _, one := range s.sources {
		if one.judged && (most == nil || total(one.past) > total(most.past)) {
			most = one
		}
	}
	if most == nil {
		return out
	}
	out.Needs = map[Change]int64{}
	for i, n := range most.answers {
		if n < memory {
			out.Needs[changes[i].name] = int64(math.Ceil(n))
		}
	}
	return out
}

func (s *stream) observe(a *Answer, v int) (Alarm, bool) {
	from := s.source(a.Source)
	if !from.judged {
		from.past[v]++
		if total(from.past) >= learn {
			from.judge()
		}
		return Alarm{}, false
	}
	s.answers++
	if s.episode != nil {
		s.refute(from, v)
		return Alarm{}, false
	}
	from.fresh[v]++
	most := 0
	for i := range s.tests {
		s.tests[i].add(from, i, v, a.At)
		if s.tests[i].log > s.tests[most].log {
			most = i
		}
	}
	switch strongest := s.tests[most].log; {
	case strongest >= math.Log(alarmAt):
		return s.report(a, most)
	case strongest < math.Log(doubtAt) && total(from.fresh) >= block:
		from.learn()
	}
	return Alarm{}, false
}

func (s *stream) source(of Source) *source {
	one := s.sources[of]
	if one == nil && len(s.sources) >= maxSources {
		of = Source{}
		one = s.sources[of]
	}
	if one == nil {
		one = new(source)
		s.sources[of] = one
	}
	return one
}

// add adds the evidence of an answer. A test that is refuted begins anew.
func (t *test) add(from *source, i, v int, at time.Time) {
	if t.log <= 0 {
		*t = test{epoch: t.epoch + 1, since: at}
	}
	ratio := from.ratios[i][v]
	t.log += ratio
	t.after[v]++
	p := &from.parts[i]
	if p.epoch != t.epoch {
		*p = part{epoch: t.epoch}
	}
	p.calls++
	p.log += ratio
}

// report begins an episode, unless one source alone has changed: its people are others then,
// and it is learned anew.
func (s *stream) report(a *Answer, i int) (Alarm, bool) {
	t := &s.tests[i]
	alarm := Alarm{Provider: a.Provider, Change: changes[i].name, At: a.At, Since: t.since, Before: map[idv.Verdict]int64{}, After: counted(t.after)}
	var strongest Source
	var most part
	calls, sources := 0, 0
	for name, one := range s.sources {
		p := one.parts[i]
		if p.epoch != t.epoch {
			continue
		}
		sources++
		calls += p.calls
		if p.log > most.log {
			strongest, most = name, p
		}
		for v, n := range one.past {
			if n > 0 {
				alarm.Before[verdictAt(v)] += int64(n)
			}
		}
	}
	evidence := t.log - most.log
	s.tests = [changeCount]test{}
	for k := range s.tests {
		s.tests[k].epoch = t.epoch + 1
	}
	for _, one := range s.sources {
		one.fresh, one.parts = [verdicts]float64{}, [changeCount]part{}
	}
	if calls-most.calls >= elsewhere && evidence <= 0 {
		s.sources[strongest] = new(source)
		return Alarm{}, false
	}
	if sources == 1 {
		alarm.Source = &strongest
	}
	s.episode, s.change, s.against, s.lasted = &alarm, i, 0, 0
	return alarm, true
}

// refute ends an episode once answers speak against the change, or it has lasted so long that
// it is the usual mix.
func (s *stream) refute(from *source, v int) {
	s.against = max(s.against, 0) - from.ratios[s.change][v]
	s.lasted++
	switch {
	case s.against >= math.Log(endAt):
		s.episode = nil
	case s.lasted >= adopt:
		s.episode, s.sources = nil, map[Source]*source{}
	}
}

// learn adds the fresh answers to the past ones.
func (s *source) learn() {
	for i, n := range s.fresh {
		s.past[i] += n
	}
	s.fresh = [verdicts]float64{}
	if total(s.past) > memory {
		for i := range s.past {
			s.past[i] /= 2
		}
	}
	s.judge()
}

// judge computes the evidence of each verdict from the past answers.
func (s *source) judge() {
	s.judged = true
	b := boxOf(s.past)
	for i := range changes {
		var each float64
		s.ratios[i], each = b.evidence(changes[i].mix)
		s.answers[i] = math.Log(alarmAt) / max(each, 1e-9)
	}
}

func total(counts [verdicts]float64) (n float64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func counted(counts [verdicts]int64) map[idv.Verdict]int64 {
	list := map[idv.Verdict]int64{}
	for i, n := range counts {
		if n > 0 {
			list[verdictAt(i)] = n
		}
	}
	return list
}
