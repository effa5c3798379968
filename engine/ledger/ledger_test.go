package ledger_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

func TestLotFaults(t *testing.T) {
	t.Parallel()
	good := ledger.Lot{ID: "l", Provider: "p", Units: 1, Bought: start}
	tests := []struct {
		name  string
		spoil func(*ledger.Lot)
		ok    bool
	}{
		{"good", func(*ledger.Lot) {}, true},
		{"free", func(l *ledger.Lot) { l.Total = idv.Money{} }, true},
		{"no id", func(l *ledger.Lot) { l.ID = "" }, false},
		{"the id of an open lot", func(l *ledger.Lot) { l.ID = "open:p" }, false},
		{"open", func(l *ledger.Lot) { l.Open = true }, false},
		{"no provider", func(l *ledger.Lot) { l.Provider = "" }, false},
		{"yuan", func(l *ledger.Lot) { l.Total = idv.Money{Micros: 1, Currency: "CNY"} }, true},
		{"a currency in small letters", func(l *ledger.Lot) { l.Total = idv.Money{Micros: 1, Currency: "cny"} }, false},
		{"no currency", func(l *ledger.Lot) { l.Total = idv.Money{Micros: 1} }, false},
		{"XXX", func(l *ledger.Lot) { l.Total = idv.Money{Micros: 1, Currency: "XXX"} }, false},
		{"no units", func(l *ledger.Lot) { l.Units = 0 }, false},
		{"negative price", func(l *ledger.Lot) { l.Total.Micros = -1 }, false},
		{"never bought", func(l *ledger.Lot) { l.Bought = time.Time{} }, false},
		{"bought after it expired", func(l *ledger.Lot) { l.Expires = start }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := good
			tt.spoil(&l)
			if err := l.Validate(); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestUnbalancedLotIsFound(t *testing.T) {
	t.Parallel()
	for _, b := range []ledger.Balance{
		{Lot: ledger.Lot{Units: 2}, Available: 1},
		{Lot: ledger.Lot{Units: 1}, Available: 2, Held: -1},
		{Lot: ledger.Lot{Units: 1}, Posted: 1, Left: 1},
	} {
		if b.Check() == nil {
			t.Errorf("%+v passed", b)
		}
	}
}

func TestWordsGoBothWays(t *testing.T) {
	t.Parallel()
	for s := ledger.StateUnknown; s <= ledger.StateVoided; s++ {
		var back ledger.State
		if text, _ := s.MarshalText(); back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v came back as %v", s, back)
		}
	}
	for a := ledger.Bought; a <= ledger.WrittenOff; a++ {
		var back ledger.Account
		if text, _ := a.MarshalText(); back.UnmarshalText(text) != nil || back != a {
			t.Errorf("%v came back as %v", a, back)
		}
	}
	if new(ledger.State).UnmarshalText([]byte("x")) == nil || new(ledger.Account).UnmarshalText([]byte("x")) == nil {
		t.Error("an unlisted word was taken")
	}
	if ledger.State(9).String() != "invalid" || ledger.Account(9).String() != "invalid" {
		t.Error("a number outside the list has a word")
	}
}

func TestMonthIsThatOfChina(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"2026-10-31T15:59:59Z": "2026-10", "2026-10-31T16:00:00Z": "2026-11", "2026-12-31T20:00:00Z": "2027-01"} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := ledger.Month(at); got != want {
			t.Errorf("%s is in %s, want %s", text, got, want)
		}
	}
}
