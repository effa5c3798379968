package demo

import (
	"encoding/json"
	"slices"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// Report is how a step went.
type Report struct {
	Number   int
	Act      words.Text // of the first step of an act: its title, if it has one; else empty
	Step     string
	Title    words.Text
	Subject  idv.MaskedSubject
	Asked    int
	Outcome  string           // the verdict, with its reason if there is none; or the refusal with its rule
	By       string           // who answered
	Attempts int              // calls that left, over all questions
	Requests map[string]int64 // by the vendors' own counters
	Known    idv.Money        // what it is known to have cost
	Possible idv.Money        // what it may turn out to have cost
	AsTold   bool
	Differs  []string // how it went otherwise than told
}

// take adds one question's result.
func (r *Report) take(v idv.Verification, err error) {
	if err != nil {
		e := idv.AsError(err)
		r.Outcome = e.Failure.String() + " (" + e.Code + ")"
		return
	}
	r.Outcome, r.By = v.Verdict.String(), answeredBy(v)
	if v.Reason != "" {
		r.Outcome += " (" + v.Reason + ")"
	}
	known, possible := v.Cost()
	for _, a := range v.Attempts {
		if a.Delivery != idv.NotSent { // a call that never left cannot be at a vendor's counter
			r.Attempts++
		}
	}
	r.Known, r.Possible = r.Known.Add(known), r.Possible.Add(possible)
}

// differ notes differences, each once and without the empty ones.
func (r *Report) differ(differences ...string) {
	for _, d := range differences {
		if d != "" && !slices.Contains(r.Differs, d) {
			r.Differs = append(r.Differs, d)
		}
	}
}

// MarshalJSON writes the line of `heyan demo --json`.
func (r Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Number   int               `json:"number"`
		Act      string            `json:"act,omitempty"`
		Step     string            `json:"step"`
		Title    string            `json:"title"`
		Subject  api.MaskedSubject `json:"subject"`
		Asked    int               `json:"asked"`
		Outcome  string            `json:"outcome"`
		By       string            `json:"answered_by,omitempty"`
		Attempts int               `json:"attempts"`
		Requests map[string]int64  `json:"requests"`
		Cost     api.Cost          `json:"cost"`
		AsTold   bool              `json:"as_told"`
		Differs  []string          `json:"differs"`
	}{
		r.Number, r.Act.EN, r.Step, r.Title.EN, api.MaskedSubject(r.Subject), r.Asked, r.Outcome, r.By, r.Attempts, r.Requests,
		costView(r.Known, r.Possible), r.AsTold, r.Differs,
	})
}

func costView(known, possible idv.Money) api.Cost {
	return api.CostRange(known, possible)
}

// Total is the whole walk: heyan's book against the vendors' own counters.
type Total struct {
	Steps, AsTold int
	Asked         int
	Attempts      int       // calls that left, by heyan's book
	Requests      int64     // calls by the vendors' counters
	Billed        int64     // of them billed, by the vendors' counters
	Bill          idv.Money // what the vendors would charge
	Known         idv.Money
	Possible      idv.Money
	Differs       []string

	price idv.Money // of one call, which is the same everywhere
}

func (t *Total) add(r Report) {
	t.Steps++
	if r.AsTold {
		t.AsTold++
	}
	t.Asked += r.Asked
	t.Attempts += r.Attempts
	t.Known, t.Possible = t.Known.Add(r.Known), t.Possible.Add(r.Possible)
}

// settle compares the book with the vendors' counters: every call must be in both,
// and the bill must lie between what is known and what is possible.
func (t *Total) settle(stats map[string]sandbox.Stats) {
	t.Differs = []string{}
	for _, s := range stats {
		t.Requests += s.Requests
		t.Billed += s.Billed
	}
	t.Bill = idv.Money{Micros: t.Billed * t.price.Micros, Currency: t.price.Currency}
	if int64(t.Attempts) != t.Requests {
		t.Differs = append(t.Differs, "heyan's book and the vendors' counters hold different numbers of calls")
	}
	if t.Bill.Micros < t.Known.Micros || t.Bill.Micros > t.Possible.Micros {
		t.Differs = append(t.Differs, "the bill is not between the known and the possible cost")
	}
}

// OK reports whether all went as told.
func (t Total) OK() bool { return t.Steps > 0 && t.Steps == t.AsTold && len(t.Differs) == 0 }

// MarshalJSON writes the last line of `heyan demo --json`.
func (t Total) MarshalJSON() ([]byte, error) {
	type total struct {
		Steps    int      `json:"steps"`
		AsTold   int      `json:"as_told"`
		Asked    int      `json:"asked"`
		Attempts int      `json:"attempts"`
		Requests int64    `json:"requests"`
		Billed   int64    `json:"billed"`
		Bill     api.Cost `json:"bill"`
		Cost     api.Cost `json:"cost"`
		OK       bool     `json:"ok"`
		Differs  []string `json:"differs"`
	}
	return json.Marshal(map[string]total{"total": {
		t.Steps, t.AsTold, t.Asked, t.Attempts, t.Requests, t.Billed,
		api.CostOf(t.Bill), costView(t.Known, t.Possible), t.OK(), t.Differs,
	}})
}
