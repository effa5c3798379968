package idv_test

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// A value that was never set must not claim more than is known.
func TestZeroIsCautious(t *testing.T) {
	t.Parallel()
	var (
		v idv.Verdict
		c idv.Charge
		s idv.Delivery
		f idv.Failure
		a idv.Attempt
	)
	if v != idv.Undetermined || c != idv.ChargeUnknown || f != idv.FailureUnknown || !s.MayHaveExecuted() {
		t.Errorf("zero values: %v, %v, %v, executed %v", v, c, f, s.MayHaveExecuted())
	}
	a.Price = idv.Money{Micros: 1}
	if a.MaxCost().Micros != 1 || a.Cost().Micros != 0 {
		t.Error("an attempt without an outcome must count as possible cost, not as cost")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	type enum interface {
		encoding.TextMarshaler
		fmt.Stringer
	}
	check := func(name string, n int, at func(int) (enum, encoding.TextUnmarshaler)) {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for i := range n {
				v, back := at(i)
				text, err := v.MarshalText()
				if err != nil || string(text) != v.String() || seen[string(text)] || string(text) == "invalid" {
					t.Errorf("%d: %q, %v", i, text, err)
				}
				seen[string(text)] = true
				if err := back.UnmarshalText(text); err != nil {
					t.Errorf("%q does not read back: %v", text, err)
				}
			}
			over, back := at(n)
			if over.String() != "invalid" {
				t.Errorf("one past the last is called %q", over)
			}
			if back.UnmarshalText([]byte("no such word")) == nil {
				t.Error("an unlisted word was taken")
			}
		})
	}
	check("verdict", 5, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Verdict(i), new(idv.Verdict) })
	check("charge", 3, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Charge(i), new(idv.Charge) })
	check("delivery", 4, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Delivery(i), new(idv.Delivery) })
	check("origin", 6, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Origin(i), new(idv.Origin) })
	check("fidelity", 4, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Fidelity(i), new(idv.Fidelity) })
	check("check", 6, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Check(i), new(idv.Check) })
	check("comparison", 3, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Comparison(i), new(idv.Comparison) })
	check("claim", 4, func(i int) (enum, encoding.TextUnmarshaler) { return idv.Claim(i), new(idv.Claim) })
	check("failure", len(idv.Failures()), func(i int) (enum, encoding.TextUnmarshaler) { return idv.Failure(i), new(idv.Failure) })
}

func TestEveryFailureHasHelp(t *testing.T) {
	t.Parallel()
	seen := map[string]idv.Failure{}
	for _, f := range idv.Failures() {
		h := f.Help()
		if h.Cause.EN == "" || h.Cause.ZH == "" || h.Remedy.EN == "" || h.Remedy.ZH == "" {
			t.Errorf("%v: the help has a gap", f)
		}
		if other, ok := seen[h.Cause.EN]; ok {
			t.Errorf("%v and %v have the same help", f, other)
		}
		seen[h.Cause.EN] = f
	}
}

func TestFailureOf(t *testing.T) {
	t.Parallel()
	e := &idv.Error{Failure: idv.Maintenance, Code: "9999"}
	tests := []struct {
		name string
		err  error
		want idv.Failure
	}{
		{"nil", nil, idv.FailureUnknown},
		{"of heyan", e, idv.Maintenance},
		{"wrapped", fmt.Errorf("x: %w", e), idv.Maintenance},
		{"canceled", context.Canceled, idv.Canceled},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), idv.Timeout},
		{"foreign", errors.New("maintenance"), idv.FailureUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := idv.FailureOf(tt.err); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if !errors.Is(e, &idv.Error{Failure: idv.Maintenance}) || errors.Is(e, &idv.Error{Failure: idv.Maintenance, Code: "1"}) || errors.Is(e, &idv.Error{Failure: idv.Timeout}) {
		t.Error("errors.Is must compare the failure, and the code where one is given")
	}
	if foreign := idv.AsError(errors.New("http://vendor/?name=张三")); strings.Contains(foreign.Error(), "张三") {
		t.Errorf("a foreign text was kept: %v", foreign)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &idv.Error{Failure: idv.InvalidInput, Provider: "p", Code: "204", Field: idv.FieldName, Phase: "decode", Detail: "d"}
	if got, want := e.Error(), "p: invalid_input (204) in name at decode: d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		micros int64
		amount string
	}{
		{"0.069", 69_000, "0.069"},
		{"1", 1_000_000, "1.00"},
		{"350000", 350_000_000_000, "350000.00"},
		{"0.000001", 1, "0.000001"},
		{"0.10", 100_000, "0.10"},
		{"0", 0, "0.00"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			micros, err := idv.ParseAmount(tt.text)
			if err != nil || micros != tt.micros {
				t.Errorf("got %d, %v, want %d", micros, err, tt.micros)
			}
			if got := (idv.Money{Micros: tt.micros}).Amount(); got != tt.amount {
				t.Errorf("shown as %q, want %q", got, tt.amount)
			}
		})
	}
	for _, bad := range []string{"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000001", "1234567890", "٣", " 1"} {
		if micros, err := idv.ParseAmount(bad); err == nil {
			t.Errorf("%q was taken as %d", bad, micros)
		}
	}
	if got := (idv.Price{Units: 15, Total: idv.Money{Micros: 1_000_000, Currency: "CNY"}}).PerCall().Micros; got != 66_667 {
		t.Errorf("1 yuan for 15 calls is %d micros a call, want 66667", got)
	}
	if got := (idv.Money{Micros: -1_500_000, Currency: "CNY"}).String(); got != "-1.50 CNY" {
		t.Errorf("got %q", got)
	}
}

