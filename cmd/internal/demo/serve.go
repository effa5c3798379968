package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// The apps of the daemon's callers.
const (
	exampleApp = "demo"
	trafficApp = "demo traffic"
)

// ServeConfig returns the configuration of the daemon that shows everything: consent is
// required, and both companies are recipients. Its listeners use port 0.
func (d *Demo) ServeConfig() config.Config {
	c := withConsent(d.config)
	c.Policy.Consent.Uses = 1000
	return c
}

// Caller calls the daemon of the demonstration as a customer's program would.
type Caller struct {
	demo     *Demo
	url, key string
	client   http.Client
	consents map[string]string // of the traffic, by name
	calls    int
}

// NewCaller returns a caller of the daemon at a base URL. Close ends its connections.
func (d *Demo) NewCaller(url, key string) *Caller {
	return &Caller{demo: d, url: url, key: key, client: http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{}}, consents: map[string]string{}}
}

// Close closes the idle connections.
func (c *Caller) Close() { c.client.CloseIdleConnections() }

// Seed gives the daemon packages of both vendors, verifications with each verdict, a failover,
// and a consent for the person of the examples, whose id it returns.
func (c *Caller) Seed(ctx context.Context) (consent string, err error) {
	for _, lot := range []map[string]any{
		{"id": "order-1001", "provider": first, "units": 1000, "amount": "69.00"},
		{"id": "order-1002", "provider": first, "units": 100, "amount": "10.00", "expires": time.Now().AddDate(0, 0, 20).UTC()},
		{"id": "order-2001", "provider": second, "units": 5000, "amount": "500.00"},
	} {
		if err := c.post(ctx, "/v1/ledger/lots", lot, nil); err != nil {
			return "", err
		}
	}
	for range customers() {
		if err := c.verify(ctx); err != nil {
			return "", err
		}
	}
	if err := c.maintenance(ctx, 1); err != nil {
		return "", err
	}
	return c.agree(ctx, agreeing(), exampleApp)
}

// trafficEvery is how many verifications pass between two short maintenances of the first
// vendor.
const trafficEvery = 20

// Run makes a verification in each interval until ctx is done, and lets the first vendor be in
// maintenance now and then. Faults are ignored: it may be what an operator tries out.
func (c *Caller) Run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if c.calls%trafficEvery == trafficEvery-1 {
			_ = c.maintenance(ctx, 2)
			continue
		}
		_ = c.verify(ctx)
	}
}

// maintenance makes a verification while the first vendor answers 9999, which the second one
// answers.
func (c *Caller) maintenance(ctx context.Context, count int64) error {
	if err := c.demo.sandbox.SetScenario(sandbox.Scenario{Vendor: first, Mode: sandbox.ModeMaintenance, Count: count}); err != nil {
		return err
	}
	return c.verify(ctx)
}

// customers are the persons of the traffic: each has an ID number of its own, since a person's
// newer consent replaces the one before.
func customers() []person {
	return []person{
		{"李四", "110105198203071028"}, {"王五", "11010519860307106X"}, disagreeing(), {"赵六", "110105198403071049"},
		{"无记录", "110105198003071007"}, {"孙七", "110105198103071012"},
	}
}

// verify verifies one person after the other, with a consent for each. A used-up consent is
// replaced at the next turn.
func (c *Caller) verify(ctx context.Context) error {
	people := customers()
	p := people[c.calls%len(people)]
	c.calls++
	if c.consents[p.name+p.number] == "" {
		id, err := c.agree(ctx, p, trafficApp)
		if err != nil {
			return err
		}
		c.consents[p.name+p.number] = id
	}
	err := c.post(ctx, "/v1/verifications", verification(p, trafficApp, c.consents[p.name+p.number]), nil)
	if err != nil {
		delete(c.consents, p.name+p.number)
	}
	return err
}

// agree records that a person read the notice and agreed.
func (c *Caller) agree(ctx context.Context, p person, app string) (id string, err error) {
	var made struct {
		ID   string `json:"id"`
		Hash string `json:"text_hash"`
	}
	draft := map[string]any{"app": app, "purpose": purpose, "subject": map[string]string{"name": p.name, "id_number": p.number}, "channel": "web", "presenter": "heyan demo"}
	if err := c.post(ctx, "/v1/consents", draft, &made); err != nil {
		return "", err
	}
	if err := c.post(ctx, "/v1/consents/"+made.ID+":present", nil, nil); err != nil {
		return "", err
	}
	return made.ID, c.post(ctx, "/v1/consents/"+made.ID+":give", map[string]string{"text_hash": made.Hash, "action": "checkbox"}, nil)
}

// post posts JSON and decodes the answer. The error holds the type of the problem alone.
func (c *Caller) post(ctx context.Context, path string, body, into any) error {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body) // maps of texts, numbers and times cannot fail
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	reply, err := c.client.Do(r)
	if err != nil {
		return fmt.Errorf("the daemon of the demonstration does not answer: %w", err)
	}
	defer func() { _ = reply.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(reply.Body, 1<<20))
	if err != nil {
		return err
	}
	if reply.StatusCode >= http.StatusMultipleChoices {
		var problem struct {
			Type   string `json:"type"`
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(answer, &problem) // an unreadable one leaves the status
		return fmt.Errorf("the daemon of the demonstration answers %d %s: %s", reply.StatusCode, problem.Type, problem.Detail)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// verification is the body of a request to heyan about a fictitious person.
func verification(p person, app, consent string) map[string]any {
	return map[string]any{
		"check": "id_name", "purpose": purpose, "app": app, "consent_id": consent, "subject": map[string]string{"name": p.name, "id_number": p.number},
	}
}

// Body returns the JSON of a request to heyan about a fictitious person with a consent, for an
// example with curl.
func Body(consent string) string {
	text, _ := json.Marshal(verification(agreeing(), exampleApp, consent)) // which cannot fail
	return string(text)
}

// Maintenance returns the JSON that puts the first vendor into maintenance for ten seconds.
func Maintenance() string {
	return fmt.Sprintf(`{"vendor":%q,"mode":"maintenance","for_ms":10000}`, first)
}
