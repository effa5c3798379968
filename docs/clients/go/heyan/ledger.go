package heyan

import (
	"context"
	"net/http"
	"time"
)

// Balance sums up the prepaid packages of one provider.
type Balance struct {
	Provider     string `json:"provider"`
	Lots         int    `json:"lots"`
	Units        int64  `json:"units"`     // calls bought
	Available    int64  `json:"available"` // calls left
	Held         int64  `json:"held"`      // reserved for calls in flight
	Posted       int64  `json:"posted"`    // charged by the vendor
	Unknown      int64  `json:"unknown"`   // possibly charged
	Left         Cost   `json:"left"`      // value of the calls left
	Unbooked     int64  `json:"unbooked"`  // calls without a package
	UnbookedCost Cost   `json:"unbooked_cost"`
}

// Balances returns the balance of each provider. The key needs the scope ledger.
func (c *Client) Balances(ctx context.Context) ([]Balance, error) {
	var out struct{ Providers []Balance }
	err := c.do(ctx, operation{name: "balance", method: http.MethodGet, path: "/v1/ledger/balance", required: "providers", repeatable: true}, &out)
	return out.Providers, err
}

// Provider is a configured provider and its availability.
type Provider struct {
	Name      string    `json:"name"`
	Use       string    `json:"use"` // the adapter
	Version   string    `json:"version"`
	Check     Check     `json:"check"`
	Fidelity  string    `json:"fidelity"`
	Recipient string    `json:"recipient"` // who receives the personal data
	Price     Cost      `json:"price"`
	Available bool      `json:"available"`
	Reason    string    `json:"reason"` // why it is unavailable
	Until     time.Time `json:"until"`  // when it is tried again; zero if unknown
}

// Providers returns the providers in the order of the configuration. The key needs the
// scope admin.
func (c *Client) Providers(ctx context.Context) ([]Provider, error) {
	var out struct{ Providers []Provider }
	err := c.do(ctx, operation{name: "listProviders", method: http.MethodGet, path: "/v1/providers", required: "providers", repeatable: true}, &out)
	return out.Providers, err
}