func FuzzParseAmount(f *testing.F) {
	f.Add("0.069")
	f.Add("999999999.999999")
	f.Fuzz(func(t *testing.T, text string) {
		micros, err := idv.ParseAmount(text)
		if err != nil {
			return
		}
		again, err := idv.ParseAmount(idv.Money{Micros: micros}.Amount())
		if err != nil || again != micros {
			t.Errorf("%q: %d is shown as what reads %d, %v", text, micros, again, err)
		}
	})
}

// TestMoneyOfTwoCurrencies: neither Add nor the cost of a verification mixes them.
func TestMoneyOfTwoCurrencies(t *testing.T) {
	yuan, dollar := idv.Money{Micros: 5, Currency: "CNY"}, idv.Money{Micros: 7, Currency: "USD"}
	if got, err := yuan.Add(dollar); !errors.Is(err, idv.ErrCurrency) || got != yuan {
		t.Errorf("yuan and dollar: %v, %v", got, err)
	}
	for _, pair := range [][2]idv.Money{{yuan, yuan}, {{}, {Micros: 10, Currency: "CNY"}}, {{Micros: 10, Currency: "CNY"}, {}}} {
		if got, err := pair[0].Add(pair[1]); err != nil || got != (idv.Money{Micros: 10, Currency: "CNY"}) {
			t.Errorf("%v: %v, %v", pair, got, err)
		}
	}
	v := idv.Verification{Attempts: []idv.Attempt{{Charge: idv.Charged, Price: yuan}, {Charge: idv.Charged, Price: dollar}}}
	if known, maximum := v.Cost(); known != (idv.Money{}) || maximum != (idv.Money{}) {
		t.Errorf("a verification in two currencies costs %v to %v", known, maximum)
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	s := idv.Subject{
		Name: idv.NewSensitive("n"), IDNumber: idv.NewSensitive("i"), Mobile: idv.NewSensitive("m"), BankCard: idv.NewSensitive("b"),
	}
	for _, check := range append(idv.Checks(), idv.CheckNameBankCard) {
		only := s.Only(check.Claims())
		for _, c := range idv.Claims(idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard).List() {
			if got, want := !only.Claim(c).IsZero(), check.Claims().Has(c); got != want {
				t.Errorf("%v: %v is there %v, want %v", check, c, got, want)
			}
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	name, number := idv.Fields{idv.ClaimName: idv.FieldMatched}, idv.Fields{idv.ClaimIDNumber: idv.FieldMismatched}
	for _, test := range []struct {
		name    string
		fields  idv.Fields
		verdict idv.Verdict
		want    bool
	}{
		{"none said", idv.Fields{}, idv.NoRecord, false},
		{"a match with a match", name, idv.Match, false},
		{"a match with a mismatch", number, idv.Match, true},
		{"a mismatch with a mismatch", number, idv.Mismatch, false},
		{"a mismatch with a match", name, idv.Mismatch, false},
		{"compared without a record", name, idv.NoRecord, true},
		{"a partial match", idv.Fields{idv.FieldMatched, idv.FieldMismatched}, idv.Undetermined, false},
		{"no comparison", idv.Fields{idv.ClaimMobile: 3}, idv.Mismatch, true},
	} {
		if got := test.fields.Contradict(test.verdict); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	all := idv.Fields{idv.FieldMatched, idv.FieldMatched, idv.FieldMatched, idv.FieldMatched}
	if got, want := all.Only(idv.CheckNameBankCard.Claims()), (idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimBankCard: idv.FieldMatched}); got != want {
		t.Errorf("only name and card: %v", got)
	}
}
