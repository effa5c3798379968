package ledger

import (
	"cmp"
	"errors"
	"slices"

	"golang.org/x/text/currency"

	"github.com/heyan-id/heyan/engine/idv"
)

var errCurrency = errors.New("must be a currency of ISO 4217, such as CNY")

// ParseCurrency returns the ISO 4217 code of a currency in capital letters. It refuses codes
// that are no money: XXX (no currency), XTS (tests) and the metals.
func ParseCurrency(text string) (string, error) {
	unit, err := currency.ParseISO(text)
	code := unit.String()
	// The X-codes that are money are those of the CFA, East Caribbean and CFP unions.
	if err != nil || code[0] == 'X' && !slices.Contains([]string{"XAF", "XCD", "XOF", "XPF"}, code) {
		return "", errCurrency
	}
	return code, nil
}

// CurrencyOf returns the currency of a ledger with these lots: the one that most of them
// have. A ledger of an earlier version may hold several. A canceled lot does not count, so
// that one in the wrong currency can be taken back. It is "" before the first amount.
func CurrencyOf(lots []Balance) string {
	count := map[string]int{}
	for i := range lots {
		if l := &lots[i]; l.Total.Currency != "" && l.Canceled.IsZero() {
			count[l.Total.Currency]++
		}
	}
	most := ""
	for c, n := range count {
		if n > count[most] || n == count[most] && c < most {
			most = c
		}
	}
	return most
}

// CurrencyError refuses an amount in another currency than that of the ledger. It is an
// idv.ErrCurrency.
type CurrencyError struct{ Ledger, Given string }

// Error names both currencies and the remedy.
func (e *CurrencyError) Error() string {
	return "the ledger is kept in " + e.Ledger + ", and the amount is in " + e.Given + "; convert it to " + e.Ledger +
		" at the rate of the payment, or keep a database for each currency"
}

// Unwrap returns idv.ErrCurrency.
func (e *CurrencyError) Unwrap() error { return idv.ErrCurrency }

// keepCurrency returns a *CurrencyError for an amount in another currency than the ledger's.
func (b *Book) keepCurrency(m idv.Money) error {
	if b.currency != "" && m.Currency != "" && m.Currency != b.currency {
		return &CurrencyError{Ledger: b.currency, Given: m.Currency}
	}
	b.currency = cmp.Or(b.currency, m.Currency)
	return nil
}
