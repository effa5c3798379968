package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

func lotOf(units, micros int64) ledger.Lot {
	return ledger.Lot{ID: "l", Provider: "p", Units: units, Bought: start, Total: idv.Money{Micros: micros, Currency: idv.CNY}}
}

// use holds and settles a call and returns the price of its unit.
func use(t *testing.T, b *ledger.Book, attempt string, c idv.Charge) int64 {
	t.Helper()
	held, err := b.Hold(idv.Intent{Attempt: attempt, Provider: "p", At: start}, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(idv.Attempt{ID: attempt, Provider: "p", Charge: c}, start); err != nil {
		t.Fatal(err)
	}
	return held.Price.Micros
}

// TestUnitsCostWhatWasPaid: 15 calls for 1.00 yuan are 1.000000, call by call.
func TestUnitsCostWhatWasPaid(t *testing.T) {
	t.Parallel()
	tests := []struct{ units, micros int64 }{{15, 1_000_000}, {3, 1}, {1, 7}, {7, 0}, {1000, 69_000_000}, {999, 12_345_678}, {10, math.MaxInt64}}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d for %d", tt.units, tt.micros), func(t *testing.T) {
			var b ledger.Book
			if err := b.AddLot(lotOf(tt.units, tt.micros), start); err != nil {
				t.Fatal(err)
			}
			var sum int64
			for k := int64(1); k <= tt.units; k++ {
				price := use(t, &b, fmt.Sprint(k), idv.Charged)
				sum += price
				if tt.micros < math.MaxInt64/1000 {
					if want := k*tt.micros/tt.units - (k-1)*tt.micros/tt.units; price != want {
						t.Errorf("unit %d costs %d, want %d", k, price, want)
					}
				}
			}
			if sum != tt.micros {
				t.Errorf("the units cost %d, the lot %d", sum, tt.micros)
			}
		})
	}
}

// TestMoneyOfReturnedUnits lets units return in any order: all that are used in the end,
// and a write-off, cost what was paid.
func TestMoneyOfReturnedUnits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(1, 40).Draw(t, "units")
		micros := rapid.Int64Range(0, 5_000_000).Draw(t, "micros")
		var b ledger.Book
		if err := b.AddLot(lotOf(units, micros), start); err != nil {
			t.Fatal(err)
		}
		var spent int64
		open := map[string]int64{}
		for n := 0; b.Lots("p")[0].Available > 0 || len(open) > 0; n++ {
			switch balance := b.Lots("p")[0]; {
			case balance.Available > 0 && rapid.Bool().Draw(t, "hold"):
				id := fmt.Sprint(n)
				held, err := b.Hold(idv.Intent{Attempt: id, Provider: "p", At: start}, start)
				if err != nil {
					t.Fatal(err)
				}
				open[id] = held.Price.Micros
			case balance.Available > 0 && n%5 == 0:
				lost := rapid.Int64Range(1, balance.Available).Draw(t, "lost")
				if err := b.WriteOff("l", lost, "lost", start); err != nil {
					t.Fatal(err)
				}
				spent += balance.Left - b.Lots("p")[0].Left
			}
			for id, price := range open {
				charge := idv.Charged
				if n < 100 && rapid.Bool().Draw(t, "void") {
					charge = idv.NotCharged
				}
				if err := b.Settle(idv.Attempt{ID: id, Provider: "p", Charge: charge}, start); err != nil {
					t.Fatal(err)
				}
				if charge == idv.Charged {
					spent += price
				}
				delete(open, id)
				break
			}
		}
		if spent != micros {
			t.Fatalf("%d was spent of %d", spent, micros)
		}
	})
}

func TestParseCurrency(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"CNY", "CNY"}, {"cny", "CNY"}, {"USD", "USD"}, {"XOF", "XOF"},
		{"XXX", ""}, {"XTS", ""}, {"XAU", ""}, {"¥¥¥", ""}, {"RMB", ""}, {"", ""}, {"CN", ""}, {"CNY ", ""}, {"\xff\xff\xff", ""},
	}
	for _, tt := range tests {
		if got, err := ledger.ParseCurrency(tt.text); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParseCurrency(%q) = %q, %v; want %q", tt.text, got, err, tt.want)
		}
	}
}

