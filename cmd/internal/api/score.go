package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/drift"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/score"
)

// Score is the score card of a provider for a period.
type Score struct {
	Provider     string           `json:"provider"`
	From         time.Time        `json:"from"`
	To           time.Time        `json:"to"`
	Calls        int64            `json:"calls"`
	Availability *float64         `json:"availability,omitempty" doc:"The share of served calls in served and faults; absent without any"`
	Served       int64            `json:"served" doc:"Calls with a verdict, or with another complete reply about the request"`
	Faults       int64            `json:"faults" doc:"Calls that failed by the provider's fault: unknown, throttled, maintenance, unavailable, timeout or garbled"`
	Lost         int64            `json:"lost" doc:"Calls whose outcome is not known, such as after a crash"`
	Outages      []Outage         `json:"outages" nullable:"false" doc:"Times in which at least 3 calls failed and none was served"`
	Latency      *Latency         `json:"latency_ms,omitempty" doc:"Percentiles of calls with a verdict, to two significant digits; absent without any"`
	Verdicts     map[string]int64 `json:"verdicts" doc:"Calls by verdict"`
	Failures     map[string]int64 `json:"failures" doc:"Calls by failure"`
	Phases       map[string]int64 `json:"phases" doc:"Failed calls by where they broke, where that is known"`
	EchoFaults   int64            `json:"echo_faults" doc:"Replies that did not repeat the claims of the request, so that they may be about another person"`
	Codes        []UnlistedCode   `json:"unlisted_codes" nullable:"false" doc:"Codes that the code table does not list, most calls first"`
	Agreement    *Agreement       `json:"agreement,omitempty" doc:"How often a second opinion agreed; absent without any"`
	PerVerdict   *Cost            `json:"cost_per_verdict,omitempty" doc:"The cost of all calls divided by the verdicts; absent without verdicts"`
	Days         []ScoreDay       `json:"days" nullable:"false" doc:"Each day in UTC+8 that has calls"`
	Drift        *Drift           `json:"drift,omitempty" doc:"What this node knows of a change of the answers; only in the daemon"`
}

// Outage is a time in which a provider served no call.
type Outage struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Failed int64     `json:"failed" doc:"Calls that failed"`
}

// Latency has percentiles in milliseconds.
type Latency struct {
	P50 int64 `json:"p50"`
	P90 int64 `json:"p90"`
	P99 int64 `json:"p99"`
}

// UnlistedCode is a code that the code table of a product does not list.
type UnlistedCode struct {
	Code  string    `json:"code"`
	Calls int64     `json:"calls"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Agreement counts second opinions.
type Agreement struct {
	Both   int64 `json:"both" doc:"Verifications with two verdicts"`
	Agreed int64 `json:"agreed" doc:"Of these, with the same verdict"`
}

// ScoreDay is the availability of a day.
type ScoreDay struct {
	Date         string   `json:"date"`
	Served       int64    `json:"served"`
	Faults       int64    `json:"faults"`
	Availability *float64 `json:"availability,omitempty"`
}

// Drift is what is known of a sudden change of a provider's answers.
type Drift struct {
	Answers int64                  `json:"answers,omitzero" doc:"Answers judged since the start; not with an API key"`
	Needs   map[drift.Change]int64 `json:"needs" doc:"The mean number of answers after which each change is noticed; a change that cannot be told from the usual answers is missing"`
	Episode *DriftEpisode          `json:"episode,omitempty" doc:"The change that goes on"`
}

// DriftEpisode is a change with its evidence.
type DriftEpisode struct {
	Change drift.Change     `json:"change"`
	Since  time.Time        `json:"since" doc:"When the change seems to have begun"`
	At     time.Time        `json:"at" doc:"When it was noticed"`
	Before map[string]int64 `json:"before,omitempty" doc:"Earlier answers by verdict; not with an API key"`
	After  map[string]int64 `json:"after,omitempty" doc:"Answers since, by verdict; not with an API key"`
}

// ScoreOf returns the view of a score card.
func ScoreOf(c *score.Card) Score {
	s := Score{
		Provider: c.Provider, From: c.From, To: c.To, Calls: c.Calls, Availability: availability(c.Counts),
		Served: c.Counts.Served, Faults: c.Counts.Faults, Lost: c.Counts.Unknown,
		Verdicts: c.Verdicts, Failures: map[string]int64{}, Phases: c.Phases, EchoFaults: c.Echo,
		Outages: list(c.Outages, func(o *score.Outage) Outage { return Outage(*o) }),
		Codes:   list(c.Codes, func(u *ledger.CodeSum) UnlistedCode { return UnlistedCode{u.Code, u.Calls, u.First, u.Last} }),
		Days: list(c.Days, func(d *score.Day) ScoreDay {
			return ScoreDay{d.Date, d.Served, d.Faults, availability(d.Counts)}
		}),
	}
	for failure, n := range c.Failures {
		if failure != "" { // these are Lost
			s.Failures[failure] = n
		}
	}
	if len(c.Verdicts) > 0 {
		s.Latency = &Latency{c.Latency.P50.Milliseconds(), c.Latency.P90.Milliseconds(), c.Latency.P99.Milliseconds()}
	}
	if a := c.Agreed; a != nil {
		s.Agreement = &Agreement{a.Both, a.Agreed}
	}
	if c.Price != nil {
		cost := CostRange(c.Price.PerVerdict())
		s.PerVerdict = &cost
	}
	return s
}

func availability(c score.Counts) *float64 {
	if share, ok := c.Availability(); ok {
		return &share
	}
	return nil
}

// DriftOf returns the view of what is known of a change. The counts are those of all tenants,
// so a caller who belongs to one gets none.
func DriftOf(s *drift.State, counts bool) *Drift {
	d := &Drift{Needs: s.Needs}
	if counts {
		d.Answers = s.Answers
	}
	if d.Needs == nil {
		d.Needs = map[drift.Change]int64{}
	}
	if e := s.Episode; e != nil {
		d.Episode = &DriftEpisode{Change: e.Change, Since: e.Since, At: e.At}
		if counts {
			d.Episode.Before, d.Episode.After = ByVerdict(e.Before), ByVerdict(e.After)
		}
	}
	return d
}

// ByVerdict returns counts by the names of verdicts.
func ByVerdict(counts map[idv.Verdict]int64) map[string]int64 {
	named := map[string]int64{}
	for v, n := range counts {
		named[v.String()] = n
	}
	return named
}
