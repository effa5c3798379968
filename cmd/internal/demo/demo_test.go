package demo

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// TestMain lets the test binary serve as the plugin, as heyan itself does.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "provider" {
		b, _ := assemble.Catalogue().Find(os.Args[3])
		plugins.Serve(b)
		return
	}
	goleak.VerifyTestMain(m)
}

func opened(t *testing.T) *Demo {
	t.Helper()
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), self)
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.config.Providers { // a busy machine needs longer for a hundred calls
		l := &d.config.Providers[i].Limits
		l.GateFirst, l.GateMax = 6*gateFirst, 6*gateMax
	}
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestAllStepsPass(t *testing.T) {
	d := opened(t)
	var reports []Report
	total, err := d.Run(t.Context(), func(r Report) { reports = append(reports, r) })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if !r.Expected {
			t.Errorf("%s: %v", r.Step, r.Differs)
		}
		checkNoClaim(t, r)
	}
	if !total.OK() || total.Steps != len(steps())+len(consentSteps()) || len(reports) != total.Steps {
		t.Errorf("total %+v after %d reports of %d steps", total, len(reports), len(steps())+len(consentSteps()))
	}
	if total.Bill != total.Known || total.Possible.Micros <= total.Known.Micros {
		t.Errorf("bill %v, known %v, possible %v: want the bill equal to what is known, and less than what is possible",
			total.Bill, total.Known, total.Possible)
	}
}

// TestDemoSeesWhatIsWrong breaks each expectation of a step: a demonstration that passes
// whatever happens would prove nothing.
func TestDemoSeesWhatIsWrong(t *testing.T) {
	match := idv.Verification{Verdict: idv.Match, Evidence: []idv.Evidence{{Provider: first}}, Attempts: make([]idv.Attempt, 1)}
	mismatch, second2, twice := match, match, match
	mismatch.Verdict = idv.Mismatch
	second2.Evidence = []idv.Evidence{{Provider: second}}
	twice.Attempts = make([]idv.Attempt, 2)
	refused := &idv.Error{Failure: idv.InvalidInput, Code: "check_digit", Delivery: idv.NotSent}
	asked := want{verdict: idv.Match, by: first, tries: 1}
	stopped := want{reason: idv.InvalidInput, rule: "check_digit"}
	tests := []struct {
		name string
		want want
		v    idv.Verification
		err  error
		says string
	}{
		{"expected", asked, match, nil, ""},
		{"another verdict", asked, mismatch, nil, "verdict"},
		{"another vendor", asked, second2, nil, "answered by"},
		{"an attempt more", asked, twice, nil, "attempts"},
		{"refused", asked, idv.Verification{}, refused, "refused"},
		{"no reason", want{reason: idv.InvalidInput}, idv.Verification{}, nil, "reason"},
		{"an expected refusal", stopped, idv.Verification{}, refused, ""},
		{"not refused", stopped, match, nil, "not refused"},
		{"refused by another rule", stopped, idv.Verification{}, &idv.Error{Failure: idv.InvalidInput, Code: "length", Delivery: idv.NotSent}, "another rule"},
		{"refused after a call", stopped, idv.Verification{}, &idv.Error{Failure: idv.InvalidInput, Code: "check_digit"}, "another rule"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.want.compare(test.v, test.err)
			if (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
				t.Errorf("got %q, want it to say %q", got, test.says)
			}
		})
	}
}

func TestTotalComparesLedgerAndCounters(t *testing.T) {
	yuan := idv.Money{Micros: 69_000, Currency: idv.CNY}
	report := Report{Asked: 2, Attempts: 2, Expected: true, Known: yuan, Possible: idv.Money{Micros: 2 * yuan.Micros, Currency: yuan.Currency}}
	tests := []struct {
		name             string
		requests, billed int64
		ok               bool
	}{
		{"the known cost", 2, 1, true}, {"the possible cost", 2, 2, true},
		{"less than known", 2, 0, false}, {"more than possible", 2, 3, false}, {"a call that the ledger lacks", 3, 1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			total := Total{prices: map[string]idv.Money{first: yuan}}
			total.add(report)
			total.settle(map[string]sandbox.Stats{first: {Requests: test.requests, Billed: test.billed}})
			if total.OK() != test.ok {
				t.Errorf("OK is %v, differs %v", total.OK(), total.Differs)
			}
		})
	}
	if (Total{}).OK() {
		t.Error("a demonstration without a step is OK")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	d := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := d.Run(ctx, func(r Report) {
		if r.Step == "straight" { // the next step waits for the gate
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "trial") {
		t.Errorf("got %v, want the step and that it was canceled", err)
	}
}

func TestConfigIsValidAndHoldsNoSecret(t *testing.T) {
	d := opened(t)
	if faults := config.Validate(d.Config(), assemble.Known); len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, v := range d.Vendors() {
		for _, p := range d.Config().Providers {
			for name, value := range p.Settings {
				if v.AppCode.ContainedIn(value) || v.AppSecret.ContainedIn(value) {
					t.Errorf("%s of %s holds a secret", name, p.Name)
				}
			}
		}
	}
	if _, ok := d.LookupEnv("HOME"); ok {
		t.Error("LookupEnv finds a variable of the process")
	}
}

// checkNoClaim fails if the JSON of a step holds a claim.
func checkNoClaim(t *testing.T, r Report) {
	t.Helper()
	line, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(line), `"subject":{"name":`) {
		t.Errorf("%s (%v)", line, err)
	}
	for _, p := range []person{agreeing(), disagreeing(), unrecorded(), mistyped(), misnamed(), child()} {
		if p.request().Subject.ContainedIn(string(line)) {
			t.Errorf("%s holds a name or a number", r.Step)
		}
	}
}

// TestSecondPartSeesWhatIsWrong runs it with configurations that break what it shows.
func TestSecondPartSeesWhatIsWrong(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*config.Config)
		wrong []string // the steps with unexpected results
	}{
		{"consent is off", func(c *config.Config) { c.Policy.Consent.Mode = "off" }, []string{"no_consent", "presented", "recipients", "withdrawn", "erased"}},
		{"both vendors belong to one company", func(c *config.Config) { c.Providers[1].Recipient = firstRecipient }, []string{"recipients"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := opened(t)
			p := d.parts()[1]
			test.spoil(&p.config)
			var wrong []string
			err := d.run(t.Context(), p, new(Total), func(r Report) {
				if !r.Expected {
					wrong = append(wrong, r.Step)
				}
			})
			if err != nil || !slices.Equal(wrong, test.wrong) {
				t.Errorf("unexpected results in %v, want %v (%v)", wrong, test.wrong, err)
			}
		})
	}
}
