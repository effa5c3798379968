package demo

import (
	"encoding/json"
	"slices"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// Report is the result of a step.
type Report struct {
	Number   int
	Act      idv.Text // the title of the part, in the report of its first step
	Step     string
	Title    idv.Text
	Subject  idv.MaskedSubject
	Asked    int
	Outcome  string           // the verdict, with the reason if it is undetermined; or the refusal with its rule
	By       string           // the provider that answered
	Attempts int              // calls that were sent, over all verifications
	Requests map[string]int64 // by the vendors' counters
	Known    idv.Money        // the known cost
	Possible idv.Money        // the maximum cost
	Expected bool             // every result is the expected one
	Differs  []string         // the differences from the expected results
}

// take adds the result of one verification.
func (r *Report) take(v idv.Verification, err error) {
	if err != nil {
		e := idv.AsError(err)
		r.Outcome = e.Failure.String() + " (" + e.Code + ")"
		return
	}
	r.Outcome, r.By = v.Verdict.String(), answeredBy(v)
	if v.Reason != "" {
		r.Outcome += " (" + string(v.Reason) + ")"
	}
	known, possible := v.Cost()
	for _, a := range v.Attempts {
		if a.Delivery != idv.NotSent { // a vendor cannot count a call that was not sent
			r.Attempts++
		}
	}
	r.differ(addTo(&r.Known, known), addTo(&r.Possible, possible))
}

// addTo adds an amount to a sum, or returns why it cannot.
func addTo(sum *idv.Money, m idv.Money) string {
	total, err := sum.Add(m)
	if err != nil {
		return err.Error()
	}
	*sum = total
	return ""
}

// differ adds differences, without duplicates and empty ones.
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
		Expected bool              `json:"expected"`
		Differs  []string          `json:"differs"`
	}{
		r.Number, r.Act.EN, r.Step, r.Title.EN, api.MaskedSubject(r.Subject), r.Asked, r.Outcome, r.By, r.Attempts, r.Requests,
		costView(r.Known, r.Possible), r.Expected, r.Differs,
	})
}

func costView(known, possible idv.Money) api.Cost {
	return api.CostRange(known, possible)
}

// Total sums up the demonstration and compares heyan's ledger with the vendors' counters.
type Total struct {
	Steps    int
	Expected int       // steps with the expected results
	Asked    int       // verifications
	Attempts int       // calls that were sent, by heyan's ledger
	Requests int64     // calls by the vendors' counters
	Billed   int64     // billed calls by the vendors' counters
	Bill     idv.Money // what the vendors would charge
	Known    idv.Money
	Possible idv.Money
	Differs  []string

	prices map[string]idv.Money // of one call, by vendor
}

func (t *Total) add(r Report) {
	t.Steps++
	if r.Expected {
		t.Expected++
	}
	t.Asked += r.Asked
	t.Attempts += r.Attempts
	addTo(&t.Known, r.Known) // a fault is in r.Differs: the prices are those of the same providers
	addTo(&t.Possible, r.Possible)
}

// settle compares the ledger with the vendors' counters: both must hold the same calls, and
// the bill must lie between the known and the maximum cost.
func (t *Total) settle(stats map[string]sandbox.Stats) {
	t.Differs = []string{}
	for vendor, s := range stats {
		t.Requests += s.Requests
		t.Billed += s.Billed
		price := t.prices[vendor]
		if fault := addTo(&t.Bill, idv.Money{Micros: s.Billed * price.Micros, Currency: price.Currency}); fault != "" {
			t.Differs = append(t.Differs, fault)
		}
	}
	if int64(t.Attempts) != t.Requests {
		t.Differs = append(t.Differs, "heyan's ledger and the vendors' counters hold different numbers of calls")
	}
	if t.Bill.Micros < t.Known.Micros || t.Bill.Micros > t.Possible.Micros {
		t.Differs = append(t.Differs, "the bill is not between the known and the maximum cost")
	}
}

// OK reports whether every step had the expected results.
func (t Total) OK() bool { return t.Steps > 0 && t.Steps == t.Expected && len(t.Differs) == 0 }

// MarshalJSON writes the last line of `heyan demo --json`.
func (t Total) MarshalJSON() ([]byte, error) {
	type total struct {
		Steps    int      `json:"steps"`
		Expected int      `json:"expected"`
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
		t.Steps, t.Expected, t.Asked, t.Attempts, t.Requests, t.Billed,
		api.CostOf(t.Bill), costView(t.Known, t.Possible), t.OK(), t.Differs,
	}})
}