// TestOneCurrency: the ledger has the currency of its first amount, until that lot is
// canceled.
func TestOneCurrency(t *testing.T) {
	t.Parallel()
	var b ledger.Book
	usd, yuan := lotOf(2, 4), lotOf(2, 4)
	usd.ID, usd.Total.Currency = "usd", "USD"
	if err := b.AddLot(usd, start); err != nil {
		t.Fatal(err)
	}
	var refused *ledger.CurrencyError
	if err := b.AddLot(yuan, start); !errors.As(err, &refused) || !errors.Is(err, idv.ErrCurrency) || refused.Ledger != "USD" || refused.Given != "CNY" {
		t.Errorf("a second currency: %v", err)
	}
	at := idv.Money{Micros: 1, Currency: "CNY"}
	if _, err := b.Hold(idv.Intent{Attempt: "a", Provider: "other", At: start, Price: at}, start); !errors.Is(err, idv.ErrCurrency) {
		t.Errorf("a call without a package in a second currency: %v", err)
	}
	if err := b.CancelLot("usd", "wrong currency", start); err != nil {
		t.Fatal(err)
	}
	if err := b.AddLot(yuan, start); err != nil {
		t.Errorf("after the lot was canceled: %v", err)
	}
}

// TestOpenLotOfEarlierVersion: calls without a package in two currencies are never in one lot.
func TestOpenLotOfEarlierVersion(t *testing.T) {
	t.Parallel()
	open := ledger.Balance{Lot: ledger.OpenLot("p", start), Posted: 1}
	open.Units, open.Total = 1, idv.Money{Micros: 5, Currency: "USD"}
	b := ledger.Open(ledger.Snapshot{Lots: []ledger.Row{{Balance: open}}, Currency: "CNY"})
	yuan := idv.Money{Micros: 5, Currency: "CNY"}
	if _, err := b.Hold(idv.Intent{Attempt: "a", Provider: "p", At: start, Price: yuan}, start); !errors.Is(err, idv.ErrCurrency) {
		t.Errorf("got %v", err)
	}
}

// TestCanceledLot: what was used stays, what is left and what returns goes back.
func TestCanceledLot(t *testing.T) {
	t.Parallel()
	var b ledger.Book
	if err := b.AddLot(lotOf(15, 1_000_000), start); err != nil {
		t.Fatal(err)
	}
	price := use(t, &b, "a1", idv.Charged)
	use(t, &b, "a2", idv.ChargeUnknown)
	if err := b.CancelLot("l", "booked for the wrong provider", start); err != nil {
		t.Fatal(err)
	}
	if err := b.Resolve("a2", idv.NotCharged, "bill", start); err != nil {
		t.Fatal(err)
	}
	got := b.Lots("p")[0]
	if got.Units != 1 || got.Posted != 1 || got.Available != 0 || got.Total.Micros != price || got.Check() != nil {
		t.Errorf("got %+v, want the one charged unit at its price", got)
	}
	var canceled *ledger.LotError
	if err := b.CancelLot("l", "again", start); !errors.Is(err, ledger.ErrCanceled) || !errors.As(err, &canceled) || canceled.Lot.Canceled.IsZero() {
		t.Errorf("canceled twice: %v", err)
	}
	if err := b.AddLot(lotOf(1, 1), start); !errors.Is(err, ledger.ErrDuplicate) || !errors.As(err, &canceled) || canceled.Lot.Booked.IsZero() {
		t.Errorf("its id again: %v", err)
	}
	held, err := b.Hold(idv.Intent{Attempt: "a3", Provider: "p", At: start}, start)
	if err != nil || held.Lot != "open:p" {
		t.Errorf("the next call draws on %q, %v; want the open lot", held.Lot, err)
	}
}

func TestUsageKeepsCurrenciesApart(t *testing.T) {
	t.Parallel()
	var tally ledger.Tally
	for _, currency := range []string{"USD", "CNY", "CNY"} {
		tally.Add(ledger.Use{Month: "2026-03", Provider: "p", Calls: 1, Amount: idv.Money{Micros: 5, Currency: currency}})
	}
	list := tally.List()
	if len(list) != 2 || list[0].Amount.String() != "0.00001 CNY" || list[1].Amount.String() != "0.000005 USD" {
		t.Errorf("got %+v", list)
	}
}
